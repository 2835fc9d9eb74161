"""Is a decision that was made again the one that was logged? (L4) Compared, in sentences."""

from collections.abc import Iterator
from datetime import datetime
from math import isclose
from uuid import UUID

from django.utils.translation import gettext

from personalize.data import Item, Outcome, Replayed, Slot
from personalize.decision import log, replay
from personalize.decision.chosen import Chosen
from personalize.decision.explanations import read_items
from personalize.decision.finish import items_of
from personalize.decision.policy import POLICY_VERSION
from personalize.decision.replay import CannotReplayError, Then
from personalize.models import Decision

CLOSE = 1e-5  # the log keeps scores and parts in single precision


def replayed(request_id: UUID) -> Replayed | None:
    """Make a logged decision again and say whether it is the same; None where there is none."""
    row = log.find(request_id)
    return made(row) if row else None


def made(row: Decision) -> Replayed:
    """Make a decision again and say whether it is the same."""
    try:
        then = replay.then(row)
        chosen = replay.made_again(then)
    except CannotReplayError as error:
        return Replayed(row.request_id, error.outcome, said=(str(error),))
    found = tuple(_differences(then, chosen))
    because = tuple(_because(then)) if found else ()
    differs = Outcome.CHANGED_SINCE if because else Outcome.DIFFERENT
    return Replayed(
        row.request_id,
        differs if found else Outcome.SAME,
        said=(*found, *because),
        course_ids=tuple(chosen.course_ids.tolist()),
    )


def _differences(then: Then, chosen: Chosen) -> Iterator[str]:
    """Say what is otherwise than it was."""
    row = then.row
    before = read_items(row)
    after = items_of(then.ask, chosen, then.shelf, then.controls)
    if [_place(item) for item in before] != [_place(item) for item in after]:
        yield gettext("The list is another one.")
        return
    for old, new in zip(before, after, strict=True):
        if not isclose(old.score, new.score, abs_tol=CLOSE) or not _alike(old, new):
            yield gettext("The score of place %(rank)s is another one.") % {"rank": old.rank}
        if [_said(reason) for reason in old.reasons] != [_said(reason) for reason in new.reasons]:
            yield gettext("The reasons of place %(rank)s are others.") % {"rank": old.rank}
        if old.confidence != new.confidence:
            yield gettext("The bars of place %(rank)s are others.") % {"rank": old.rank}
    tried = Slot.EXPLORE in chosen.slots
    if not isclose(row.propensity or 1.0, chosen.propensity if tried else 1.0, rel_tol=CLOSE):
        yield gettext("The chance of what was tried out is another one.")
    if row.teams is not None and bytes(row.teams) != chosen.teams:
        yield gettext("Which ranker put what where is not the same.")


def _place(item: Item) -> tuple[int, int | None, Slot]:
    return item.course_id, item.module_id, item.slot


def _alike(old: Item, new: Item) -> bool:
    before, after = dict(old.parts), dict(new.parts)
    return before.keys() == after.keys() and all(
        isclose(value, after[name], abs_tol=CLOSE) for name, value in before.items()
    )


def _said(reason: object) -> tuple[object, ...]:
    return tuple(getattr(reason, name) for name in ("kind", "text", "course_id", "decides"))


def _because(then: Then) -> Iterator[str]:
    """Say what has changed since, by which a difference may have come about."""
    if then.row.rules != POLICY_VERSION:
        yield gettext("It was made by version %(then)s of the policy; this is version %(now)s.") % {
            "then": then.row.rules,
            "now": POLICY_VERSION,
        }
    if then.told.catalogue != then.shelf.version:
        yield gettext("The catalogue has changed since.")
    gone = [one for one in then.row.course_ids if one not in then.shelf.courses]
    if gone:
        yield gettext("Of its courses, %(n)s are not offered any more.") % {"n": len(gone)}


def all_of(*, since: datetime, until: datetime) -> Iterator[Replayed]:
    """Make every decision of a time again, oldest first."""
    rows = Decision.objects.filter(served_at__gte=since, served_at__lt=until)
    for row in rows.order_by("served_at", "request_id").iterator(chunk_size=500):
        yield made(row)
