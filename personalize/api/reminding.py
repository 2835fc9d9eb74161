"""How are learners reminded, how often, and what did they choose?"""

from collections.abc import Collection
from datetime import datetime

from personalize.experience.nudges import figures as reminded
from personalize.experience.nudges import policy as reminding
from personalize.experience.nudges.figures import Chosen as RemindersChosen
from personalize.experience.nudges.figures import Counted as RemindersCounted
from personalize.experience.nudges.figures import Limits as ReminderLimits
from personalize.experience.nudges.words import Words as ReminderWords
from signals.data import Actor

__all__ = [
    "ReminderLimits",
    "ReminderWords",
    "RemindersChosen",
    "RemindersCounted",
    "may_set_reminders",
    "reminder_example",
    "reminder_limits",
    "reminders_chosen",
    "reminders_counted",
    "set_reminder_limits",
]


def may_set_reminders(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides how many reminders there are at most."""
    return reminding.may_change(roles)


def reminder_limits() -> ReminderLimits:
    """Return how many reminders a learner gets at most, who said so, and whether all are off."""
    return reminded.limits()


def set_reminder_limits(
    actor: Actor, *, most_a_week: int, mail_after_days: int, reason: str, now: datetime
) -> None:
    """Put other limits in force; 0 a week lets nobody be reminded. PermissionDenied.

    Raises ValidationError (by field).
    """
    reminding.change(
        actor,
        most_a_week=most_a_week,
        mail_after_days=mail_after_days,
        reason=reason,
        now=now,
    )


def reminders_counted(*, now: datetime) -> tuple[RemindersCounted, ...]:
    """Return the reminders of the last 28 days by kind and channel, of all learners together."""
    return reminded.counted(now=now)


def reminders_chosen() -> RemindersChosen:
    """Return how many learners stopped reminders, and how many want e-mails."""
    return reminded.chosen()


def reminder_example() -> ReminderWords | None:
    """Return a reminder as a made learner would read it; None without a course to speak of."""
    return reminded.example()
