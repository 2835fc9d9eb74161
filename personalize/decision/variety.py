"""Which of the best courses make a list together? (L4, pure) No field and no school fills it.

A list should be of the fields a learner learns in, in about the shares in which they do (calibrated
re-ranking: Steck, "Calibrated Recommendations", RecSys 2018): beyond its share, each further course
of a field is lowered a little. Two caps hold whatever the scores, while others have something.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush, nlargest
from math import inf

import numpy as np
from numpy.typing import NDArray

from personalize.data import Objectives
from personalize.decision.shelf import Floats, Places, Shelf

Mask = NDArray[np.bool_]

VARIETY = 0.25  # taken off the last of k courses of one field that the learner does not learn in
POOL = 48  # courses that compete for the places, at least 3 for each
RIVALS = 4  # courses that would come next, for the question what a pick stands on


@dataclass(frozen=True, slots=True)
class Caps:
    """How many places a list has, and the most of them that one field and one school take."""

    places: int
    field: int
    provider: int


def caps_of(objectives: Objectives, k: int) -> Caps:
    """Return what the shares that people decided come to in a list of k."""
    return Caps(k, most_of(objectives.field_share, k), most_of(objectives.provider_share, k))


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


NO_FIELD = -1  # courses of no field stand in one queue, never lowered and never full


@dataclass(slots=True)
class _Table:
    """A list in the making, in plain numbers: comparing the heads of a few queues costs less than
    array calls would.
    """

    totals: list[float]
    providers: list[int]
    queues: dict[int, _Queue]
    step: float
    field_most: int
    provider_most: int
    heads: list[tuple[float, int, int]] = field(default_factory=list)  # a heap, the best first
    full: list[int] = field(default_factory=list)  # fields that have their most
    spare: list[int] = field(default_factory=list)  # courses of schools that have their most
    of_provider: dict[int, int] = field(default_factory=dict)
    chosen: list[int] = field(default_factory=list)
    lowered: list[float] = field(default_factory=list)

    def fill(self, k: int) -> None:
        """Choose k courses, fewer where there are no more."""
        for code in self.queues:
            self._line_up(code)
        while len(self.chosen) < k and (self.heads or self._open_full()):
            self._take()
        for at in self.spare[: k - len(self.chosen)]:  # a short list helps nobody
            self._choose(at, 0.0)

    def next_best(self) -> list[tuple[float, int]]:
        """Return score and position of those that would come next."""
        return nlargest(
            RIVALS,
            [
                (self.totals[at] - self._lowered(queue), at)
                for queue in self.queues.values()
                for at in queue.waiting[-2:]
            ],
        )

    def _take(self) -> None:
        _score, at, code = heappop(self.heads)
        queue = self.queues[code]
        queue.waiting.pop()
        provider = self.providers[at]
        taken = self.of_provider.get(provider, 0)
        if provider >= 0 and taken >= self.provider_most:
            self.spare.append(at)
        else:
            self.of_provider[provider] = taken + 1
            self._choose(at, self._lowered(queue))
            queue.chosen += 1
        if code >= 0 and queue.chosen == self.field_most:
            self.full.append(code)
        else:
            self._line_up(code)

    def _open_full(self) -> bool:
        """Let full fields in again where only they have something left; say whether one has."""
        self.field_most = len(self.totals)
        codes, self.full = self.full, []
        for code in codes:
            self._line_up(code)
        return bool(self.heads)

    def _line_up(self, code: int) -> None:
        queue = self.queues[code]
        if queue.waiting:
            at = queue.waiting[-1]
            heappush(self.heads, (self._lowered(queue) - self.totals[at], at, code))

    def _lowered(self, queue: _Queue) -> float:
        """Return what is taken off the next course of a field."""
        over = queue.chosen - queue.due
        return self.step * over if over > 0 else 0.0

    def _choose(self, at: int, lowered: float) -> None:
        self.chosen.append(at)
        self.lowered.append(lowered)


def pick(totals: Floats, among: Mask, shelf: Shelf, shares: Floats, caps: Caps) -> Picked:
    """Choose the best places, one after the other; shares are the learner's own, by field code."""
    k = caps.places
    order = _competing(totals, among, shelf, caps)
    due = (k * shares).tolist() if len(shares) else [0.0] * len(shelf.field_codes)
    table = _Table(
        totals=totals[order].tolist(),
        providers=shelf.providers[order].tolist(),
        queues=_by_field(shelf.fields[order].tolist(), due),
        step=VARIETY / max(k, 1),
        field_most=caps.field,
        provider_most=caps.provider,
    )
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
    """Return a queue for each field, and one for courses of none."""
    queues: dict[int, _Queue] = {}
    for at in range(len(fields) - 1, -1, -1):
        code = fields[at]
        queue = queues.get(code)
        if queue is None:
            queue = queues[code] = _Queue([], inf if code == NO_FIELD else due[code])
        queue.waiting.append(at)
    return queues


def _competing(totals: Floats, among: Mask, shelf: Shelf, caps: Caps) -> Places:
    """Return the best places, with enough of other fields and schools than the one that fills."""
    order = _best(totals, among, max(POOL, 3 * caps.places))
    for codes, most in ((shelf.fields, caps.field), (shelf.providers, caps.provider)):
        order = _with_others(order, totals, among, codes, caps.places - most)
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
