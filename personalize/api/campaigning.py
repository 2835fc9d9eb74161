"""Which campaigns are proposed, approved, running?"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from personalize.experience.campaigns import deciding as campaigning
from personalize.experience.campaigns import seen as campaigns_seen
from personalize.experience.campaigns.deciding import Wanted as CampaignWanted
from personalize.experience.campaigns.seen import Seen as CampaignSeen
from signals.data import Actor

__all__ = [
    "CampaignSeen",
    "CampaignWanted",
    "approve_campaign",
    "campaign",
    "campaigns",
    "decline_campaign",
    "edit_campaign",
    "may_approve_campaigns",
    "may_edit_campaigns",
    "stop_campaign",
]


def may_edit_campaigns(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may change a proposed campaign, or decline it."""
    return campaigning.may_edit(roles)


def may_approve_campaigns(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may let a campaign begin, and stop it."""
    return campaigning.may_approve(roles)


def campaigns(*, now: datetime) -> tuple[CampaignSeen, ...]:
    """Return proposals, the largest group first, then what runs, then what is over."""
    return campaigns_seen.listed(now=now)


def campaign(number: UUID, *, now: datetime) -> CampaignSeen | None:
    """Return one campaign; None where there is none."""
    return campaigns_seen.one(number, now=now)


def edit_campaign(actor: Actor, number: UUID, wanted: CampaignWanted, *, now: datetime) -> None:
    """Keep what a person made of a proposal; PermissionDenied, ValidationError, LookupError."""
    campaigning.edit(actor, number, wanted, now=now)


def approve_campaign(
    actor: Actor, number: UUID, wanted: CampaignWanted, *, reason: str, now: datetime
) -> None:
    """Let a campaign begin; PermissionDenied, ValidationError (by field), LookupError."""
    campaigning.approve(actor, number, wanted, reason=reason, now=now)


def decline_campaign(actor: Actor, number: UUID, *, reason: str, now: datetime) -> None:
    """Put a proposal away; PermissionDenied, ValidationError (by field), LookupError."""
    campaigning.decline(actor, number, reason=reason, now=now)


def stop_campaign(actor: Actor, number: UUID, *, reason: str, now: datetime) -> int:
    """Stop a campaign at once; PermissionDenied, ValidationError (by field), LookupError."""
    return campaigning.stop(actor, number, reason=reason, now=now)
