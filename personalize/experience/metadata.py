"""What do people make of proposals for courses? (L5) They accept, reject and undo, and it learns.

To accept puts the catalogue right at once; to undo takes that out again. Both stand in the ledger.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count

from personalize.agents.metadata import before, levels
from personalize.agents.metadata.proposing import AGENT
from personalize.algorithms.metadata.learning import threshold
from personalize.llm import choice
from personalize.models import MetadataProposal, MetadataRun
from signals import api as signals
from signals import catalogue
from signals.data import Actor, CourseInfo

Kind, State = MetadataProposal.Kind, MetadataProposal.State
BEGIN: Mapping[str, float] = {
    Kind.SKILL: 0.2,
    Kind.LEVEL: levels.LEAST,
    Kind.PREREQUISITE: before.LEAST,
    Kind.QUALITY: 0.0,
}
SHOWN = 100
DECIDED = 20
LEARNT_FROM = 500  # newest decisions of a kind

NoProposalError = MetadataProposal.DoesNotExist


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal with the course it is about, and the one it names where it names one."""

    proposal_id: int
    course: CourseInfo
    other: CourseInfo | None
    kind: str
    value: str
    score: float
    evidence: Mapping[str, Any]
    state: str
    made_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class KindState:
    """What became of one kind of proposal, and from which score on it is shown."""

    kind: str
    title: str
    open: int  # at or above the threshold
    below: int  # open, and not shown
    accepted: int
    rejected: int
    begin: float
    threshold: float
    learnt: Mapping[str, Any]  # courses, measure, value; empty before the first run


@dataclass(frozen=True, slots=True)
class MetadataState:
    """How the agent stands."""

    on: bool
    ran_at: datetime | None
    courses: int
    kinds: tuple[KindState, ...]


def may_decide(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles accepts and rejects proposals."""
    return catalogue.may_correct(roles)


def state() -> MetadataState:
    """Return what is proposed by kind, what was decided, and where the thresholds stand."""
    run = MetadataRun.objects.first()
    learnt = run.learnt if run else {}
    return MetadataState(
        on=choice.setting(AGENT).on,
        ran_at=run.ran_at if run else None,
        courses=run.courses if run else 0,
        kinds=tuple(_kind(kind, learnt.get(kind, {})) for kind in Kind),
    )


def proposals(kind: str, *, limit: int = SHOWN) -> tuple[ProposalRow, ...]:
    """Return what is open of a kind at or above its threshold, what most speaks for first."""
    least = _threshold(Kind(kind))
    rows = MetadataProposal.objects.filter(state=State.OPEN, kind=kind, score__gte=least)
    return _rows(rows.order_by("-score", "id")[:limit])


def decided(*, limit: int = DECIDED) -> tuple[ProposalRow, ...]:
    """Return what was decided last, newest first."""
    rows = MetadataProposal.objects.filter(state__in=[State.ACCEPTED, State.REJECTED])
    return _rows(rows.order_by("-decided_at", "-id")[:limit])


def accept(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Put a proposal into the catalogue; return its kind.

    Raises PermissionDenied, NoProposalError, and ValidationError where it was
    decided already or the catalogue does not allow it.
    """
    with transaction.atomic():
        row = _locked(actor, proposal_id, State.OPEN)
        if row.kind != Kind.QUALITY:
            row.correction = catalogue.correct(
                actor, row.course_id, part=row.kind, value=row.value, now=now
            )
        _decide(actor, row, State.ACCEPTED, now=now)
    return row.kind


def reject(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Let a proposal go for good; return its kind. Raises as `accept` does."""
    with transaction.atomic():
        row = _locked(actor, proposal_id, State.OPEN)
        _decide(actor, row, State.REJECTED, now=now)
    return row.kind


def undo(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Make a decided proposal open again, and the catalogue as it was; return its kind.

    Raises as `accept` does.
    """
    with transaction.atomic():
        row = _locked(actor, proposal_id, State.ACCEPTED, State.REJECTED)
        if row.correction is not None:
            catalogue.take_back(actor, row.correction, now=now)
            row.correction = None
        _decide(actor, row, State.OPEN, now=now)
    return row.kind


def _locked(actor: Actor, proposal_id: int, *states: str) -> MetadataProposal:
    if not may_decide(actor.roles):
        raise PermissionDenied("To decide on proposals needs the role creator or admin.")
    row = MetadataProposal.objects.select_for_update().get(id=proposal_id)
    if row.state not in states:
        raise ValidationError("Somebody was faster: this is decided, or open again.")
    return row


def _decide(actor: Actor, row: MetadataProposal, become: str, *, now: datetime) -> None:
    row.state = become
    row.decided_by = "" if become == State.OPEN else actor.name
    row.decided_at = None if become == State.OPEN else now
    row.save(update_fields=["state", "decided_by", "decided_at", "correction"])
    signals.append_ledger(
        actor=actor,
        action=f"metadata.{'undone' if become == State.OPEN else become}",
        subject=f"course:{row.course_id}",
        detail={
            "proposal": row.pk,
            "kind": row.kind,
            "value": row.value,
            "score": row.score,
            "evidence": row.evidence,
        },
        now=now,
    )


def _threshold(kind: str) -> float:
    rows = MetadataProposal.objects.filter(
        kind=kind, state__in=[State.ACCEPTED, State.REJECTED]
    ).order_by("-decided_at")
    judged = [
        (score, said == State.ACCEPTED)
        for score, said in rows.values_list("score", "state")[:LEARNT_FROM]
    ]
    return threshold(judged, begin=BEGIN[kind])


def _kind(kind: MetadataProposal.Kind, learnt: Mapping[str, Any]) -> KindState:
    least = _threshold(kind)
    rows = MetadataProposal.objects.filter(kind=kind)
    counts = dict(rows.values_list("state").annotate(n=Count("id")))
    shown = rows.filter(state=State.OPEN, score__gte=least).count()
    return KindState(
        kind=kind.value,
        title=str(kind.label),
        open=shown,
        below=counts.get(State.OPEN, 0) - shown,
        accepted=counts.get(State.ACCEPTED, 0),
        rejected=counts.get(State.REJECTED, 0),
        begin=BEGIN[kind],
        threshold=least,
        learnt=learnt,
    )


def _rows(rows: Any) -> tuple[ProposalRow, ...]:
    found = []
    for row in rows:
        course = catalogue.course(row.course_id)
        other = catalogue.course(int(row.value)) if row.kind == Kind.PREREQUISITE else None
        if course is None or (row.kind == Kind.PREREQUISITE and other is None):
            continue  # it has left the catalogue; the next run withdraws it
        found.append(
            ProposalRow(
                proposal_id=row.pk,
                course=course,
                other=other,
                kind=row.kind,
                value=row.value,
                score=row.score,
                evidence=row.evidence,
                state=row.state,
                made_at=row.made_at,
                decided_by=row.decided_by,
                decided_at=row.decided_at,
            )
        )
    return tuple(found)
