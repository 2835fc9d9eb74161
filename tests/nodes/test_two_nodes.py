"""Two web nodes and two worker nodes on one database: one dies, one is cut off, both come back."""

import json
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import pytest

from personalize import local
from tests.chaos.product import SERVERS, Product, bring_history
from tests.factories import moment
from tests.nodes.network import INNER, OUTER, POSTGRES, VALKEY, able, forwarded, machines
from tests.nodes.nodes import Node, hidden_everywhere_s, started
from tests.signals.spool.deployment import Ledger

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(not able(), reason="needs root and ip (Debian: iproute2)"),
]

EVENTS, SENDERS = 20, 2  # a batch; clients of each node
COHERENT_S = 2.0


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[Node]]:
    """Return two nodes that run."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="northway-nodes-"))
        Path(folder).chmod(0o755)
        product = Product(Path(folder) / "var", held={SERVERS})
        local.start(product.var)
        stack.callback(local.remove, product.var)
        product.manage("migrate", "-v", "0")
        product.manage("migrate", "--database", "keys", "-v", "0")
        words = product.manage("create_key", "lms", "--scopes", "capture,recommend").split()
        [product.key] = [word for word in words if word.startswith("nw_")]
        bring_history(product)
        found = [Node(machine, product) for machine in stack.enter_context(machines(2))]
        sockets = Path(json.loads((product.var / "place.json").read_text())["sockets"])
        stack.enter_context(forwarded(POSTGRES, str(sockets / ".s.PGSQL.5432")))
        stack.enter_context(forwarded(VALKEY, str(sockets / "valkey.sock")))
        stack.enter_context(started(found))
        yield found


class Traffic:
    """Clients of both nodes, with a ledger, and what each node answered who asked for lists."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes, self.ledger, self.over = nodes, Ledger(), threading.Event()
        self.statuses = [Counter[int]() for _ in nodes]
        self.sources = [Counter[str]() for _ in nodes]
        self.longest_s = [0.0 for _ in nodes]

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Let them send and ask while the block runs."""
        threads = [
            threading.Thread(target=work, args=(number,))
            for number in range(len(self.nodes))
            for work in (self._send, self._send, self._ask)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(60)

    def _send(self, number: int) -> None:
        """Send each batch to this node until it is acknowledged, else to the other one."""
        while not self.over.is_set():
            events = [
                {
                    "id": str(uuid4()),
                    "learner": f"learner-{number}-{n}",
                    "kind": "search.performed",
                    "value": 1,
                    "context": {"query": f"wish {n}"},
                    "occurred_at": moment(minutes=1).isoformat(),
                }
                for n in range(EVENTS)
            ]
            ids = {str(event["id"]) for event in events}
            with self.ledger.lock:
                self.ledger.sent |= ids
            body, turn = json.dumps({"batch": events}).encode(), number
            while not self.over.is_set():
                if self.nodes[turn % len(self.nodes)].send(self.ledger, ids, body) == 200:
                    break
                turn += 1
            self.over.wait(0.02)

    def _ask(self, number: int) -> None:
        node, turn = self.nodes[number], 0
        while not self.over.wait(0.02):
            members, begun = node.product.members, monotonic()
            status, told = node.asked(members[turn % len(members)])
            self.longest_s[number] = max(self.longest_s[number], monotonic() - begun)
            self.statuses[number][status] += 1
            self.sources[number][str(told.get("source", ""))] += 1
            turn += 1

    def agrees(self) -> None:
        """Hold the ledger against what is stored, once nothing waits on any disk."""
        until = monotonic() + 90
        while any(node.waiting() for node in self.nodes):
            assert monotonic() < until, "events still wait on a disk"
            sleep(0.1)
        stored = self.nodes[0].product.stored()
        print(f"{len(self.ledger.acked)} acknowledged, {self.ledger.spooled} by disk;", end=" ")  # noqa: T201
        waited = " and ".join(f"{one:.1f} s" for one in self.longest_s)
        print(f"lists {self.statuses}, {self.sources}; the slowest took {waited}")  # noqa: T201
        assert len(stored) == len(set(stored))
        assert self.ledger.acked
        assert self.ledger.acked <= set(stored)


def a_course(node: Node, name: str) -> str:
    """Return the first course of a learner's list."""
    _status, told = node.asked(name)
    items = told["items"]
    assert isinstance(items, list)
    return str(items[0]["course"])


def test_what_is_hidden_is_gone_from_both_nodes_in_two_seconds(nodes: list[Node]) -> None:
    name = nodes[0].product.members[1]
    took = hidden_everywhere_s(nodes[0].product, nodes, a_course(nodes[0], name), name)
    print(f"gone from both after {took:.2f} s")  # noqa: T201
    assert took <= COHERENT_S


def test_a_node_dies_and_comes_back_and_the_other_goes_on(nodes: list[Node]) -> None:
    traffic = Traffic(nodes)
    with traffic.going_on():
        sleep(2)
        nodes[0].kill()
        sleep(5)
        nodes[0].start()
        sleep(2)
    traffic.agrees()
    assert set(traffic.statuses[1]) == {200}
    assert set(traffic.statuses[0]) <= {200, 0}


def test_a_node_cut_off_from_the_servers_answers_and_keeps_what_comes(nodes: list[Node]) -> None:
    traffic = Traffic(nodes)
    with traffic.going_on():
        sleep(2)
        nodes[1].machine.cut(INNER)
        sleep(12)
        nodes[1].machine.mend(INNER)
        nodes[1].wait()
        sleep(3)
    traffic.agrees()
    assert set(traffic.statuses[0]) == {200}
    assert set(traffic.statuses[1]) == {200}
    assert traffic.ledger.spooled
    name = nodes[0].product.members[2]
    assert (
        hidden_everywhere_s(nodes[0].product, nodes, a_course(nodes[0], name), name) <= COHERENT_S
    )


def test_a_node_cut_off_from_clients_comes_back(nodes: list[Node]) -> None:
    traffic = Traffic(nodes)
    with traffic.going_on():
        sleep(2)
        nodes[1].machine.cut(OUTER)
        sleep(8)
        nodes[1].machine.mend(OUTER)
        nodes[1].wait()
        sleep(2)
    traffic.agrees()
    assert set(traffic.statuses[0]) == {200}
    assert set(traffic.statuses[1]) <= {200, 0}
