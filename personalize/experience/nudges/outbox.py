"""How does a reminder leave by e-mail, once and not twice? (L5)

It is written down first and sent from there. A sender takes a row, says so in the database, and
sends only then: killed before that, the row waits for the next one; killed after it, nobody knows
whether the message went out, and it is not sent again. A reminder lost is no harm; one that comes
twice is. Everything it rests on is asked again when it is sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from personalize.agents.nudges import Nudge
from personalize.experience.campaigns.running import GROUP, campaign_of
from personalize.experience.nudges import choices, facts, message, policy
from personalize.experience.nudges.speaking import spoken as in_words
from personalize.experience.nudges.words import Words
from personalize.experience.opening import is_open
from personalize.models import Reminder, ReminderChoice
from signals import api as signals

State = Reminder.State
AT_ONCE = 500  # messages of one run; the next one comes in minutes
ATTEMPTS = 5
FIRST_WAIT = timedelta(minutes=5)  # after a failure; four times as long after each further one
LOST_AFTER = timedelta(hours=1)  # a sender is never that long at one message
KEPT_DAYS = 180


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run did."""

    written: int
    sent: int
    failed: int  # to be tried again, or given up
    dropped: int
    gone: int  # past their retention


@dataclass(frozen=True, slots=True)
class _Taken:
    """A reminder a sender has taken, with all it needs."""

    row: Reminder
    address: str
    choice: ReminderChoice


def run(*, now: datetime) -> Ran:
    """Write down what is due, send what is written down, and let go of what is old."""
    facts.read_reach()
    written = write_due(now=now)
    counted = {State.SENT: 0, State.DUE: 0, State.FAILED: 0, State.DROPPED: 0}
    waiting = Reminder.objects.filter(channel=choices.MAIL, state=State.DUE, due_at__lte=now)
    for pk, learner_id in waiting.order_by("due_at").values_list("pk", "learner_id")[:AT_ONCE]:
        state = send(pk, learner_id, now=now)
        if state is not None:
            counted[state] += 1
    return Ran(
        written=written,
        sent=counted[State.SENT],
        failed=counted[State.FAILED] + counted[State.DUE] + _give_up(now=now),
        dropped=counted[State.DROPPED],
        gone=Reminder.objects.filter(made_at__lt=now - timedelta(days=KEPT_DAYS)).delete()[0],
    )


def write_due(*, now: datetime) -> int:
    """Write down an e-mail for everybody who wants one and has been away; how many there are."""
    running = Q(paused_until=None) | Q(paused_until__lte=now)
    asking = ReminderChoice.objects.filter(running, by_mail=True).exclude(wanted=False)
    waiting = Reminder.objects.filter(channel=choices.MAIL, state=State.DUE)
    asking = asking.exclude(learner_id__in=waiting.values("learner_id"))
    after = policy.current().mail_after_days
    return sum(_write(choice, after=after, now=now) for choice in asking.iterator())


def _write(choice: ReminderChoice, *, after: int, now: datetime) -> bool:
    if not choices.room(choice, now=now):
        return False
    nudge = _nudge(choice, now=now)
    if nudge is None or nudge.days < after:
        return False
    if not is_open("nudges", choice.learner_id, now=now):
        return False
    with transaction.atomic():
        if choice.learner_id not in signals.storing([choice.learner_id]):
            return False
        _row, created = Reminder.objects.get_or_create(
            learner_id=choice.learner_id,
            channel=choices.MAIL,
            key=nudge.key,
            defaults={
                "kind": nudge.kind,
                "facts": facts.stored(nudge),
                "state": State.DUE,
                "made_at": now,
                "due_at": choices.quiet_until(choice, now=now) or now,
            },
        )
    return created


def _nudge(choice: ReminderChoice, *, now: datetime, but: str = "") -> Nudge | None:
    """Return what may be said to a learner by e-mail now, that was not said so yet."""
    state = signals.learner_state(choice.learner_id, now=now)
    if state is None or choices.against(choice, state, now=now) is not None:
        return None
    if not choice.by_mail or not choices.mail(choice.learner_id, minor=state.minor).address:
        return None
    said = {row.key for row in choices.said(choice.learner_id, choices.MAIL)} - {but}
    return facts.proposal(state, said=said, now=now)


def send(pk: UUID, learner_id: int, *, now: datetime) -> State | None:
    """Send one reminder, if it still may be; what became of it, or None where another has it."""
    of_group = Reminder.objects.filter(pk=pk, kind=GROUP).exists()
    open_now = not of_group and is_open("nudges", learner_id, now=now)  # which draws them into it
    found = _take(pk, open_now=open_now, now=now)
    if not isinstance(found, _Taken):
        return found
    with translation.override(found.choice.language):
        spoken = in_words(found.row)
        if spoken is None:
            return _end(found.row, State.DROPPED)
        return _hand_over(found, spoken, now=now)


@transaction.atomic
def _take(pk: UUID, *, open_now: bool, now: datetime) -> _Taken | State | None:
    """Take a reminder, so that no other sender does; else say what became of it."""
    rows = Reminder.objects.select_for_update(skip_locked=True)
    row = rows.filter(pk=pk, state=State.DUE, due_at__lte=now).first()
    if row is None:
        return None
    if row.learner_id not in signals.storing([row.learner_id]):
        return _end(row, State.DROPPED)
    choice = choices.locked(row.learner_id, now=now)
    told = _still(row, choice, open_now=open_now, now=now)
    if told is None:
        return _end(row, State.DROPPED)  # done since, no longer wanted, or no longer open
    later = choices.quiet_until(choice, now=now)
    if later is not None or not choices.room(choice, now=now):
        row.due_at = later or now + timedelta(days=1)
        row.save(update_fields=["due_at"])
        return None
    address = choices.mail(row.learner_id, minor=False).address
    row.state, row.sent_at, row.attempts = State.TAKEN, now, row.attempts + 1
    row.facts = told
    row.save(update_fields=["state", "sent_at", "attempts", "facts"])
    return _Taken(row, address, choice)


def _still(
    row: Reminder, choice: ReminderChoice, *, open_now: bool, now: datetime
) -> dict[str, object] | None:
    """Return what a reminder says as it is now, or None where it is not to be said any more."""
    if row.kind == GROUP:
        campaign = campaign_of(row, now=now)
        state = signals.learner_state(row.learner_id, now=now) if campaign else None
        if state is None or choices.against(choice, state, now=now) is not None:
            return None
        reachable = choice.by_mail and choices.mail(row.learner_id, minor=state.minor).address
        return dict(row.facts) if reachable else None
    nudge = _nudge(choice, now=now, but=row.key) if open_now else None
    return facts.stored(nudge) if nudge is not None and nudge.key == row.key else None


def _hand_over(taken: _Taken, spoken: Words, *, now: datetime) -> State:
    """Give a message to the mail server; where it refuses, try again later."""
    row = taken.row
    try:
        message.build(row, taken.choice, spoken, to=taken.address).send()
    except (SMTPException, OSError):
        row.sent_at = None
        row.due_at = now + FIRST_WAIT * 4 ** (row.attempts - 1)
        return _end(row, State.DUE if row.attempts < ATTEMPTS else State.FAILED)
    except ValueError:  # an address no header can hold: it holds up nobody else
        return _end(row, State.FAILED)
    return _end(row, State.SENT)


def _end(row: Reminder, state: State) -> State:
    row.state = state
    row.save(update_fields=["state", "sent_at", "due_at"])
    return state


def _give_up(*, now: datetime) -> int:
    """Close what a killed sender left: it may have gone out, so it is not sent again."""
    lost = Reminder.objects.filter(state=State.TAKEN, sent_at__lt=now - LOST_AFTER)
    return lost.update(state=State.FAILED)
