"""What is shown when something is missing? (L4) Only recommend.py asks; answers name themselves."""

from time import time

from django.conf import settings

from personalize.data import Slot, Source
from personalize.decision import memory
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.generic import Lists
from personalize.decision.memory import LastList
from personalize.decision.parts import Parts
from personalize.engine import live
from signals.data import Allowed
from signals.request_ids import Arm

CONSENT_FRESH_S = 60.0  # how long consent that was read stands in for consent that cannot be


def without_consent(ask: Ask, lists: Lists) -> Chosen:
    """Return the list when consent cannot be read: a personal one only where it just was."""
    last = memory.last_list(ask.learner_id, external_id=ask.external_id, place=ask.place)
    if last is None or time() - last.consent_at >= CONSENT_FRESH_S or _withdrawn(last):
        return lists.curated()
    return again(last, ask, lists, without=frozenset()) or lists.curated()


def without_model(ask: Ask, known: Context, lists: Lists) -> Chosen:
    """Return the list when the model or the time is missing; consent has just been read."""
    without = known.not_offered()
    last = memory.last_list(known.state.learner_id, external_id=None, place=ask.place)
    remembered = again(last, ask, lists, without=without) if last and not _withdrawn(last) else None
    if remembered is not None:
        return remembered
    goal = known.standing.goal
    cohort = lists.cohort(goal, without=without) if goal else None
    return cohort or lists.popular(Source.POPULAR, Arm.GENERIC, without=without)


def _withdrawn(last: LastList) -> bool:
    """Say whether a remembered list is of a model that was taken back since."""
    return bool(last.model) and live.withdrawn(settings.MODELS_DIR, last.model or "")


def again(last: LastList, ask: Ask, lists: Lists, *, without: frozenset[int]) -> Chosen | None:
    """Return a remembered list without what may not be shown now, None when nothing is left."""
    keep = [
        at
        for at, course_id in enumerate(last.course_ids.tolist())
        if course_id not in without and lists.may_show(course_id)
    ][: ask.k]
    if not keep:
        return None
    return Chosen(
        source=Source.LAST_GOOD,
        arm=Arm.PERSONAL,
        course_ids=last.course_ids[keep],
        module_ids=None if last.module_ids is None else last.module_ids[keep],
        parts=Parts(last.codes[keep], last.values[keep]),
        slots=tuple(Slot(last.slots[at]) for at in keep),
        learner_id=last.learner_id,
        allowed=Allowed(personalization=True, fine_grained=False, inferred=False),
        model=last.model,
        goal=last.goal,
        signals=last.signals,
    )
