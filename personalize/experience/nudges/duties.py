"""What is owed about reminders to a learner who leaves, asks, objects or begins anew? (L5)

Called by signals. What was said once is not said again after a reset: the rows stay, without facts.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from personalize.experience.nudges import choices
from personalize.models import CampaignLearner, Guide, Reminder, ReminderChoice
from signals import api as signals
from signals.data import Allowed

NAME = "reminders"
_TABLES = (
    ReminderChoice.objects,
    Reminder.objects,
    Guide.objects,
    CampaignLearner.objects,
)


def register() -> None:
    """Register the duties with signals."""
    signals.on_erase(NAME, erase)
    signals.on_export(NAME, export)
    signals.on_consent(NAME, consent_changed)
    signals.on_reset(NAME, reset)


def erase(learner_id: int) -> int:
    """Delete every row about a learner; return how many there were."""
    return sum(rows.filter(learner_id=learner_id).delete()[0] for rows in _TABLES)


def export(learner_id: int) -> dict[str, object]:
    """Return how a learner wants to be reminded, and of what they were."""
    names = ("choice", "sent", "guide", "campaigns")
    return {
        name: [_row(row) for row in rows.filter(learner_id=learner_id).order_by("pk")]
        for name, rows in zip(names, _TABLES, strict=True)
    }


def reset(learner_id: int) -> int:
    """Forget the facts of reminders, groups and what was looked at; how they are wanted stays."""
    return _forget(learner_id) + Guide.objects.filter(learner_id=learner_id).delete()[0]


def consent_changed(learner_id: int, allowed: Allowed, _now: datetime) -> None:
    """Send nothing more, and keep no fact, for who switched off what reminders rest on."""
    if not allowed.personalization:
        _forget(learner_id)


def _forget(learner_id: int) -> int:
    choices.drop_waiting(learner_id)
    gone = CampaignLearner.objects.filter(learner_id=learner_id).delete()[0]
    held = Reminder.objects.filter(learner_id=learner_id).exclude(facts={})
    return gone + held.update(facts={})


def _row(row: Model) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.column]
    return {field.attname: _plain(getattr(row, field.attname)) for field in fields}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
