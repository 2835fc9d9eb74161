"""Which evidence does each surface stand on, and what should be taken away? Read now (measurement).

The rules are in `phases`; this reads what they judge: experiments, their sound looks and re-reads,
and the flags with the moment somebody last touched them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.models import Experiment, Flag
from experiments.phases import Phase, Pruning, Reread, Standing, Switch, phase_of, prunings
from experiments.rereads import reopened_by
from experiments.settled import SHIPPED
from experiments.surfaces import known

PREFIX = "experiment:"  # of the flags that switch experiments off


@dataclass(frozen=True, slots=True)
class Stands:
    """The phase of every surface, and what should go or come under a plan."""

    phases: tuple[Phase, ...]
    prunings: tuple[Pruning, ...]


def stands(*, now: datetime) -> Stands:
    """Return where every surface stands."""
    rows = Experiment.objects.order_by("-created_at", "key")
    found = [_standing(row) for row in rows.prefetch_related("snapshots", "rereads", "ramp_steps")]
    surfaces = sorted(known())
    return Stands(
        phases=tuple(phase_of(surface, found) for surface in surfaces),
        prunings=prunings(surfaces, found, _switches(found), now=now),
    )


def _standing(row: Experiment) -> Standing:
    width = row.namespace_to - row.namespace_from if row.namespace else 1.0
    return Standing(
        key=row.key,
        title=row.title,
        surfaces=tuple(row.surfaces),
        state=row.state,
        share=min(sum(row.shares), 1.0) * row.opened_to * width,
        sound_looks=sum(bool(look.results["trustworthy"]) for look in row.snapshots.all()),
        verdict=row.verdict,
        decided_at=row.decided_at,
        rereads=tuple(
            Reread(one.day, one.reading)
            for one in sorted(row.rereads.all(), key=lambda one: one.day)
        ),
        reopened=row.verdict == SHIPPED and reopened_by(row) is not None,
    )


def _switches(found: Sequence[Standing]) -> list[Switch]:
    states = {one.key: one.state for one in found}
    return [
        Switch(
            name=flag.name,
            share=flag.share(),
            since=flag.modified,
            experiment=(key := flag.name.removeprefix(PREFIX) if _is_switch(flag.name) else ""),
            experiment_state=states.get(key, ""),
        )
        for flag in Flag.objects.order_by("name")
    ]


def _is_switch(name: str) -> bool:
    return name.startswith(PREFIX)
