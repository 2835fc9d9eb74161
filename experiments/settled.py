"""What does everybody see of an experiment that lets nobody in? What was decided (measurement).

What was shipped is for everybody, but for some of the control, who wait until the last re-read:
there is something to compare with until then. Those are learners, or the classes they were drawn
with, so that nobody sees one thing and their neighbour another. Everything else that ran, or waits
to go on, is back with the control: nothing is shipped by forgetting about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import OuterRef, Subquery

from experiments.data import INTERLEAVED
from experiments.models import Answer, Assignment, Experiment, Holdback
from experiments.stats.bucketing import in_share
from experiments.surfaces import rankers
from signals import api as signals

REREAD_DAYS = (30, 90, 180)  # after the decision
MOST_HELD = 0.5  # of the control's learners
READ_EVERY_S = 1.0
SHIPPED = "ship"
LEARNER = "learner"  # the unit that is no group

State = Experiment.State
OVER = (State.STOPPED, State.DECIDED, State.ARCHIVED)
CLOSED = (State.PAUSED, *OVER)  # lets nobody in


@dataclass(frozen=True, slots=True)
class Settled:
    """An experiment that ran, and is paused or over."""

    id: int
    key: str
    surfaces: tuple[str, ...]
    arm: str  # what everybody sees
    control: str
    held_share: float  # of the control's learners, who still see the control; 0 for nobody
    held_until: datetime | None
    alone: bool  # learners were drawn one by one
    ranker: str = ""  # that was shipped, where two rankers were compared in one list
    decided_at: datetime | None = None

    def may_hold(self, learner_id: int, *, now: datetime) -> bool:
        """Say whether a learner might wait, if they were in the control."""
        if self.held_until is None or now >= self.held_until or not self.held_share:
            return False
        return not self.alone or self.holds(learner_id)

    def holds(self, unit: int | str) -> bool:
        """Say whether a learner of the control, or the class they were drawn with, waits."""
        return is_held(unit, experiment_id=self.id, share=self.held_share)


_known: tuple[float, tuple[Settled, ...]] | None = None


def forget_settled() -> None:
    """Read anew on the next call in this process."""
    global _known
    _known = None


def is_held(unit: int | str, *, experiment_id: int, share: float) -> bool:
    """Say whether a unit of the control, a learner or a class, is one of those that wait."""
    return in_share(unit=unit, salt=f"held:{experiment_id}", share=share)


def hold_back(experiment: Experiment, *, now: datetime) -> None:
    """Keep as many of the control's learners waiting as the plan asked for in an arm, or half."""
    seen = signals.exposed_counts(experiment.key, as_of=now).get(experiment.variants[0], 0)
    share = min(MOST_HELD, experiment.planned_per_arm / max(seen, 1))
    until = now + timedelta(days=REREAD_DAYS[-1])
    Holdback.objects.create(experiment=experiment, share=share, until=until)


def settled_arms(learner_id: int, *, surface: str = "", now: datetime) -> dict[str, str]:
    """Return what a learner sees of the experiments that let nobody in, by key.

    Of those of one surface, or of all.
    Costs a statement only for who might be one of those who wait.
    """
    here = [one for one in _settled() if not surface or surface in one.surfaces]
    asked = {one.id: one for one in here if one.may_hold(learner_id, now=now)}
    waiting = _waiting(learner_id, asked) if asked else frozenset()
    return {one.key: one.control if one.id in waiting else one.arm for one in here}


def shipped_ranker(surface: str) -> str:
    """Return the ranker that was shipped last for the list of a surface; empty where none was."""
    shipped = [one for one in _settled() if surface in one.surfaces and one.ranker]
    shipped.sort(key=lambda one: one.decided_at.timestamp() if one.decided_at else 0.0)
    return shipped[-1].ranker if shipped else ""


def ranker_of(surface: str) -> str:
    """Return the ranker everybody's list is in: the one that was shipped last, or the usual one."""
    return shipped_ranker(surface) or next(iter(rankers()), "")


def _waiting(learner_id: int, asked: Mapping[int, Settled]) -> frozenset[int]:
    """Return in which of these the learner was drawn for the control, and waits."""
    rows = Assignment.objects.filter(learner_id=learner_id, experiment_id__in=asked)
    return frozenset(
        number
        for number, variant, cluster in rows.values_list("experiment_id", "variant", "cluster")
        if variant == asked[number].control and asked[number].holds(cluster or learner_id)
    )


def _settled() -> tuple[Settled, ...]:
    global _known
    known = _known
    if known is None or monotonic() - known[0] > READ_EVERY_S:
        known = _known = (monotonic(), tuple(_read()))
    return known[1]


def _read() -> Iterator[Settled]:
    answers = Answer.objects.filter(experiment=OuterRef("pk")).order_by("-number")
    held = Holdback.objects.filter(experiment=OuterRef("pk"))
    rows = Experiment.objects.filter(state__in=CLOSED, started_at__isnull=False).annotate(
        last_keeps=Subquery(answers.values("keeps")[:1]),
        held_share=Subquery(held.values("share")[:1]),
        held_to=Subquery(held.values("until")[:1]),
    )
    for row in rows.order_by("id"):
        shipped = row.verdict == SHIPPED and row.last_keeps is not False
        yield Settled(
            id=row.id,
            key=row.key,
            surfaces=tuple(row.surfaces),
            arm=row.variants[1] if shipped else row.variants[0],
            control=row.variants[0],
            held_share=(row.held_share or 0.0) if shipped else 0.0,
            held_until=row.held_to,
            alone=row.unit == LEARNER,
            ranker=row.variants[1] if shipped and row.design == INTERLEAVED else "",
            decided_at=row.decided_at,
        )
