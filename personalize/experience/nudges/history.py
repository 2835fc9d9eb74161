"""What was a learner reminded of, where, and why? (L5)"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from personalize.experience.nudges import choices
from personalize.experience.nudges.page import OPENED
from personalize.experience.nudges.speaking import spoken
from personalize.experience.nudges.words import Words
from personalize.models import Reminder

SHOWN = 20
LATELY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Sent:
    """One reminder that was given; words are gone with the course, or with a consent."""

    at: datetime
    channel: str
    answer: str
    words: Words | None

    @property
    def where(self) -> str:
        """Return where it was given, and whether it led back."""
        place = gettext("e-mail") if self.channel == choices.MAIL else gettext("on page")
        return f"{place}, {gettext('opened')}" if self.answer == OPENED else place


def sent(learner_id: int) -> tuple[Sent, ...]:
    """Return the newest reminders of a learner, newest first."""
    rows = Reminder.objects.filter(learner_id=learner_id, state__in=choices.COUNTED)
    return tuple(
        Sent(row.sent_at or row.made_at, row.channel, row.answer, spoken(row))
        for row in rows.order_by("-sent_at")[:SHOWN]
    )


def newest(learner_id: int) -> tuple[Reminder, Words] | None:
    """Return the newest reminder that can still be told, with its words; None without one."""
    rows = Reminder.objects.filter(learner_id=learner_id, state__in=choices.COUNTED)
    told = ((row, spoken(row)) for row in rows.order_by("-sent_at")[:SHOWN])
    return next(((row, said) for row, said in told if said is not None), None)


def lately(learner_id: int, *, now: datetime) -> int:
    """Return how many reminders a learner had in the last seven days."""
    rows = Reminder.objects.filter(learner_id=learner_id, state__in=choices.COUNTED)
    return rows.filter(sent_at__gt=now - timedelta(days=LATELY_DAYS)).count()
