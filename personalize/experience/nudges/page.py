"""Which reminder does a learner see on their first page, if any? (L5)

The same thing is said once: it stays for a week, unless it was done, put off or stopped.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from personalize.agents.nudges import Nudge
from personalize.experience.campaigns import sessions, texts
from personalize.experience.campaigns.running import GROUP, campaign_of
from personalize.experience.nudges import choices, facts
from personalize.experience.nudges.words import Words, words
from personalize.experience.opening import is_open
from personalize.models import Reminder, ReminderChoice
from signals import api as signals
from signals.data import LearnerState

SHOWN_DAYS = 7
PUT_OFF = timedelta(days=1)
LATER, OPENED, STOPPED = "later", "opened", "stopped"


@dataclass(frozen=True, slots=True)
class Line:
    """The reminder of a page."""

    reminder_id: UUID
    course_id: int
    words: Words
    session: bool = False  # it invites to a live session that is still to come
    coming: bool | None = None  # as they said; None: nothing yet


def line(learner_id: int, *, now: datetime) -> Line | None:
    """Return the reminder to show now, and count it as shown; None also while that cannot be."""
    try:
        state = signals.learner_state(learner_id, now=now)
        return None if state is None else _line(state, now=now)
    except DatabaseError:
        return None


def _line(state: LearnerState, *, now: datetime) -> Line | None:
    choice = choices.of(state.learner_id)
    if choices.against(choice, state, now=now) is not None or not choice.on_page:
        return None
    said = choices.said(state.learner_id, choices.PAGE)
    # Of a minor one may learn after they were drawn; the team writes to nobody under 18.
    of_group = None if state.minor else _of_group(said, choice, now=now)
    if of_group is not None:
        return of_group
    nudge = facts.proposal(state, said={row.key for row in said if _over(row, now=now)}, now=now)
    if nudge is None:
        return None
    held = next((row for row in said if row.key == nudge.key), None)
    if held is not None and held.hidden_until is not None and held.hidden_until > now:
        return None
    if held is None and not choices.room(choice, now=now):
        return None
    spoken = words(nudge)
    if spoken is None or not is_open("nudges", state.learner_id, now=now):
        return None
    shown = held or _shown(state.learner_id, nudge, now=now)
    return None if shown is None else Line(shown.pk, nudge.course_id, spoken)


def _of_group(said: Iterable[Reminder], choice: ReminderChoice, *, now: datetime) -> Line | None:
    """Return the message of a campaign that is for this learner now, and count it as shown."""
    for row in said:
        waits = row.state == Reminder.State.DUE
        shown = row.state == Reminder.State.SENT and not _over(row, now=now)
        put_off = row.hidden_until is not None and row.hidden_until > now
        if row.kind != GROUP or put_off or not (waits or shown):
            continue
        campaign = campaign_of(row, now=now)
        spoken = texts.words(campaign) if campaign is not None else None
        if campaign is None or spoken is None or (waits and not _show(row, choice, now=now)):
            continue
        invites = sessions.is_ahead(campaign, now=now)
        said_so = sessions.coming(campaign, choice.learner_id) if invites else None
        return Line(row.pk, campaign.course_id, spoken, session=invites, coming=said_so)
    return None


@transaction.atomic
def _show(row: Reminder, choice: ReminderChoice, *, now: datetime) -> bool:
    """Count what waited as shown, within the cap; False where it was taken back meanwhile."""
    if row.learner_id not in signals.storing([row.learner_id]):
        return False
    if not choices.room(choices.locked(choice.learner_id, now=now), now=now):
        return False
    waiting = Reminder.objects.filter(pk=row.pk, state=Reminder.State.DUE)
    return waiting.update(state=Reminder.State.SENT, sent_at=now) > 0


def _over(row: Reminder, *, now: datetime) -> bool:
    """Say whether a reminder had its time."""
    old = row.sent_at is None or row.sent_at <= now - timedelta(days=SHOWN_DAYS)
    return old or row.answer in {OPENED, STOPPED}


@transaction.atomic
def _shown(learner_id: int, nudge: Nudge, *, now: datetime) -> Reminder | None:
    """Keep that a reminder is shown; None where the learner is gone, or another was first."""
    if learner_id not in signals.storing([learner_id]):
        return None
    choice = choices.locked(learner_id, now=now)
    if not choices.room(choice, now=now):
        return None
    row, _ = Reminder.objects.get_or_create(
        learner_id=learner_id,
        channel=choices.PAGE,
        key=nudge.key,
        defaults={
            "kind": nudge.kind,
            "facts": facts.stored(nudge),
            "state": Reminder.State.SENT,
            "made_at": now,
            "due_at": now,
            "sent_at": now,
        },
    )
    return row


def answer(learner_id: int, reminder_id: UUID, what: str, *, now: datetime) -> bool:
    """Keep what a learner does with their reminder; False where there is no such one."""
    until = now + PUT_OFF if what == LATER else None
    own = Reminder.objects.filter(pk=reminder_id, learner_id=learner_id)
    return own.update(answer=what, hidden_until=until) > 0


def followed(learner_id: int, course_id: int, module_id: int) -> None:
    """Keep that a reminder led back to its lesson; a page never fails over it."""
    key = f":{course_id}:{module_id}"
    try:
        with transaction.atomic():
            own = Reminder.objects.filter(learner_id=learner_id, key__endswith=key)
            own.filter(state=Reminder.State.SENT).update(answer=OPENED)
    except DatabaseError:
        return
