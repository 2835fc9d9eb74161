"""Which experiments run, how far is each open, and whom does a surface hold back?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

from experiments.data import Plan
from experiments.models import (
    Experiment,
    Flag,
    RampStep,
    SurfaceHoldout,
)
from experiments.settled import forget_settled
from experiments.stats.bucketing import (
    in_share,
)

RUNNING_FOR_S = 1.0  # how long a process believes what it read about running experiments


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The part of learners that no experiment of a surface takes in."""

    surface: str
    share: float

    def holds(self, learner_id: int) -> bool:
        """Say whether a learner is in it."""
        return in_share(unit=learner_id, salt=f"holdout:{self.surface}:1", share=self.share)


@dataclass(frozen=True, slots=True)
class Running:
    """A running experiment as assignment needs it."""

    id: int
    plan: Plan
    started_at: datetime
    switch_salt: str
    open_share: float  # of units: 0 is switched off
    held_back: tuple[HeldBack, ...] = ()  # of the surfaces it acts on


_known: tuple[float, tuple[Running, ...], dict[str, HeldBack]] | None = None


def forget_caches() -> None:
    """Read what runs, and what is over, anew on the next call in this process."""
    global _known
    _known = None
    forget_settled()


def running_experiments() -> tuple[Running, ...]:
    """Return what runs, read at most once in RUNNING_FOR_S; a switched-off one has no share."""
    return _read_at_most_once_in_a_while()[1]


def surface_holdouts() -> dict[str, HeldBack]:
    """Return the holdouts of surfaces by surface, read with what runs."""
    return _read_at_most_once_in_a_while()[2]


def _read_at_most_once_in_a_while() -> tuple[float, tuple[Running, ...], dict[str, HeldBack]]:
    global _known
    known = _known
    if known is None or monotonic() - known[0] > RUNNING_FOR_S:
        held = {
            row.surface: HeldBack(row.surface, row.share) for row in SurfaceHoldout.objects.all()
        }
        known = _known = (monotonic(), tuple(_read_running(held)), held)
    return known


def _read_running(held: dict[str, HeldBack]) -> Iterable[Running]:
    flags = Flag.objects.filter(name=Concat(Value("experiment:"), OuterRef("key")))
    openings = RampStep.objects.filter(experiment=OuterRef("pk")).order_by("-number")
    rows = (
        Experiment.objects.filter(state=Experiment.State.RUNNING)
        .annotate(
            switch_everyone=Subquery(flags.values("everyone")[:1]),
            switch_percent=Subquery(flags.values("percent")[:1]),
            last_share=Subquery(openings.values("share")[:1]),
        )
        .order_by("id")
    )
    for row in rows:
        flag = Flag(name=row.switch, everyone=row.switch_everyone, percent=row.switch_percent)
        yield Running(
            id=row.id,
            plan=row.plan,
            started_at=row.started_at or row.created_at,
            switch_salt=flag.salt(),
            # The flag may close it further; what it was not opened to yet it cannot open.
            open_share=min(flag.share(), row.last_share or row.ramp[0]),
            held_back=tuple(held[surface] for surface in row.surfaces if surface in held),
        )


def open_experiments(*, now: datetime) -> list[Running]:
    """Return the running experiments that let anybody in."""
    return [one for one in running_experiments() if one.open_share > 0 and one.started_at <= now]
