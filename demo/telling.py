"""What does somebody at the terminal see while the demo gets ready? (demo)"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def line(text: str = "") -> None:
    """Print one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print what is being done, and when it is done how long it took."""
    begun = time.monotonic()
    line(f"- {text}")
    yield
    line(f"  done in {time.monotonic() - begun:.1f} s")


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns; the first row is the head."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            line("  ".join("-" * width for width in widths))
