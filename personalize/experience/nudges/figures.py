"""What do staff see of reminders? (L5) Counts of all learners together, and a made one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from experiments import api as experiments
from personalize.agents.nudges import Kind, Nudge
from personalize.experience.nudges import choices, policy
from personalize.experience.nudges.page import LATER, OPENED
from personalize.experience.nudges.words import Words, words
from personalize.experience.surfaces import SURFACES
from personalize.models import Reminder, ReminderChoice
from signals import aggregates, catalogue

DAYS = 28
_THROUGH = 0.6  # of a course: how far the made learner is
_AWAY_DAYS = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """What staff allow at most, and who said so; empty where it is as the product comes."""

    most_a_week: int
    mail_after_days: int
    reason: str
    created_by: str
    created_at: datetime | None
    closed: bool  # by the off-switch of the surface


@dataclass(frozen=True, slots=True)
class Counted:
    """Reminders of one kind in one channel; None stands for fewer than ten."""

    kind: str
    channel: str
    sent: int | None
    opened: int | None
    later: int | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What learners chose, of all together; None stands for fewer than ten."""

    stopped: int | None
    by_mail: int | None


def limits() -> Limits:
    """Return what is in force."""
    row = policy.current()
    return Limits(
        most_a_week=row.most_a_week,
        mail_after_days=row.mail_after_days,
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
        closed=experiments.on_for_everybody(SURFACES["nudges"].off_switch),
    )


def counted(*, now: datetime) -> tuple[Counted, ...]:
    """Return the reminders of the last 28 days by kind and channel, each number publishable."""
    rows = (
        Reminder.objects.filter(state__in=choices.COUNTED, made_at__gt=now - timedelta(days=DAYS))
        .values("kind", "channel")
        .annotate(
            n=Count("pk"),
            opened=Count("pk", filter=Q(answer=OPENED)),
            later=Count("pk", filter=Q(answer=LATER)),
        )
        .order_by("kind", "channel")
    )
    return tuple(
        Counted(
            kind=row["kind"],
            channel=row["channel"],
            sent=aggregates.publishable(row["n"]),
            opened=aggregates.publishable(row["opened"]),
            later=aggregates.publishable(row["later"]),
        )
        for row in rows
    )


def chosen() -> Chosen:
    """Return how many learners stopped reminders, and how many want e-mails."""
    return Chosen(
        stopped=aggregates.publishable(ReminderChoice.objects.filter(wanted=False).count()),
        by_mail=aggregates.publishable(ReminderChoice.objects.filter(by_mail=True).count()),
    )


def example() -> Words | None:
    """Return what a made learner would read: six days away, in the middle of a course."""
    for course_id in sorted(catalogue.courses()):
        modules = catalogue.modules(course_id)
        done = int(_THROUGH * len(modules))
        if not done:
            continue
        left = modules[done + 1 :]
        return words(
            Nudge(
                kind=Kind.NEXT,
                course_id=course_id,
                module_id=modules[done].module_id,
                number=done + 1,
                of=len(modules),
                minutes=modules[done].minutes,
                done=done,
                after=len(left),
                after_minutes=sum(module.minutes for module in left),
                days=_AWAY_DAYS,
            )
        )
    return None
