"""Which lists come out for thousands of requests at once under some rules? (L4, pure)

The policy of decision/policy.py and decision/variety.py over arrays of requests, in blocks that
fit the processor's cache. What it chooses for one request is exactly what `policy.rank` chooses
(a test holds both together); where a list runs out of courses, or one field or school fills what
competes, that code itself chooses. Nothing is tried out: those draws are nobody's rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.data import Change, Objectives
from personalize.decision import variety
from personalize.decision.policy import PIN, POPULAR, PREREQUISITE, PREREQUISITE_DEPTH
from personalize.decision.shelf import Shelf
from personalize.decision.whatif.panel import ALLOWED, BLOCKED, NOWHERE, TAKEN, Common, Own, Panel
from personalize.decision.whatif.showings import Showings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Lists = NDArray[np.int32]  # (R, longest) places, NOWHERE past the end
Places = NDArray[np.intp]
Rows = Places | slice

BLOCK = 256  # requests worked on at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The surfaces and learners something is for."""

    surface: int = 0  # code, 0 for all
    returning: bool | None = None  # None: whether somebody is new or not
    goal: int | None = None  # code of a field, None for any goal or none

    def mask(self, own: Own, rows: Rows) -> Mask:
        """Return which requests it acts on."""
        found = np.ones(len(own.k[rows]), dtype=bool)
        if self.surface:
            found &= own.surfaces[rows] == self.surface
        if self.returning is not None:
            found &= own.returning[rows] == self.returning
        if self.goal is not None:
            found &= own.goals[rows] == self.goal
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Meant):
    """One change of one course."""

    place: int
    change: Change
    strength: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Striving(Meant):
    """What some lists strive for."""

    objectives: Objectives


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What people decided, as places, in the order in which it was decided.

    Of what is meant for a list, the first of `strivings` counts; the last is meant for all.
    """

    rules: tuple[Rule, ...]
    strivings: tuple[Striving, ...]
    most_chosen: tuple[int, ...] = ()  # places, for picks that give way


def own_lists(panel: Panel, shelf: Shelf, book: Rulebook, shown: Showings | None = None) -> Lists:
    """Return the lists of all requests whose list a learner's history makes.

    With `shown` one list of a learner after the other: what they were shown before counts.
    """
    own = panel.own
    longest = int(own.k.max(initial=0))
    found = np.full((len(own.k), longest), NOWHERE, dtype=np.int32)
    least = np.zeros(len(own.k))
    by_objectives = list(_by_objectives(own, book))
    turns: Iterable[Places | None] = shown.turns if shown else (None,)
    for turn in turns:
        for objectives, at in by_objectives:
            least[at] = objectives.least_chance
            for rows in _blocks(at if turn is None else np.intersect1d(at, turn)):
                more = shown.more(rows) if shown else None
                found[rows] = _lists(panel, shelf, book, objectives, rows, more)
        if shown and turn is not None:
            shown.add(turn, found[turn])
    if least.any():
        _give_way(found, own, book, least)
    return found


def _lists(
    panel: Panel,
    shelf: Shelf,
    book: Rulebook,
    objectives: Objectives,
    rows: Places,
    more: Floats | None,
) -> Lists:
    """Return the lists of some requests; `more` (requests, courses) is added to the scores."""
    own = panel.own
    found = np.full((len(rows), int(own.k.max(initial=0))), NOWHERE, dtype=np.int32)
    total, allowed = _totals(panel, shelf, book, objectives, rows, more)
    for k in np.unique(own.k[rows]).tolist():
        here = np.flatnonzero(own.k[rows] == k)
        caps = variety.caps_of(objectives, k)
        chosen = _picked(total[here], allowed[here], own.shares[rows][here], shelf, caps)
        _pin(chosen, allowed[here], own, rows, here, book.rules)
        found[here, :k] = chosen
    return found


def common_lists(common: Common, book: Rulebook) -> Lists:
    """Return the lists nobody's history makes: only what is hidden is gone from them."""
    gone = np.zeros(common.places.shape, dtype=bool)
    for rule in book.rules:
        if rule.change is Change.HIDE:
            acts = (common.surfaces == rule.surface) | (rule.surface == 0)
            gone |= (common.places == rule.place) & acts[:, None]
    order = np.argsort(gone, axis=1, kind="stable")
    kept = np.where(gone, NOWHERE, common.places)
    longest = int(common.k.max(initial=0))
    lists = np.take_along_axis(kept, order, axis=1)[:, :longest]
    return np.where(np.arange(longest) < common.k[:, None], lists, NOWHERE).astype(np.int32)


def _by_objectives(own: Own, book: Rulebook) -> Iterator[tuple[Objectives, Places]]:
    """Return the requests by what their lists strive for."""
    left = np.ones(len(own.k), dtype=bool)
    for striving in book.strivings:
        at = np.flatnonzero(left & striving.mask(own, slice(None)))
        left[at] = False
        if len(at):
            yield striving.objectives, at


def _blocks(at: Places) -> Iterator[Places]:
    return (at[start : start + BLOCK] for start in range(0, len(at), BLOCK))


def _totals(
    panel: Panel,
    shelf: Shelf,
    book: Rulebook,
    objectives: Objectives,
    rows: Places,
    more: Floats | None,
) -> tuple[Floats, Mask]:
    """Return the scores and which courses may be shown, both (requests, courses)."""
    own = panel.own
    flags = own.flags[rows]
    allowed, blocked = (flags & ALLOWED) > 0, (flags & BLOCKED) > 0
    for rule in book.rules:
        if rule.change is Change.HIDE:
            allowed[rule.mask(own, rows), rule.place] = False
    base = own.base[rows].astype(np.float64)
    best = np.where(allowed, base, 0.0).max(axis=1, initial=0.0)
    scale = np.divide(own.trust[rows], best, out=np.zeros(len(best)), where=best > 0)
    total: Floats = base * scale[:, None] + own.rest[rows]
    if more is not None:
        total += more
    among = allowed & ~blocked
    for weight, chances in (
        (objectives.engagement, own.opened[rows]),
        (objectives.progression, own.completed[rows]),
    ):
        _strive(total, weight, chances, among)
    _lift(total, allowed, blocked, shelf)
    total += POPULAR * panel.popularity
    _well_known(total, own.usual[rows], panel.popularity, objectives.well_known)
    _overrule(total, own, rows, book.rules)
    return total, among


def _strive(total: Floats, weight: float, chances: NDArray[np.float32], among: Mask) -> None:
    told = ~np.isnan(chances)
    counted = told & among
    n = counted.sum(axis=1)
    values = np.where(told, chances, 0.0).astype(np.float64)
    mean = np.where(counted, values, 0.0).sum(axis=1) / np.maximum(n, 1)
    if weight:
        total += np.where(told & (n > 0)[:, None], weight * (values - mean[:, None]), 0.0)


def _lift(total: Floats, allowed: Mask, blocked: Mask, shelf: Shelf) -> None:
    """Put what is missing near the place of the course that needs it, as the policy does."""
    if not len(shelf.needing):
        return
    needing = np.unique(shelf.needing)
    waiting = np.where((blocked & allowed)[:, needing], total[:, needing], -np.inf)
    if len(needing) > PREREQUISITE_DEPTH:
        least = -np.partition(-waiting, PREREQUISITE_DEPTH - 1, axis=1)[:, PREREQUISITE_DEPTH - 1]
        waiting = np.where(waiting >= least[:, None], waiting, -np.inf)
    at = np.searchsorted(needing, shelf.needing)
    may = allowed & ~blocked
    for pair, needed in enumerate(shelf.needed.tolist()):
        lifted = PREREQUISITE * waiting[:, at[pair]]
        better = may[:, needed] & (lifted > total[:, needed])
        total[better, needed] = lifted[better]


def _well_known(total: Floats, usual: Floats, popularity: Floats, most: float) -> None:
    known = ~np.isnan(usual)
    if most and known.any():
        total[known] -= most * np.maximum(popularity - usual[known][:, None], 0.0)


def _overrule(total: Floats, own: Own, rows: Places, rules: Sequence[Rule]) -> None:
    """Boosts, lowers and pins, as far as they act on each request."""
    pins = np.zeros(len(total))
    for rule in rules:
        acts = rule.mask(own, rows)
        if rule.change is Change.BOOST:
            total[acts, rule.place] += rule.strength
        elif rule.change is Change.LOWER:
            total[acts, rule.place] -= rule.strength
        elif rule.change is Change.PIN:
            total[acts, rule.place] += PIN - 0.01 * pins[acts]
            pins[acts] += 1


def _picked(
    total: Floats, allowed: Mask, shares: Floats, shelf: Shelf, caps: variety.Caps
) -> Lists:
    """Return the best places of each request, no field and no school filling a list."""
    k = caps.places
    wide = min(max(variety.POOL, 3 * k), total.shape[1])
    ranked, order = _competing(total, allowed, wide)
    stand = np.where(np.isneginf(ranked), NOWHERE, order)
    plain = ~(
        _filled(stand, shelf.fields, k - caps.field)
        | _filled(stand, shelf.providers, k - caps.provider)
    )
    found = np.full((len(total), k), NOWHERE, dtype=np.int32)
    if plain.any():
        found[plain] = _greedy(ranked[plain], order[plain], shares[plain], shelf, caps)
    for row in np.flatnonzero(found[:, -1] == NOWHERE).tolist():
        picked = variety.pick(total[row], allowed[row], shelf, shares[row], caps).places
        found[row] = NOWHERE
        found[row, : len(picked)] = picked
    return found


def _competing(total: Floats, allowed: Mask, wide: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return the best of each row, best first: scores (-inf: may not be shown) and places."""
    scores = np.where(allowed, total, -np.inf)
    if wide < scores.shape[1]:
        best = np.argpartition(-scores, wide - 1, axis=1)[:, :wide]
        best.sort(axis=1)
    else:
        best = np.broadcast_to(np.arange(wide), scores.shape)
    told = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-told, axis=1, kind="stable")
    return np.take_along_axis(told, order, axis=1), np.take_along_axis(best, order, axis=1)


def _filled(stand: NDArray[np.int64], codes: NDArray[np.int32], wanted: int) -> Mask:
    """Say where so few of what competes are of other codes that more would be looked for."""
    there = stand != NOWHERE
    own = np.where(there, codes[stand], NOWHERE)
    rows, n = len(own), int(codes.max(initial=0)) + 1
    if wanted <= 0 or not rows:
        return np.zeros(rows, dtype=bool)
    flat = (np.arange(rows)[:, None] * n + own)[own >= 0]
    most = np.bincount(flat, minlength=rows * n).reshape(rows, n).max(axis=1)
    lacking: Mask = (most > 0) & (there.sum(axis=1) - most < wanted)
    return lacking


def _greedy(
    ranked: Floats,
    order: NDArray[np.int64],
    shares: Floats,
    shelf: Shelf,
    caps: variety.Caps,
) -> Lists:
    """Choose one place after the other in all rows at once; a row that runs out ends NOWHERE."""
    rows, k = np.arange(len(ranked)), caps.places
    fields, schools = shelf.fields[order], shelf.providers[order]
    left = ranked.copy()
    lowered = np.zeros(left.shape)
    of_field = np.zeros((len(left), len(shelf.field_codes) + 1))
    of_school = np.zeros((len(left), int(shelf.providers.max(initial=0)) + 2))
    due = np.zeros(of_field.shape)
    due[:, :-1] = k * shares
    step = variety.VARIETY / max(k, 1)
    found = np.full((len(left), k), NOWHERE, dtype=np.int32)
    for place in range(k):
        at = (left - lowered).argmax(axis=1)
        some = ~np.isneginf(left[rows, at])
        found[:, place] = np.where(some, order[rows, at], NOWHERE)
        left[rows, at] = -np.inf
        code, school = fields[rows, at], schools[rows, at]
        of_field[rows, code] += 1
        of_school[rows, school] += 1
        over = np.maximum(of_field[rows, code] - due[rows, code], 0.0)
        same = (fields == code[:, None]) & (code >= 0)[:, None]
        lowered = np.where(same, (step * over)[:, None], lowered)
        full = (of_field[rows, code] >= caps.field)[:, None] & same
        full |= ((of_school[rows, school] >= caps.provider) & (school >= 0))[:, None] & (
            schools == school[:, None]
        )
        left[full] = -np.inf
    return found


def _pin(
    chosen: Lists,
    allowed: Mask,
    own: Own,
    rows: Places,
    here: NDArray[np.intp],
    rules: Sequence[Rule],
) -> None:
    """Put pinned courses first, in the order in which they were pinned."""
    columns = np.arange(chosen.shape[1])
    for rule in reversed([rule for rule in rules if rule.change is Change.PIN]):
        acts = np.flatnonzero(rule.mask(own, rows)[here] & allowed[:, rule.place])
        lists = chosen[acts]
        stands = lists == rule.place
        upto = np.where(stands.any(axis=1), stands.argmax(axis=1), len(columns) - 1)
        moved = np.where(columns <= upto[:, None], np.roll(lists, 1, axis=1), lists)
        moved[:, 0] = rule.place
        chosen[acts] = moved


def _give_way(found: Lists, own: Own, book: Rulebook, least: Floats) -> None:
    """Give the places of too unsure picks to what everyone chooses (decision/thresholds.py)."""
    chances = np.take_along_axis(own.opened, np.maximum(found, 0), axis=1)
    unsure = (found != NOWHERE) & (chances < least[:, None])
    unsure &= own.matched[:, None]
    hides = [rule for rule in book.rules if rule.change is Change.HIDE]
    for rule in book.rules:
        if rule.change in {Change.PIN, Change.BOOST}:  # a person put it there
            unsure &= (found != rule.place) | ~rule.mask(own, slice(None))[:, None]
    for row in np.flatnonzero(unsure.any(axis=1)).tolist():
        kept = found[row][(found[row] != NOWHERE) & ~unsure[row]].tolist()
        taken = (own.flags[row] & TAKEN) > 0
        hidden = {each.place for each in hides if each.surface in {0, own.surfaces[row]}}
        rest = [
            place
            for place in book.most_chosen
            if not taken[place] and place not in kept and place not in hidden
        ]
        most = int((found[row] != NOWHERE).sum())
        filled = [*kept, *rest][:most]
        found[row] = NOWHERE
        found[row, : len(filled)] = filled
