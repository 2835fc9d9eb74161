"""People at the controls: where does each topic lie between wanted and covered? Pure.

On a grid of 600 x 290: demand upwards, supply to the right, both 0 to 1. A name is written where it
hits no dot and no other name; one that fits nowhere is left out: the table has all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 290
LEFT, RIGHT, TOP, BOTTOM = 30.0, 586.0, 28.0, 264.0
MIDDLE_X, MIDDLE_Y = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
LETTER = 6.4  # width of one in a name
SMALL, LARGE = 5.0, 9.0  # radius, by certainty

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A topic to be drawn: shares 0 to 1."""

    name: str
    demand: float
    supply: float
    certainty: float

    @property
    def is_gap(self) -> bool:
        """Say whether it lies in the corner that matters."""
        return self.demand > self.supply


@dataclass(frozen=True, slots=True)
class Dot:
    """A drawn topic; name is empty where it would hit another."""

    x: float
    y: float
    r: float
    gap: bool
    name: str
    name_x: float
    name_y: float
    anchor: str


def drawn(spots: Sequence[Spot], *, most: float) -> tuple[Dot, ...]:
    """Return the dots with their names, the first spots named first; most is the largest demand."""
    rounds = [_round(spot, most) for spot in spots]
    taken: list[Box] = [(x - r - 2, y - r - 2, x + r + 2, y + r + 2) for x, y, r in rounds]
    dots = []
    for spot, (x, y, r) in zip(spots, rounds, strict=True):
        place = next(
            (found for found in _places(spot.name, x, y, r) if _is_free(found[3], taken)), None
        )
        if place is None:
            dots.append(Dot(x, y, r, spot.is_gap, "", 0.0, 0.0, "start"))
            continue
        name_x, name_y, anchor, box = place
        taken.append(box)
        dots.append(
            Dot(x, y, r, spot.is_gap, spot.name, round(name_x, 1), round(name_y, 1), anchor)
        )
    return tuple(dots)


def _round(spot: Spot, most: float) -> tuple[float, float, float]:
    x = LEFT + spot.supply * (RIGHT - LEFT)
    y = BOTTOM - (spot.demand / most if most > 0 else 0.0) * (BOTTOM - TOP)
    return round(x, 1), round(y, 1), round(SMALL + spot.certainty * (LARGE - SMALL), 1)


def _places(name: str, x: float, y: float, r: float) -> list[tuple[float, float, str, Box]]:
    wide = LETTER * len(name)
    found = []
    for dx, dy, anchor in (
        (r + 6, 4.0, "start"),
        (-r - 6, 4.0, "end"),
        (r + 3, -r, "start"),
        (r + 3, r + 9, "start"),
        (-r - 3, -r, "end"),
        (-r - 3, r + 9, "end"),
    ):
        left = x + dx - (wide if anchor == "end" else 0)
        box = (left - 2, y + dy - 11, left + wide + 2, y + dy + 4)
        found.append((x + dx, y + dy, anchor, box))
    return found


def _is_free(box: Box, taken: Sequence[Box]) -> bool:
    inside = box[0] >= LEFT - 20 and box[2] <= WIDTH and box[1] >= TOP - 12 and box[3] <= BOTTOM + 6
    return inside and not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )
