"""L5: what does a course look like? Contour lines drawn from its number, pure and repeatable."""

import math
from functools import lru_cache
from zlib import crc32

TONES = 5  # colours --c1 .. --c5 of ui.css
WIDTH, HEIGHT = 320, 140
RINGS = 9
BOLD_RING = 2
BOLD = ' class="b"'
POINTS = 18  # a ring; curves between them are smooth

Point = tuple[float, float]


def smooth(points: list[Point]) -> str:
    """Return SVG path data of a closed curve that bends at each point."""
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for a, b in zip(points, points[1:] + points[:1], strict=True)
    ]
    start = middles[-1]
    bends = (
        f"Q{bend[0]:.0f} {bend[1]:.0f} {end[0]:.0f} {end[1]:.0f}"
        for bend, end in zip(points, middles, strict=True)
    )
    return f"M{start[0]:.0f} {start[1]:.0f}{''.join(bends)}Z"


def ring(centre: Point, radius: float, *, seed: float, twist: float, count: int = POINTS) -> str:
    """Return one contour line: a circle pushed in and out by a few low frequencies."""
    points = []
    for step in range(count):
        angle = 2 * math.pi * step / count
        push = 1 + 0.16 * math.sin(2 * angle + seed) + 0.11 * math.sin(3 * angle + twist)
        points.append(
            (
                centre[0] + radius * push * 1.25 * math.cos(angle),
                centre[1] + radius * push * 0.8 * math.sin(angle),
            )
        )
    return smooth(points)


def tone(name: str) -> int:
    """Return the colour number of a field, the same on every page and every day."""
    return 1 + crc32(name.encode()) % TONES


@lru_cache(maxsize=4096)
def cover(course_id: int, colour: int) -> str:
    """Return a course's cover as an SVG element; its lines depend on the course alone."""
    number = crc32(course_id.to_bytes(8, "big", signed=True))
    centre = (60.0 + number % 200, 24.0 + (number >> 8) % 88)
    seed = (number >> 16) % 628 / 100
    lines = "".join(
        f'<path d="{ring(centre, 18 + 21 * i, seed=seed, twist=seed * 2.1 + i * 0.28)}"'
        f"{BOLD if i == BOLD_RING else ''}/>"
        for i in range(RINGS)
    )
    return (
        f'<svg class="cov t{colour}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" preserveAspectRatio="xMidYMid slice" aria-hidden="true" '
        f'focusable="false">{lines}<circle cx="{centre[0]:.0f}" cy="{centre[1]:.0f}" r="6"/></svg>'
    )


@lru_cache(maxsize=8)
def hills(width: int, height: int) -> str:
    """Return the path elements of the map behind the sign-in: two hills, every fourth line bold."""
    tops = ((width * 0.30, height * 0.60, 3.0, 11), (width * 0.80, height * 0.22, 7.0, 9))
    return "".join(
        f'<path d="{ring((x, y), 34 + 46 * i, seed=seed, twist=seed * 2.1 + i * 0.22, count=28)}"'
        f"{'' if i % 4 else BOLD}/>"
        for x, y, seed, count in tops
        for i in range(count)
    )
