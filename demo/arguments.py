"""What was asked for on the command line of `make demo`? (demo)"""

import argparse
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.lab.truths import TRUTHS

PORT = 8000
OF_INTERACTIONS = frozenset({"learner", "time", "order"})
OF_BOTH = "course"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of one run. Without own files it is the demo world."""

    check: bool
    port: int
    catalogue: Path | None
    interactions: Path | None
    columns: tuple[str, ...]  # field=column, or interactions.field=column
    truth: str = ""  # of a lab to play instead of the demo world

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the own files that were named."""
        return tuple(path for path in (self.catalogue, self.interactions) if path)

    def columns_of(self, name: str) -> list[str]:
        """Return the field=column pairs for one of the files: "catalogue" or "interactions"."""
        return [pair for file, pair in map(_addressed, self.columns) if file in (name, "both")]


def parse(words: Sequence[str]) -> Asked:
    """Return what was asked; end the program with a clear sentence where it cannot be done."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="try every page, print, stop")
    parser.add_argument("--port", type=int, help=f"default {PORT}")
    parser.add_argument("--truth", choices=sorted(TRUTHS), default="", help="play a lab instead")
    parser.add_argument("--catalogue", type=Path, help="courses: .csv, .csv.gz or .parquet")
    parser.add_argument("--interactions", type=Path, help="who took which course, in order")
    parser.add_argument(
        "--map",
        default="",
        help="field=column,field=column; interactions.course=column for one file only",
    )
    found = parser.parse_args(words)
    missing = [path for path in (found.catalogue, found.interactions) if path and not path.exists()]
    if missing:
        parser.error(f"{missing[0]} does not exist. Give the path of a file.")
    if found.interactions and not found.catalogue:
        parser.error("INTERACTIONS= needs CATALOGUE= too: the courses have to be known first.")
    if found.truth and found.catalogue:
        parser.error("TRUTH= is a made world; leave CATALOGUE= away, or play your own without it.")
    columns = tuple(part.strip() for part in found.map.split(",") if part.strip())
    if any("=" not in part for part in columns):
        parser.error("MAP= is written like MAP=course=item_id,title=name.")
    port = _port(found.port, check=found.check)
    if port is None:
        parser.error(
            f"Port {found.port or PORT} is taken. Stop what uses it, or choose another: "
            f"make demo PORT={(found.port or PORT) + 1}"
        )
    return Asked(found.check, port, found.catalogue, found.interactions, columns, found.truth)


def _addressed(pair: str) -> tuple[str, str]:
    """Return for which file a pair is meant, and the pair without its address."""
    file, dot, rest = pair.partition(".")
    if dot and file in {"catalogue", "interactions"}:
        return file, rest
    field = pair.partition("=")[0].strip()
    if field == OF_BOTH:
        return "both", pair
    return "interactions" if field in OF_INTERACTIONS else "catalogue", pair


def _port(wanted: int | None, *, check: bool) -> int | None:
    """Return a free port: the one wanted, for a check any, or None where it is taken."""
    for number in (wanted or PORT, *((0,) if check and not wanted else ())):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return None
