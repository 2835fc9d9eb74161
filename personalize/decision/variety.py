"""Which of the best courses make a list together? (L4, pure) No field and no school fills it.

A list should be of the fields a learner learns in, in about the shares in which they do (calibrated
re-ranking: Steck, "Calibrated Recommendations", RecSys 2018): beyond its share, each further course
of a field is lowered a little. Two caps hold whatever the scores, while others have something.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

from personalize.decision.shelf import Floats, Places, Shelf

Mask = NDArray[np.bool_]

VARIETY = 0.25  # taken off the last of k courses of one field that the learner does not learn in
FIELD_SHARE = 0.75  # of a list, the most that one field takes while others have something
PROVIDER_SHARE = 0.5  # and one school or organisation
POOL = 48  # courses that compete for the places, at least 3 for each
RIVALS = 4  # courses that would come next, for the question what a pick stands on


@dataclass(frozen=True, slots=True)
class Picked:
    """The chosen places, first to last, and those that would come next."""

    places: Places
    lowered: Floats  # what variety took off each chosen one
    rivals: Places
    rival_totals: Floats  # lowered alike


@dataclass(slots=True)
class _Queue:
    """The courses of one field that compete: positions, the best last, and how many were taken."""

    waiting: list[int]
    due: float  # places the learner's own share of the field comes to
    chosen: int = 0

    def lowered(self, step: float) -> float:
        """Return what is taken off the next course of this field."""
        return step * max(0.0, self.chosen - self.due)


@dataclass(slots=True)
class _Table:
    """A list in the making, in plain numbers: comparing the heads of a few queues costs less than
    array calls would.
    """

    totals: list[float]
    providers: list[int]
    open: dict[int, _Queue]
    step: float
    field_most: int
    provider_most: int
    full: dict[int, _Queue] = field(default_factory=dict)  # fields that have their most
    spare: list[int] = field(default_factory=list)  # courses of schools that have their most
    of_provider: dict[int, int] = field(default_factory=dict)
    chosen: list[int] = field(default_factory=list)
    lowered: list[float] = field(default_factory=list)

    def take(self) -> bool:
        """Choose the next course; False where none is left but spare ones."""
        if not self.open:  # only full fields have something left
            self.open, self.full, self.field_most = self.full, {}, len(self.totals)
        if not self.open:
            return False
        _total, _first, code = max(
            (self.totals[queue.waiting[-1]] - queue.lowered(self.step), -queue.waiting[-1], code)
            for code, queue in self.open.items()
        )
        queue = self.open[code]
        at = queue.waiting.pop()
        provider = self.providers[at]
        if provider >= 0 and self.of_provider.get(provider, 0) >= self.provider_most:
            self.spare.append(at)
        else:
            self.of_provider[provider] = self.of_provider.get(provider, 0) + 1
            self._choose(at, queue.lowered(self.step))
            queue.chosen += 1
        if not queue.waiting:
            del self.open[code]
        elif queue.chosen == self.field_most:
            self.full[code] = self.open.pop(code)
        return True

    def fill(self, k: int) -> None:
        """Let spare courses in where nothing else is left: a short list helps nobody."""
        for at in self.spare[: max(0, k - len(self.chosen))]:
            self._choose(at, 0.0)

    def _choose(self, at: int, lowered: float) -> None:
        self.chosen.append(at)
        self.lowered.append(lowered)

    def next_best(self) -> list[tuple[float, int]]:
        """Return score and position of those that would come next."""
        return nlargest(
            RIVALS,
            [
                (self.totals[at] - queue.lowered(self.step), at)
                for queue in (*self.open.values(), *self.full.values())
                for at in queue.waiting[-2:]
            ],
        )


def pick(totals: Floats, among: Mask, shelf: Shelf, shares: Floats, k: int) -> Picked:
    """Choose k of some places, one after the other; shares are the learner's own, by field code."""
    order = _competing(totals, among, shelf, k)
    due = (k * shares).tolist() if len(shares) else [0.0] * len(shelf.field_codes)
    table = _Table(
        totals=totals[order].tolist(),
        providers=shelf.providers[order].tolist(),
        open=_by_field(shelf.fields[order].tolist(), due),
        step=VARIETY / max(k, 1),
        field_most=most_of(FIELD_SHARE, k),
        provider_most=most_of(PROVIDER_SHARE, k),
    )
    while len(table.chosen) < k and table.take():
        pass
    table.fill(k)
    rivals = table.next_best()
    return Picked(
        places=order[table.chosen],
        lowered=np.array(table.lowered),
        rivals=order[[at for _, at in rivals]],
        rival_totals=np.array([total for total, _ in rivals]),
    )


def most_of(share: float, k: int) -> int:
    """Return how many of k places a share comes to."""
    return max(1, int(np.ceil(share * k)))


def _by_field(fields: Sequence[int], due: Sequence[float]) -> dict[int, _Queue]:
    """Return a queue for each field; a course of no field has one of its own."""
    queues: dict[int, _Queue] = {}
    for at in range(len(fields) - 1, -1, -1):
        code = fields[at] if fields[at] >= 0 else -1 - at
        if code not in queues:
            queues[code] = _Queue([], due[code] if code >= 0 else 0.0)
        queues[code].waiting.append(at)
    return queues


def _competing(totals: Floats, among: Mask, shelf: Shelf, k: int) -> Places:
    """Return the best places, with enough of other fields and schools than the one that fills."""
    order = _best(totals, among, max(POOL, 3 * k))
    for codes, share in ((shelf.fields, FIELD_SHARE), (shelf.providers, PROVIDER_SHARE)):
        order = _with_others(order, totals, among, codes, k - most_of(share, k))
    return order


def _with_others(
    order: Places, totals: Floats, among: Mask, codes: NDArray[np.int32], wanted: int
) -> Places:
    """Return the order with so many at least that are not of the commonest code."""
    own = codes[order]
    known = own[own >= 0]
    if not len(known):
        return order
    filling = int(np.bincount(known).argmax())
    lacking = wanted - int((own != filling).sum())
    if lacking <= 0:
        return order
    others = among & (codes != filling)
    others[order] = False
    return np.concatenate([order, _best(totals, others, lacking)])


def _best(totals: Floats, among: Mask, n: int) -> Places:
    """Return the best n of some places, best first; ties keep the order of the shelf."""
    places = np.flatnonzero(among)
    if len(places) > n:
        of_these = totals[places]
        places = places[np.argpartition(-of_these, n - 1)[:n]]
        places.sort()
    return places[np.argsort(-totals[places], kind="stable")]
