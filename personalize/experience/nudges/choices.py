"""How does a learner want to be reminded, and may they be, now? (L5)

Reminders rest on what somebody did in their courses and on the goal they stated: personalization,
never a finer tier. Without a word of theirs a page may remind an adult, nobody under 18, and no
e-mail goes out to anybody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from personalize.experience.nudges import policy
from personalize.models import Reminder, ReminderChoice
from signals import api as signals
from signals.data import UNDER_13, Actor, LearnerState

WEEK_DAYS, MONTH_DAYS = 7, 30
AT_MOST = {"twice": (2, WEEK_DAYS), "week": (1, WEEK_DAYS), "month": (1, MONTH_DAYS)}
PAUSES = (7, 30)  # days
PAGE, MAIL = "page", "mail"
COUNTED = (Reminder.State.SENT, Reminder.State.TAKEN)


class Against(StrEnum):
    """Why somebody is not reminded at all."""

    UNDER_13 = "under13"  # no profile is kept
    PERSONALIZATION = "personalization"
    OFF = "off"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Mail:
    """Where e-mail may go, or why it may not."""

    address: str  # empty where it may not
    why_not: str  # nowhere, minor, gpc or no_address


def of(learner_id: int) -> ReminderChoice:
    """Return what a learner chose, or what is usual; one statement."""
    held = ReminderChoice.objects.filter(learner_id=learner_id).first()
    return held or ReminderChoice(learner_id=learner_id)


def wanted(choice: ReminderChoice, *, minor: bool) -> bool:
    """Say whether reminders are on: as chosen, else as is usual at that age."""
    return not minor if choice.wanted is None else choice.wanted


def against(choice: ReminderChoice, state: LearnerState, *, now: datetime) -> Against | None:
    """Return what speaks against reminding somebody in any way, or None."""
    if state.age_band == UNDER_13:
        return Against.UNDER_13
    if not state.allowed.personalization:
        return Against.PERSONALIZATION
    if not wanted(choice, minor=state.minor):
        return Against.OFF
    if choice.paused_until is not None and choice.paused_until > now:
        return Against.PAUSED
    return None


def mail(learner_id: int, *, minor: bool) -> Mail:
    """Return where a learner's e-mail goes, or why none may; whether they want it is not asked.

    It leaves the platform by a mail provider, so Global Privacy Control and age speak against it.
    """
    if not settings.SENDS_MAIL:
        return Mail("", "nowhere")
    if minor:
        return Mail("", "minor")
    if signals.honours_gpc(learner_id):
        return Mail("", "gpc")
    account = signals.Account.objects.filter(learner_id=learner_id, is_active=True).first()
    address = account.email if account is not None else ""
    return Mail(address, "" if address else "no_address")


def room(choice: ReminderChoice, *, now: datetime) -> bool:
    """Say whether one more keeps within what the learner, and staff, allow at most."""
    number, days = AT_MOST[choice.at_most]
    sent = Reminder.objects.filter(learner_id=choice.learner_id, state__in=COUNTED)
    within_week = sent.filter(sent_at__gt=now - timedelta(days=WEEK_DAYS)).count()
    if within_week >= policy.current().most_a_week:
        return False
    return sent.filter(sent_at__gt=now - timedelta(days=days)).count() < number


def quiet_until(choice: ReminderChoice, *, now: datetime) -> datetime | None:
    """Return when the quiet hours end that a moment is in, by the learner's clock; else None."""
    here = now.astimezone(ZoneInfo(choice.time_zone))
    begins, ends = choice.quiet_from, choice.quiet_until
    if begins == ends:
        return None
    within = begins <= here.hour < ends if begins < ends else not ends <= here.hour < begins
    if not within:
        return None
    end = here.replace(hour=ends, minute=0, second=0, microsecond=0)
    return end if end > here else end + timedelta(days=1)


@transaction.atomic
def change(learner_id: int, *, actor: Actor, now: datetime, **what: object) -> ReminderChoice:
    """Keep what a learner chose; what they no longer want is taken out of the outbox at once.

    Raises ErasedLearnerError for who is gone.
    """
    if learner_id not in signals.storing([learner_id]):
        raise signals.ErasedLearnerError("There is no such learner any more.")
    if what.get("wanted") is False or what.get("by_mail") is False:
        drop_waiting(learner_id)
    before = of(learner_id).by_mail
    row, _ = ReminderChoice.objects.update_or_create(
        learner_id=learner_id, defaults={**what, "updated_at": now}
    )
    if "by_mail" in what and row.by_mail != before:
        _proof(learner_id, "mail_on" if row.by_mail else "mail_off", actor=actor, now=now)
    if what.get("wanted") is False:
        _proof(learner_id, "stopped", actor=actor, now=now)
    return row


def drop_waiting(learner_id: int) -> int:
    """Take what was not sent yet out of the outbox."""
    waiting = Reminder.objects.filter(learner_id=learner_id, state=Reminder.State.DUE)
    return waiting.update(state=Reminder.State.DROPPED)


def locked(learner_id: int, *, now: datetime) -> ReminderChoice:
    """Return a learner's choice and hold it to the end of the transaction: one at a time."""
    ReminderChoice.objects.get_or_create(learner_id=learner_id, defaults={"updated_at": now})
    return ReminderChoice.objects.select_for_update().get(learner_id=learner_id)


def said(learner_id: int, channel: str) -> Collection[Reminder]:
    """Return what was said to a learner in one channel."""
    return list(Reminder.objects.filter(learner_id=learner_id, channel=channel))


def _proof(learner_id: int, what: str, *, actor: Actor, now: datetime) -> None:
    signals.append_ledger(
        actor=actor,
        action=f"reminders.{what}",
        subject=f"learner:{learner_id}",
        detail={"via": "page"},
        learner_id=learner_id,
        now=now,
    )
