"""Does drift ask for a model trained on newer data? (L3) The conductor, by clock and by command.

A model is trained at most once an alert, never within COOLDOWN of the last training or while a
canary is compared with the live model. All gates of a night apply: what a sender changed in what it
sends is refused by the gates of data, however loud the alert.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from personalize.engine import registry, training
from personalize.engine.drift import alerts
from personalize.engine.registry import State
from personalize.engine.training import Ended
from personalize.models import DriftAlert, ModelVersion
from signals.data import SYSTEM

COOLDOWN = timedelta(hours=6)
CAME_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Retrained:
    """What was done about drift; `ended` is empty where nothing was trained."""

    says: str
    ended: str = ""


def retrain_for_drift(*, now: datetime) -> Retrained:
    """Train a model where an alert asks for it and nothing speaks against it now."""
    asking = alerts.unanswered()
    if not asking:
        return Retrained("No alert asks for a model on newer data.")
    if reason := _why_not(now=now):
        return Retrained(reason)
    outcome = training.retrain(now=now, actor=SYSTEM)
    if outcome.ended is Ended.RUNNING:
        return Retrained(outcome.detail)
    came_of_it = outcome.detail[:CAME_LONGEST]
    named = [alert.pk for alert in asking]
    DriftAlert.objects.filter(pk__in=named).update(retrained_at=now, came_of_it=came_of_it)
    return Retrained(outcome.detail, outcome.ended)


def _why_not(*, now: datetime) -> str:
    canary = registry.in_state(State.CANARY)
    if canary is not None:
        return (
            f"{canary.version} is the canary: what is compared must not change. Waiting until its "
            "guardrails have held."
        )
    trained = ModelVersion.objects.aggregate(at=Max("trained_at"))["at"]
    asked = DriftAlert.objects.aggregate(at=Max("retrained_at"))["at"]
    newest = max((one for one in (trained, asked) if one), default=None)
    if newest is not None and now - newest < COOLDOWN:
        return (
            f"A model was trained at {newest:%H:%M} UTC. The next one for drift is trained at "
            f"{newest + COOLDOWN:%H:%M} UTC at the earliest."
        )
    return ""
