"""Which step may a version take, and who may let it? (L3) Each one transaction, told to the ledger.

A refresh (the live configuration on newer data) becomes the canary and is promoted or stopped by
its guardrails. A change waits as the challenger: an experiment alone promotes it. Everybody may see
the first model at once, and an admin may put back what everybody saw before. There is no other way.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from personalize.data import GateFinding, GuardReading, ModelRow
from personalize.engine import artifacts
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.registry import KEPT_FOLDERS, State, follow_rows, in_state, lock, row_of
from personalize.models import ModelVersion
from signals import api
from signals.data import SYSTEM, Actor, ActorKind

REPLACED = "A newer model of its kind took its place."
STEPPED = (
    "state",
    "published_at",
    "findings",
    "canary_since",
    "readings",
    "experiment",
    "kept_until",
)
KEPT_DAYS = 180  # that those held back by an experiment are read again (experiments, REREAD_DAYS)


@transaction.atomic
def settle(
    version: str, findings: tuple[GateFinding, ...], *, actor: Actor, now: datetime
) -> ModelRow:
    """Refuse a candidate no gate may let through; else let it begin as what it is.

    The first model is live at once: there is nothing it could harm.
    """
    lock()
    model = ModelVersion.objects.get(version=version)
    model.findings = [asdict(finding) for finding in findings]
    failed = [finding.gate for finding in findings if not finding.passed]
    live = in_state(State.LIVE)
    if failed:
        _move(model, State.REFUSED, "model.refused", actor=actor, now=now, failed=failed)
    elif live is None:
        _promote(model, "model.promoted", actor=actor, now=now)
    elif model.configuration and model.configuration == live.configuration:
        _replace(State.CANARY, by=model, now=now)
        model.canary_since = now
        _move(model, State.CANARY, "model.canary_started", actor=actor, now=now, live=live.version)
    else:
        _replace(State.CHALLENGER, by=model, now=now)
        detail = {"live": live.version, "configuration": model.configuration}
        _move(model, State.CHALLENGER, "model.challenges", actor=actor, now=now, **detail)
    return row_of(model)


@transaction.atomic
def keep_readings(version: str, readings: tuple[GuardReading, ...]) -> None:
    """Keep what the guardrails of a canary found, for the page."""
    rows = ModelVersion.objects.filter(version=version, state=State.CANARY)
    rows.update(readings=[asdict(reading) for reading in readings])


@transaction.atomic
def promote_canary(
    version: str, readings: tuple[GuardReading, ...], *, says: str, now: datetime
) -> bool:
    """Let everybody see a canary; False where it is the canary no more (two beats may meet)."""
    model = _locked_canary(version)
    if model is None:
        return False
    model.readings = [asdict(reading) for reading in readings]
    _promote(model, "model.promoted", actor=SYSTEM, now=now, says=says)
    return True


@transaction.atomic
def stop_canary(
    version: str,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    readings: tuple[GuardReading, ...] | None = None,
) -> bool:
    """Let nobody see a canary any more; False where it is the canary no more.

    Raise PermissionDenied for an actor who is neither an admin nor the system itself.
    """
    _permit(actor, "Stopping a canary")
    model = _locked_canary(version)
    if model is None:
        return False
    if readings is not None:
        model.readings = [asdict(reading) for reading in readings]
    live = in_state(State.LIVE)
    back = live.version if live else ""
    _move(
        model,
        State.REFUSED,
        "model.canary_stopped",
        actor=actor,
        now=now,
        reason=reason,
        live=back,
        figures=_figures(readings or ()),
    )
    return True


@transaction.atomic
def rollback(version: str, *, actor: Actor, reason: str = "", now: datetime) -> ModelRow:
    """Make a version live that everybody saw before; the reason goes into the ledger.

    A canary ends with it: it was compared with what is live no more. Raise PermissionDenied for an
    actor who is neither an admin nor the system itself, and ModelUnusable when the version never
    served or its folder cannot be used any more.
    """
    _permit(actor, "Rolling a model back")
    lock()
    served = ModelVersion.objects.filter(state=State.RETIRED, published_at__isnull=False)
    model = served.filter(version=version).first()
    if model is None:
        newest = served.order_by("-trained_at").values_list("version", flat=True)[:KEPT_FOLDERS]
        names = ", ".join(newest) or "none yet"
        raise ModelUnusable(version, f"only a version that served before can return: {names}.")
    artifacts.load(settings.MODELS_DIR, version)
    _end_canary(f"{version} was put back, and the canary was not compared with it.", now=now)
    _promote(model, "model.rolled_back", actor=actor, now=now, reason=reason)
    return row_of(model)


@transaction.atomic
def ship_challenger(configuration: str, *, experiment: str, actor: Actor, now: datetime) -> bool:
    """Let everybody see the challenger an experiment shipped; False where it is none (any more).

    What was live stays for those whom the experiment holds back. A canary of it ends. Raise
    ModelUnusable where its folder cannot be used.
    """
    lock()
    model = in_state(State.CHALLENGER)
    if model is None or not model.configuration.startswith(configuration):
        return False
    artifacts.load(settings.MODELS_DIR, model.version)
    _end_canary(f"The experiment {experiment} shipped another configuration.", now=now)
    kept_until = now + timedelta(days=KEPT_DAYS)
    ModelVersion.objects.filter(state=State.LIVE).update(kept_until=kept_until)
    model.experiment = experiment
    _promote(model, "model.promoted", actor=actor, now=now, experiment=experiment)
    return True


@transaction.atomic
def refuse_challenger(configuration: str, *, experiment: str, actor: Actor, now: datetime) -> bool:
    """Serve a challenger no more that an experiment rolled back, and train none like it."""
    lock()
    model = in_state(State.CHALLENGER)
    if model is None or not model.configuration.startswith(configuration):
        return False
    model.experiment = experiment
    detail = {"experiment": experiment}
    _move(model, State.REFUSED, "model.refused", actor=actor, now=now, **detail)
    return True


@transaction.atomic
def take_back(configuration: str, *, experiment: str, actor: Actor, now: datetime) -> None:
    """Put back what was live before an experiment shipped what is now, and train none like that.

    Raise ModelUnusable where no model of that configuration is left.
    """
    lock()
    served = ModelVersion.objects.filter(state=State.RETIRED, published_at__isnull=False)
    model = served.filter(configuration__startswith=configuration).order_by("-trained_at").first()
    if model is None:
        raise ModelUnusable("", f"none of the configuration {configuration} is left to go back to.")
    artifacts.load(settings.MODELS_DIR, model.version)
    _end_canary(f"The experiment {experiment} was taken back.", now=now)
    taken = in_state(State.LIVE)
    _promote(model, "model.rolled_back", actor=actor, now=now, experiment=experiment)
    if taken is not None:
        rows = ModelVersion.objects.filter(pk=taken.pk)
        rows.update(state=State.REFUSED, experiment=experiment)


def was_refused(configuration: str) -> str:
    """Return the experiment that rolled a configuration back; empty where none did."""
    rows = ModelVersion.objects.filter(configuration=configuration, state=State.REFUSED)
    return rows.exclude(experiment="").values_list("experiment", flat=True).first() or ""


def _permit(actor: Actor, step: str) -> None:
    if actor.kind is not ActorKind.SYSTEM and "admin" not in actor.roles:
        raise PermissionDenied(f"{step} needs the role admin.")


def _end_canary(reason: str, *, now: datetime) -> None:
    canary = in_state(State.CANARY)
    if canary is not None:
        stop_canary(canary.version, actor=SYSTEM, reason=reason, now=now)


def _locked_canary(version: str) -> ModelVersion | None:
    lock()
    return ModelVersion.objects.filter(version=version, state=State.CANARY).first()


def _replace(state: State, *, by: ModelVersion, now: datetime) -> None:
    """Retire the canary or challenger that was there; nobody goes back to it: few ever saw it."""
    before = in_state(state)
    if before is not None:
        detail = {"reason": REPLACED, "by": by.version}
        _move(before, State.RETIRED, "model.replaced", actor=SYSTEM, now=now, **detail)


def _promote(
    model: ModelVersion, action: str, *, actor: Actor, now: datetime, **detail: object
) -> None:
    """Retire what is live and let everybody see this version."""
    before = in_state(State.LIVE)
    if before is not None:
        ModelVersion.objects.filter(pk=before.pk).update(state=State.RETIRED)
    model.published_at, model.kept_until = now, None
    previous = before.version if before else ""
    _move(model, State.LIVE, action, actor=actor, now=now, previous=previous, **detail)


def _move(
    model: ModelVersion,
    state: State,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    **detail: object,
) -> None:
    model.state = state
    model.save(update_fields=STEPPED)
    api.append_ledger(actor=actor, action=action, subject=model.version, detail=detail, now=now)
    transaction.on_commit(partial(follow_rows, now=now))


def _figures(readings: tuple[GuardReading, ...]) -> Mapping[str, str]:
    """Return what each guardrail said, as the ledger keeps it."""
    return {reading.guard: reading.says for reading in readings}
