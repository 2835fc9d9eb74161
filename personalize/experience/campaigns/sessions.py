"""Who comes to the live session of a campaign? (L5) What learners said; staff see how many."""

from datetime import datetime
from uuid import UUID

from personalize.experience.campaigns.running import GROUP, campaign_of
from personalize.models import Campaign, CampaignLearner, Reminder


def is_ahead(campaign: Campaign, *, now: datetime) -> bool:
    """Say whether a campaign has a live session that is still to begin."""
    return bool(campaign.session) and campaign.session_at is not None and now < campaign.session_at


def coming(campaign: Campaign, learner_id: int) -> bool | None:
    """Return what a learner said; None: nothing."""
    rows = CampaignLearner.objects.filter(campaign_id=campaign.pk, learner_id=learner_id)
    return rows.values_list("coming", flat=True).first()


def say(learner_id: int, reminder_id: UUID, *, comes: bool, now: datetime) -> bool:
    """Keep whether a learner comes; False where they are not invited, or it has begun."""
    row = Reminder.objects.filter(pk=reminder_id, learner_id=learner_id, kind=GROUP).first()
    campaign = campaign_of(row, now=now) if row is not None else None
    if campaign is None or not is_ahead(campaign, now=now):
        return False
    invited = CampaignLearner.objects.filter(
        campaign_id=campaign.pk, learner_id=learner_id, compared=False
    )
    return invited.update(coming=comes) > 0
