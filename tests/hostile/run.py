"""Sends what an attack draws, from several hands at once, and counts what comes of it."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic

from tests.deploy.production import HOST
from tests.hostile.attack import Attack
from tests.hostile.chance import Chance
from tests.hostile.client import Answer, Asked, Connection

HANDS = 6
SHED = 503  # with Retry-After: more was asked than the machine could answer just then
KINDS = ("2xx", "3xx", "4xx", "5xx")


@dataclass
class Count:
    """What came of all requests."""

    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    took_s: list[float] = field(default_factory=list)
    shed: int = 0
    wrong: list[tuple[Asked, Answer]] = field(default_factory=list)  # a 5xx, or no answer
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> int:
        """Return how many requests there were."""
        return sum(found.total() for found in self.answers.values())

    def note(self, asked: Asked, answer: Answer) -> None:
        """Take down an answer; broken HTTP may be answered by closing."""
        with self._lock:
            self.answers[asked.group][answer.status] += 1
            if not asked.closes:
                self.took_s.append(answer.took_s)
            if answer.status == SHED and answer.retry_after:
                self.shed += 1
            elif (answer.status >= 500 and answer.status != asked.right) or (
                answer.status == 0 and not asked.closes
            ):
                self.wrong.append((asked, answer))

    def lines(self) -> Iterator[str]:
        """Return it as a table."""
        yield f"{'':18} {'asked':>8}" + "".join(f"{kind:>9}" for kind in (*KINDS, "none"))
        for group, found in sorted(self.answers.items()):
            by = Counter[int]()
            for status, number in found.items():
                by[status // 100] += number
            cells = "".join(f"{by[kind]:9,}" for kind in (2, 3, 4, 5, 0))
            yield f"{group:18} {found.total():8,}{cells}"
        ranked = sorted(self.took_s)
        p50, p99 = (ranked[len(ranked) * part // 100] * 1000 for part in (50, 99))
        yield f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {ranked[-1]:.1f} s, shed {self.shed}"
        for asked, answer in self.wrong[:50]:
            yield f"{answer.status} {asked.method} {asked.path[:500]} {asked.body[:1000]!r}"


def strike(attack: Attack, port: int, *, requests: int, seconds: float, seed: int) -> Count:
    """Send so many requests, or as many as so many seconds allow."""
    count, until = Count(), monotonic() + seconds

    def hand(number: int) -> None:
        rng = Chance(seed, number)
        with closing(Connection(("127.0.0.1", port), HOST)) as connection:
            for _ in range(requests // HANDS + 1):
                if monotonic() > until:
                    return
                asked = attack.drawn(rng)
                count.note(asked, connection.ask(asked))

    hands = [threading.Thread(target=hand, args=(number,)) for number in range(HANDS)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    return count
