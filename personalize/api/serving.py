"""Which model answers, which one waits, and does it drift or treat cohorts unlike?"""

from collections.abc import Collection, Sequence
from datetime import datetime

from personalize.data import CanaryState, Comparison, ModelRow
from personalize.decision import fair
from personalize.decision.fair import Fairness
from personalize.engine import canary as canaries
from personalize.engine import compared, registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.drift import alerts as drifting
from personalize.engine.drift import answered
from personalize.engine.drift import watch as drift_watch
from personalize.engine.drift.alerts import Alert as DriftAlert
from personalize.engine.drift.looks import Look as DriftLook
from personalize.engine.rules.registry import Governed
from personalize.engine.rules.told import told as _governed
from signals.data import Actor

__all__ = [
    "DriftAlert",
    "DriftLook",
    "Fairness",
    "Governed",
    "ModelUnusable",
    "canary",
    "challenger",
    "drift",
    "drift_alerts",
    "fairness",
    "governed",
    "lists_counted_to",
    "live_model",
    "may_take_drift",
    "models",
    "rollback",
    "stop_canary",
    "take_drift_alert",
]


def live_model() -> ModelRow | None:
    """Return the model that should serve, None before the first."""
    return registry.live_version()


def models(*, limit: int = 50) -> Sequence[ModelRow]:
    """Return the newest model versions, newest first."""
    return registry.versions(limit=limit)


def rollback(actor: Actor, version: str, *, reason: str, now: datetime) -> ModelRow:
    """Make a version live that served before; PermissionDenied, ModelUnusable."""
    return steps.rollback(version, actor=actor, reason=reason, now=now)


def drift() -> tuple[DriftLook, ...]:
    """Return what the newest look found of everything watched; nothing before the first."""
    return drift_watch.newest()


def lists_counted_to() -> datetime | None:
    """Return up to when lists are counted by speed and source; None: none are yet."""
    return answered.counted_to()


def drift_alerts() -> tuple[DriftAlert, ...]:
    """Return the newest alerts of drift, those that are not over first."""
    return drifting.listed()


def may_take_drift(roles: Collection[str]) -> bool:
    """Say whether these roles may become the owner of an alert of drift."""
    return drifting.may_take(roles)


def take_drift_alert(actor: Actor, number: int, *, reason: str, now: datetime) -> bool:
    """Make somebody the owner of an alert; False where it is over. PermissionDenied."""
    return drifting.take(actor, number, reason=reason, now=now)


def governed(version: str) -> tuple[Governed, ...]:
    """Return what each rule of training data did when a version was trained."""
    return _governed(version)


def canary() -> CanaryState | None:
    """Return the model a part of the learners sees before all do; None where there is none."""
    return canaries.state()


def stop_canary(actor: Actor, version: str, *, reason: str, now: datetime) -> bool:
    """Let nobody see a canary any more; False where it is one no more. PermissionDenied."""
    return steps.stop_canary(version, actor=actor, reason=reason, now=now)


def challenger() -> Comparison | None:
    """Return the model that waits for an experiment, and how a plan names it; None without one."""
    return compared.comparison()


def fairness(*, now: datetime) -> Fairness:
    """Return how each kind of learner is served beside all others."""
    return fair.fairness(now=now)
