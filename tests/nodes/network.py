"""Machines as network namespaces: each has a cable to where clients are, and one to the servers.

Needs root and iproute2. The servers listen on sockets of this machine; a forwarder on the address
of the inner network stands for them, so that what a node says to them crosses a cable.
"""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

OUTER, INNER = "10.77.1", "10.77.2"  # clients; PostgreSQL, cache and broker
IP = "/usr/sbin/ip"
POSTGRES, VALKEY = 5432, 6379


def able() -> bool:
    """Say whether namespaces can be made here."""
    return os.geteuid() == 0 and Path(IP).exists()


def ip(*words: str) -> None:
    """Run ip; CalledProcessError where it refuses."""
    subprocess.run([IP, *words], check=True, capture_output=True)  # noqa: S603  our own words


@dataclass(frozen=True, slots=True)
class Machine:
    """One namespace with an address in both networks."""

    number: int

    @property
    def name(self) -> str:
        """Return the namespace's name."""
        return f"northway-{os.getpid()}-{self.number}"

    @property
    def address(self) -> str:
        """Return where clients reach it."""
        return f"{OUTER}.{self.number + 1}"

    def cable(self, network: str) -> str:
        """Return the name of the end of a cable that is outside."""
        return f"nw{os.getpid() % 10_000}{'o' if network == OUTER else 'i'}{self.number}"

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return a command that runs in the namespace."""
        return [IP, "netns", "exec", self.name, *command]

    def cut(self, network: str) -> None:
        """Pull a cable."""
        ip("link", "set", self.cable(network), "down")

    def mend(self, network: str) -> None:
        """Put it back."""
        ip("link", "set", self.cable(network), "up")


@contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    """Make machines with both networks; take all away again."""
    found = [Machine(number) for number in range(1, count + 1)]
    bridges = {network: f"nw{os.getpid() % 10_000}{network[-1]}" for network in (OUTER, INNER)}
    try:
        for network, bridge in bridges.items():
            ip("link", "add", bridge, "type", "bridge")
            ip("addr", "add", f"{network}.1/24", "dev", bridge)
            ip("link", "set", bridge, "up")
        for machine in found:
            ip("netns", "add", machine.name)
            ip("-n", machine.name, "link", "set", "lo", "up")
            for network, bridge in bridges.items():
                _lay(machine, network, bridge)
        yield found
    finally:
        for machine in found:
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", machine.name)
        for bridge in bridges.values():
            with suppress(subprocess.CalledProcessError):
                ip("link", "del", bridge)


def _lay(machine: Machine, network: str, bridge: str) -> None:
    outside, inside = machine.cable(network), f"eth{network[-1]}"
    ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", machine.name)
    ip("link", "set", outside, "master", bridge)
    ip("link", "set", outside, "up")
    address = f"{network}.{machine.number + 1}/24"
    ip("-n", machine.name, "addr", "add", address, "dev", inside)
    ip("-n", machine.name, "link", "set", inside, "up")


@contextmanager
def forwarded(port: int, to: str) -> Iterator[None]:
    """Let whoever connects to a port of the inner network talk to a socket of this machine."""
    with closing(socket.create_server((f"{INNER}.1", port), backlog=256)) as door:
        threading.Thread(target=_serve, args=(door, to), daemon=True).start()
        yield


def _serve(door: socket.socket, to: str) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:  # closed
            return
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(to)
        except OSError:
            line.close()
            server.close()
            continue
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_relay, args=(line, server), daemon=True).start()


def _relay(line: socket.socket, server: socket.socket) -> None:
    with line, server:
        back = threading.Thread(target=_pass_on, args=(server, line), daemon=True)
        back.start()
        _pass_on(line, server)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
