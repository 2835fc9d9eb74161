"""What does the metadata agent propose, what do people say to it, and how are skills written?"""

from collections.abc import Collection
from datetime import datetime

from personalize.experience import metadata as metadata_seen
from personalize.experience.metadata import KindState, MetadataState, NoProposalError, ProposalRow
from personalize.experience.skill_words import as_a_name as skill_as_a_name
from personalize.experience.skill_words import in_a_sentence as skill_in_a_sentence
from signals.data import Actor

__all__ = [
    "KindState",
    "MetadataState",
    "NoProposalError",
    "ProposalRow",
    "accept_metadata",
    "may_decide_metadata",
    "metadata_decided",
    "metadata_proposals",
    "metadata_state",
    "reject_metadata",
    "skill_as_a_name",
    "skill_in_a_sentence",
    "undo_metadata",
]


def may_decide_metadata(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles accepts and rejects proposals for courses."""
    return metadata_seen.may_decide(roles)


def metadata_state() -> MetadataState:
    """Return what is proposed of courses by kind, and how decisions moved what is shown."""
    return metadata_seen.state()


def metadata_proposals(kind: str) -> tuple[ProposalRow, ...]:
    """Return what is open of a kind and shown, what most speaks for first. Raises ValueError."""
    return metadata_seen.proposals(kind)


def metadata_decided() -> tuple[ProposalRow, ...]:
    """Return what was decided last, newest first."""
    return metadata_seen.decided()


def accept_metadata(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Put a proposal into the catalogue; its kind. PermissionDenied, ValidationError.

    Raises NoProposalError where there is none.
    """
    return metadata_seen.accept(actor, proposal_id, now=now)


def reject_metadata(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Let a proposal go for good; its kind. Raises as `accept_metadata` does."""
    return metadata_seen.reject(actor, proposal_id, now=now)


def undo_metadata(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Make a decided proposal open again; its kind. Raises as `accept_metadata` does."""
    return metadata_seen.undo(actor, proposal_id, now=now)
