"""What does a reminder that was kept say, whatever it is of? (L5)"""

from personalize.experience.campaigns import texts
from personalize.experience.campaigns.running import GROUP
from personalize.experience.nudges import facts
from personalize.experience.nudges.words import Words, words
from personalize.models import Campaign, Reminder


def spoken(row: Reminder) -> Words | None:
    """Return a kept reminder in words; None where its facts, course or campaign are gone."""
    if row.kind == GROUP:
        campaign = Campaign.objects.filter(pk=row.facts.get("campaign")).first()
        return texts.words(campaign) if campaign is not None else None
    nudge = facts.of_stored(row.facts)
    return words(nudge) if nudge is not None else None
