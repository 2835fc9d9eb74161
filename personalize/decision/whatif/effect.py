"""What would a change do to the lists of the last requests? (L4) Said before it is saved.

Both sides are played: the lists under what is in force now, and with the change. What opening and
passing is concerned is what the model predicts, never what was measured; how far such predictions
lie off is read from changes that are over, where there are enough of them (calibration.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from personalize.data import Aim, Effect, NewOverride, Shift
from personalize.decision import cohorts, exploring, upkeep
from personalize.decision.generic import ORDER_KEPT
from personalize.decision.objectives import USUAL
from personalize.decision.overrides import Controls, InForce
from personalize.decision.shelf import Shelf
from personalize.decision.surfaces import SURFACES
from personalize.decision.whatif import calibration, gather, slates, trying
from personalize.decision.whatif.panel import NOWHERE, Own, Panel
from personalize.decision.whatif.showings import Showings
from personalize.decision.whatif.slates import Lists, Meant, Rule, Rulebook, Striving
from signals.aggregates import publishable

FIRST_PAGE = 6
SHOWN = 5  # courses and cohorts
Z95 = 1.959964

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Played:
    """The lists of a panel under some rules."""

    own: Lists
    common: Lists


@dataclass(frozen=True, slots=True)
class Scope:
    """Which requests a change is meant for."""

    own: Mask
    common: Mask


# Lists as they are now, of this process; they go with the requests they are made of (gather).
_before: WeakKeyDictionary[Panel, tuple[Rulebook, Played]] = WeakKeyDictionary()


def of_change(new: NewOverride, *, now: datetime) -> Effect | None:
    """Return what a change would do, None where there are no requests to be played."""
    ready = gather.ready_or_made(now=now)
    if ready is None:
        return None
    panel, shelf = ready
    _shelf, controls = upkeep.look()
    considered = InForce.of(replace(new, starts_at=min(new.starts_at, now)))
    changed = replace(controls, changes=(*controls.changes, considered))
    rule = next(iter(_rules((considered,), shelf)), None)
    if rule is None:
        return None
    scope = Scope(rule.mask(panel.own, slice(None)), _common_scope(panel, rule))
    return _compared(panel, shelf, controls, changed, scope, course=new.course_id, now=now)


def of_aim(aim: Aim, *, now: datetime) -> Effect | None:
    """Return what other weights and limits would do, None where there are no requests."""
    ready = gather.ready_or_made(now=now)
    if ready is None:
        return None
    panel, shelf = ready
    _shelf, controls = upkeep.look()
    meant = _striving(aim, shelf)
    scope = Scope(meant.mask(panel.own, slice(None)), _common_scope(panel, meant))
    changed = replace(controls, aims=(aim, *controls.aims))
    return _compared(panel, shelf, controls, changed, scope, course=None, now=now)


def kept(effect: Effect | None) -> dict[str, Any] | None:
    """Return what is kept of a prediction beside the change it is about."""
    if effect is None or effect.held is None:
        return None
    return {
        "requests": effect.requests,
        "model": effect.model,
        "held": effect.held,
        "opened": [effect.opened.now, effect.opened.then] if effect.opened else None,
        "completed": [effect.completed.now, effect.completed.then] if effect.completed else None,
    }


def rulebook(controls: Controls, shelf: Shelf, *, now: datetime) -> Rulebook:
    """Return what is in force at a moment as slates read it."""
    held = [each for each in controls.changes if each.starts_at <= now < each.ends_at]
    popular = shelf.known(upkeep.KNOWN.popular[:ORDER_KEPT]).tolist()
    aims = [
        *(aim for aim in controls.aims if aim.ends_at is None or now < aim.ends_at),
        Aim(USUAL, None),
    ]
    strivings = tuple(
        _striving(aim, shelf) for aim in aims if not aim.surface or aim.surface in SURFACES
    )
    return Rulebook(_rules(held, shelf), strivings, tuple(popular))


def played(panel: Panel, shelf: Shelf, book: Rulebook, shown: Showings | None = None) -> Played:
    """Return all lists of a panel under some rules."""
    own = slates.own_lists(panel, shelf, book, shown)
    return Played(own, slates.common_lists(panel.common, book))


def _rules(changes: Iterable[InForce], shelf: Shelf) -> tuple[Rule, ...]:
    """Return the changes of courses that are listed, in the order in which they were decided."""
    return tuple(
        _rule(change, place, shelf)
        for change in changes
        if (place := int(shelf.places([change.course_id])[0])) >= 0
        and (not change.surface or change.surface in SURFACES)
    )


def _rule(change: InForce, place: int, shelf: Shelf) -> Rule:
    return Rule(
        place=place,
        change=change.change,
        strength=change.strength,
        **_meant(change.surface, change.cohort, shelf),
    )


def _striving(aim: Aim, shelf: Shelf) -> Striving:
    return Striving(objectives=aim.objectives, **_meant(aim.surface, aim.cohort, shelf))


def _meant(surface: str, cohort: str, shelf: Shelf) -> dict[str, Any]:
    """Return whom something is for, as slates tell them apart."""
    goal = cohort.removeprefix(cohorts.GOAL) if cohort.startswith(cohorts.GOAL) else None
    return {
        "surface": SURFACES[surface].code if surface else 0,
        "returning": {cohorts.RETURNING: True, cohorts.NEW: False}.get(cohort),
        "goal": None if goal is None else shelf.field_codes.get(goal, len(shelf.field_codes)),
    }


def _common_scope(panel: Panel, rule: Meant) -> Mask:
    """Return the lists of nobody's own that count beside: none where it is for a cohort."""
    everyone = rule.returning is None and rule.goal is None
    here: Mask = (panel.common.surfaces == rule.surface) | (rule.surface == 0)
    return here & np.bool_(everyone)


def _now(panel: Panel, shelf: Shelf, book: Rulebook) -> Played:
    """Return the lists as they are now; worked out once for as long as nothing changes."""
    held = _before.get(panel)
    if held is None or held[0] != book:
        held = _before[panel] = (book, played(panel, shelf, book))
    return held[1]


def _compared(
    panel: Panel,
    shelf: Shelf,
    controls: Controls,
    changed: Controls,
    scope: Scope,
    *,
    course: int | None,
    now: datetime,
) -> Effect:
    books = tuple(rulebook(each, shelf, now=now) for each in (controls, changed))
    before = _now(panel, shelf, books[0])
    place = -1 if course is None else int(shelf.places([course])[0])
    after = played(panel, shelf, books[1], Showings(panel.own, before.own))
    was, will = _of(before, scope), _of(after, scope)
    learners = np.concatenate([panel.own.learners[scope.own], panel.common.learners[scope.common]])
    times = np.concatenate([panel.own.served_at[scope.own], panel.common.served_at[scope.common]])
    since, until = (
        (datetime.fromtimestamp(float(at), UTC) for at in (times.min(), times.max()))
        if len(times)
        else (now, now)
    )
    told = Effect(0, since, until, panel.model, whole=panel.whole)
    if publishable(len(np.unique(learners))) is None:
        return told
    differ = (was[:, :FIRST_PAGE] != will[:, :FIRST_PAGE]).any(axis=1)
    found = calibration.found()
    return replace(
        told,
        requests=publishable(len(learners)) or 0,
        changed=_share(differ, learners),
        held=_held(panel, (before, after), books, scope, place) if place >= 0 else None,
        opened=_shift(panel.own, panel.own.opened, before, after, scope, off=found.off),
        completed=_shift(panel.own, panel.own.completed, before, after, scope),
        pushed=_moved(was, will, learners, shelf, course),
        gained=_moved(will, was, learners, shelf, course),
        cohorts=_cohorts(panel.own, differ[: int(scope.own.sum())], scope, shelf),
        finished=found.finished,
        calibrated=found.off is not None,
    )


def _of(lists: Played, scope: Scope) -> Lists:
    """Return the lists in scope, one beside the other."""
    wide = max(lists.own.shape[1], lists.common.shape[1])
    both = (lists.own[scope.own], lists.common[scope.common])
    return np.concatenate(
        [np.pad(one, ((0, 0), (0, wide - one.shape[1])), constant_values=NOWHERE) for one in both]
    )


def _share(mask: Mask, learners: NDArray[np.int32]) -> float | None:
    """Return a share of lists, 0 where none is; None where it would stand for too few."""
    some = len(np.unique(learners[mask]))
    if some and publishable(some) is None:
        return None
    return round(float(mask.mean()), 4)


def _held(
    panel: Panel,
    both: tuple[Played, Played],
    books: tuple[Rulebook, ...],
    scope: Scope,
    place: int,
) -> tuple[float, float]:
    """Return the shares of lists with a course, what is tried out counted in."""
    sides = []
    for lists, book in zip(both, books, strict=True):
        own = trying.held(panel, lists.own, book, place, share=exploring.SHARE)[scope.own]
        common = (lists.common[scope.common] == place).any(axis=1)
        sides.append(float(np.concatenate([own, common]).mean()))
    return round(sides[0], 4), round(sides[1], 4)


def _moved(
    was: Lists, will: Lists, learners: NDArray[np.int32], shelf: Shelf, course: int | None
) -> tuple[tuple[int, int], ...]:
    """Return the courses that most lists have in the first and not in the second."""
    n = len(shelf.course_ids)
    fewer = np.bincount(was[was >= 0], minlength=n) - np.bincount(will[will >= 0], minlength=n)
    found = []
    for place in np.argsort(-fewer, kind="stable")[: 2 * SHOWN].tolist():
        course_id = int(shelf.course_ids[place])
        if fewer[place] <= 0 or course_id == course:
            continue
        gone = (was == place).any(axis=1) & ~(will == place).any(axis=1)
        if publishable(len(np.unique(learners[gone]))) is not None:
            found.append((course_id, publishable(int(fewer[place])) or 0))
    return tuple((course_id, lists) for course_id, lists in found if lists)[:SHOWN]


def _shift(
    own: Own,
    chances: NDArray[np.float32],
    before: Played,
    after: Played,
    scope: Scope,
    *,
    off: float | None = None,
) -> Shift | None:
    """Return the mean chance of a pick on both sides; `off` is how far predictions lie off."""
    now, then = (_mean_chance(chances, lists.own)[scope.own] for lists in (before, after))
    learners = own.learners[scope.own]
    both = ~np.isnan(now) & ~np.isnan(then)
    if publishable(len(np.unique(learners[both]))) is None:
        return None
    apart = then[both] - now[both]
    middle = float(apart.mean())
    half = off if off is not None else Z95 * _error(apart - middle, learners[both])
    return Shift(float(now[both].mean()), float(then[both].mean()), middle - half, middle + half)


def _mean_chance(chances: NDArray[np.float32], lists: Lists) -> NDArray[np.float64]:
    told = np.take_along_axis(chances, np.maximum(lists, 0), axis=1).astype(np.float64)
    there = (lists != NOWHERE) & ~np.isnan(told)
    n = there.sum(axis=1)
    return np.where(n > 0, np.where(there, told, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)


def _error(apart: NDArray[np.float64], learners: NDArray[np.int32]) -> float:
    """Return the standard error of a mean over lists, whose learners are what was drawn."""
    _, at = np.unique(learners, return_inverse=True)
    sums = np.bincount(at, weights=apart)
    n = len(sums)
    return float(np.sqrt(np.square(sums).sum() * n / max(n - 1, 1)) / len(apart))


def _cohorts(own: Own, differ: Mask, scope: Scope, shelf: Shelf) -> tuple[tuple[str, float], ...]:
    learners, returning = own.learners[scope.own], own.returning[scope.own]
    goals = own.goals[scope.own]
    kinds: Mapping[str, Mask] = {
        cohorts.NEW: ~returning,
        cohorts.RETURNING: returning,
        **{f"{cohorts.GOAL}{name}": goals == code for name, code in shelf.field_codes.items()},
    }
    found = []
    for cohort, mask in kinds.items():
        if publishable(len(np.unique(learners[mask]))) is None:
            continue
        share = _share(differ[mask], learners[mask])
        if share:
            found.append((cohort, share))
    return tuple(sorted(found, key=lambda pair: -pair[1])[:SHOWN])
