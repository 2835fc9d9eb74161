"""How did a plan come to say what it says? Every version of it, kept (measurement)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from experiments.data import ExperimentRefusedError, Plan, PlanVersion
from experiments.models import Experiment, Version


def keep(
    experiment: Experiment, *, plan: Plan, before: Plan | None, by: str, now: datetime
) -> dict[str, list[object]]:
    """Keep a plan as the next version and return what changed; no change is no version."""
    changed = _changes(before, plan) if before else {}
    if before is not None and not changed:
        return {}
    Version.objects.create(
        experiment=experiment,
        number=experiment.versions.count() + 1,
        by=by,
        at=now,
        plan=asdict(plan),
        changed=changed,
    )
    return changed


def writers(experiment: Experiment) -> set[str]:
    """Return everybody who wrote a version, as the ledger names them."""
    return {experiment.author, *experiment.versions.values_list("by", flat=True)}


def versions(key: str) -> tuple[PlanVersion, ...]:
    """Return the versions of a plan, newest first; none for plans older than versions."""
    rows = Version.objects.filter(experiment__key=key).order_by("-number")
    return tuple(PlanVersion(row.number, row.by, row.at, _as_text(row.changed)) for row in rows)


def plan_of(key: str) -> Plan:
    """Return the plan as it stands; raise ExperimentRefusedError where there is none."""
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        raise ExperimentRefusedError(f"There is no experiment {key}.")
    return experiment.plan


def _changes(before: Plan, after: Plan) -> dict[str, list[object]]:
    pairs = zip(asdict(before).items(), asdict(after).values(), strict=True)
    return {name: [old, new] for (name, old), new in pairs if old != new}


def _as_text(changed: Mapping[str, list[object]]) -> dict[str, tuple[str, str]]:
    return {name: (_text(old), _text(new)) for name, (old, new) in changed.items()}


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
