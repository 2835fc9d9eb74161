"""Whom does a campaign reach, and is it still to be given? (L5) In batches, by the clock.

Everybody of the group whom reminders may reach is drawn to one side by chance, before anything is
said to anybody; the share that is compared gets nothing. What is given goes the way of reminders:
how they are wanted, their cap, quiet hours and one click to stop hold for it too. Each batch asks
again whether the campaign runs, and each message when it is shown or sent.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experiments import api as experiments
from personalize.experience.nudges import choices
from personalize.models import Campaign, CampaignLearner, Reminder, ReminderChoice
from signals import api as signals

State = Campaign.State
GROUP = "group"  # kind of reminder
OFF = "surface-campaigns-off"
REMINDERS_OFF = "surface-nudges-off"
BATCH = 100
BATCHES = 20  # of one run; the next one comes in minutes
HELD_BACK = "held_back"  # in the permanent comparison group
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run did."""

    given: int
    compared: int
    finished: int


def open_now() -> bool:
    """Say whether any campaign may reach anybody: neither its switch nor that of reminders is."""
    closed = experiments.on_for_everybody
    return not closed(OFF) and not closed(REMINDERS_OFF)


def campaign_of(row: Reminder, *, now: datetime) -> Campaign | None:
    """Return the campaign a reminder is of, if it still runs; else None."""
    found = Campaign.objects.filter(
        pk=row.facts.get("campaign"), state=State.RUNNING, ends_on__gte=now.date()
    ).first()
    return found if found is not None and open_now() else None


def run(*, now: datetime) -> Ran:
    """Draw the next learners of every running campaign, and end what is over."""
    over = Campaign.objects.filter(state=State.RUNNING, ends_on__lt=now.date())
    finished = sum(_finish(pk, now=now) for pk in over.values_list("pk", flat=True))
    drawn: Counter[bool] = Counter()
    running = Campaign.objects.filter(state=State.RUNNING, enlisted=False)
    for pk in running.values_list("pk", flat=True):
        for _ in range(BATCHES):
            found = _draw(pk, now=now) if open_now() else None
            if found is None:
                break
            drawn += found
    return Ran(given=drawn[False], compared=drawn[True], finished=finished)


@transaction.atomic
def _draw(pk: UUID, *, now: datetime) -> Counter[bool] | None:
    """Draw the next batch; by side how many, None where there is nothing more to draw."""
    campaign = Campaign.objects.select_for_update().get(pk=pk)
    if campaign.state != State.RUNNING or campaign.enlisted:
        return None
    given = CampaignLearner.objects.filter(campaign_id=campaign.pk, compared=False).count()
    room = campaign.most - given
    group = signals.who_stands(
        campaign.kind,
        campaign.course_id,
        campaign.module_id,
        after=campaign.after,
        limit=min(BATCH, max(room, 0)),
        now=now,
    )
    if not group:
        campaign.enlisted = True
        campaign.save(update_fields=["enlisted"])
        return None
    against, reached = _reached(group, now=now)
    rows = [
        CampaignLearner(
            campaign_id=campaign.pk,
            learner_id=choice.learner_id,
            compared=_compared(campaign, choice.learner_id),
            at=now,
        )
        for choice in reached
    ]
    CampaignLearner.objects.bulk_create(rows, ignore_conflicts=True)
    given_to = {row.learner_id for row in rows if not row.compared}
    _write(campaign, [choice for choice in reached if choice.learner_id in given_to], now=now)
    campaign.after = group[-1]
    campaign.left_out = dict(Counter(campaign.left_out) + against)
    campaign.save(update_fields=["after", "left_out"])
    return Counter(row.compared for row in rows)


def _reached(
    group: Sequence[int], *, now: datetime
) -> tuple[Counter[str], Sequence[ReminderChoice]]:
    """Return why some of a group are not drawn at all, and how the others want reminders."""
    against: Counter[str] = Counter()
    reached = []
    known = signals.storing(group)
    chosen = ReminderChoice.objects.in_bulk(group)
    for learner_id in group:
        state = signals.learner_state(learner_id, now=now) if learner_id in known else None
        choice = chosen.get(learner_id) or ReminderChoice(learner_id=learner_id)
        if state is None:
            against[GONE] += 1
        elif experiments.in_holdout(learner_id):
            against[HELD_BACK] += 1
        elif state.minor:
            against[choices.Against.UNDER_13] += 1
        elif (why := choices.against(choice, state, now=now)) is not None:
            against[why] += 1
        else:
            reached.append(choice)
    return against, reached


def _compared(campaign: Campaign, learner_id: int) -> bool:
    return experiments.in_share(
        unit=learner_id, salt=f"campaign:{campaign.pk}", share=campaign.compare_share
    )


def _write(campaign: Campaign, wanted: Iterable[ReminderChoice], *, now: datetime) -> None:
    """Write down what is to be given: on the page, and by e-mail to those who want that."""
    key = key_of(campaign)
    rows = [
        Reminder(
            learner_id=choice.learner_id,
            channel=channel,
            key=key,
            kind=GROUP,
            facts={"campaign": str(campaign.pk)},
            state=Reminder.State.DUE,
            made_at=now,
            due_at=choices.quiet_until(choice, now=now) or now,
        )
        for choice in wanted
        for channel in _channels(campaign, choice)
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def _channels(campaign: Campaign, choice: ReminderChoice) -> tuple[str, ...]:
    page = (choices.PAGE,) if choice.on_page else ()
    return (*page, choices.MAIL) if campaign.by_mail and choice.by_mail else page


def key_of(campaign: Campaign) -> str:
    """Return what tells its reminders from others; it ends as that of a lesson does."""
    return f"{campaign.pk.hex[:8]}:{campaign.course_id}:{campaign.module_id}"


def drop_waiting(campaign: Campaign) -> int:
    """Take what was not given yet out of the outbox."""
    waiting = Reminder.objects.filter(kind=GROUP, key=key_of(campaign), state=Reminder.State.DUE)
    return waiting.update(state=Reminder.State.DROPPED)


@transaction.atomic
def _finish(pk: UUID, *, now: datetime) -> bool:
    campaign = Campaign.objects.select_for_update().get(pk=pk)
    if campaign.state != State.RUNNING:
        return False
    campaign.state, campaign.ended_at = State.FINISHED, now
    campaign.save(update_fields=["state", "ended_at"])
    drop_waiting(campaign)
    Campaign.objects.filter(
        state=State.PROPOSED, edited=False, proposed_at__lt=now - timedelta(days=30)
    ).delete()
    return True
