"""Who proposes, edits, approves, declines and stops a campaign? (L5) Each step in the ledger.

The agent proposes and nothing more. Analysts and administrators edit; administrators approve and
stop. A campaign without a comparison group cannot be approved.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from personalize.agents import campaigns as agent
from personalize.experience.campaigns import measuring, texts
from personalize.experience.campaigns.running import drop_waiting, open_now
from personalize.models import Campaign
from signals import aggregates, catalogue
from signals import api as signals
from signals.data import Actor, ActorKind

State = Campaign.State
MAY_EDIT = frozenset({"admin", "analyst"})
MAY_APPROVE = frozenset({"admin"})
COMPARE = (0.1, 0.5)  # share of the comparison group; it cannot be nought
DAYS_MOST = 60
LEARNERS_MOST = 100_000
REST = timedelta(days=60)  # a place is not proposed again for so long


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person makes of a proposal."""

    texts: Mapping[str, str]
    bundle: tuple[int, ...]
    session: str
    by_mail: bool
    compare_share: float
    most: int
    ends_on: date
    session_at: datetime | None = None  # when it begins; its place is `session`


def find(*, now: datetime) -> int:
    """Look for groups that stand still and propose a message to each; how many are proposed.

    What nobody has edited is proposed anew each night, as the groups are then.
    """
    if not open_now():
        return 0
    courses = catalogue.courses()
    standings = aggregates.standing_still(now=now)
    modules = {
        course_id: catalogue.modules(course_id)
        for course_id in {one.course_id for one in standings}
        if course_id in courses
    }
    over = Campaign.objects.filter(state__in=(State.FINISHED, State.STOPPED))
    proposals = agent.propose(
        standings,
        courses=courses,
        modules=modules,
        reach=aggregates.module_reach() if standings else {},
        earlier=measuring.earlier(list(over), now=now),
        busy=_busy(now),
    )
    with transaction.atomic():
        Campaign.objects.filter(state=State.PROPOSED, edited=False).delete()
        Campaign.objects.bulk_create(_row(one, now=now) for one in proposals)
    return len(proposals)


def _busy(now: datetime) -> frozenset[agent.Place]:
    rows = Campaign.objects.exclude(state=State.PROPOSED, edited=False)
    lately = rows.filter(proposed_at__gt=now - REST) | rows.filter(state=State.RUNNING)
    return frozenset(lately.values_list("kind", "course_id", "module_id"))


def _row(one: agent.Proposal, *, now: datetime) -> Campaign:
    course = catalogue.courses()[one.standing.course_id]
    modules = catalogue.modules(course.course_id)
    at = [module.module_id for module in modules].index(one.standing.module_id)
    return Campaign(
        kind=one.standing.kind,
        course_id=course.course_id,
        module_id=one.standing.module_id,
        learners=one.standing.learners,
        reasons=[asdict(reason) for reason in one.reasons],
        expected=asdict(one.expected) | {"session": one.session},
        texts=texts.first_texts(one.standing.kind, course, modules[at], at + 1),
        bundle=list(one.bundle),
        compare_share=one.compare_share,
        most=one.most,
        ends_on=now.date() + timedelta(days=one.days),
        proposed_at=now,
    )


def may_edit(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may change a proposal, or decline it."""
    return bool(MAY_EDIT.intersection(roles))


def may_approve(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may let a campaign begin, and stop it."""
    return bool(MAY_APPROVE.intersection(roles))


@transaction.atomic
def edit(actor: Actor, pk: UUID, wanted: Wanted, *, now: datetime) -> None:
    """Keep what a person made of a proposal; nothing is sent.

    Raises PermissionDenied, ValidationError (by field), LookupError where there is no proposal.
    """
    _allowed(actor, may_edit(actor.roles), "Administrators and analysts edit campaigns.")
    campaign = _locked(pk, State.PROPOSED)
    _put(campaign, wanted, now=now)
    signals.append_ledger(
        actor=actor, action="campaign.edited", subject=str(pk), detail=_told(campaign), now=now
    )


@transaction.atomic
def approve(actor: Actor, pk: UUID, wanted: Wanted, *, reason: str, now: datetime) -> None:
    """Let a campaign begin as it stands in `wanted`; the clock gives it out in batches.

    Raises PermissionDenied, ValidationError (by field), LookupError where there is no proposal.
    """
    _allowed(actor, may_approve(actor.roles), "Only administrators approve campaigns.")
    campaign = _locked(pk, State.PROPOSED)
    _reason(reason)
    _put(campaign, wanted, now=now)
    campaign.state, campaign.decided_by, campaign.decided_at = State.RUNNING, actor.name[:80], now
    campaign.reason = reason.strip()[:200]
    campaign.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    signals.append_ledger(
        actor=actor,
        action="campaign.approved",
        subject=str(pk),
        detail=_told(campaign) | {"reason": campaign.reason},
        now=now,
    )


@transaction.atomic
def decline(actor: Actor, pk: UUID, *, reason: str, now: datetime) -> None:
    """Put a proposal away; its place is not proposed again for sixty days. Errors as `edit`."""
    _allowed(actor, may_edit(actor.roles), "Administrators and analysts decline campaigns.")
    campaign = _locked(pk, State.PROPOSED)
    _reason(reason)
    campaign.state, campaign.decided_by, campaign.decided_at = State.DECLINED, actor.name[:80], now
    campaign.reason = reason.strip()[:200]
    campaign.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    detail = {"reason": campaign.reason}
    signals.append_ledger(
        actor=actor, action="campaign.declined", subject=str(pk), detail=detail, now=now
    )


@transaction.atomic
def stop(actor: Actor, pk: UUID, *, reason: str, now: datetime) -> int:
    """Stop a campaign at once, in the middle of a batch too; how much was still to be given.

    Raises PermissionDenied, ValidationError (by field), LookupError where it does not run.
    """
    _allowed(actor, may_approve(actor.roles), "Only administrators stop campaigns.")
    campaign = _locked(pk, State.RUNNING)
    _reason(reason)
    campaign.state, campaign.ended_by, campaign.ended_at = State.STOPPED, actor.name[:80], now
    campaign.save(update_fields=["state", "ended_by", "ended_at"])
    dropped = drop_waiting(campaign)
    signals.append_ledger(
        actor=actor,
        action="campaign.stopped",
        subject=str(pk),
        detail={"reason": reason.strip()},
        now=now,
    )
    return dropped


def _allowed(actor: Actor, may: bool, why_not: str) -> None:
    if actor.kind is not ActorKind.STAFF or not may:
        raise PermissionDenied(why_not)


def _locked(pk: UUID, state: Campaign.State) -> Campaign:
    found = Campaign.objects.select_for_update().filter(pk=pk, state=state).first()
    if found is None:
        raise LookupError(f"There is no campaign {pk} that is {state}.")
    return found


def _reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the ledger keeps the reason."})


def _put(campaign: Campaign, wanted: Wanted, *, now: datetime) -> None:
    found: dict[str, str] = {}
    if wrong := texts.faults(wanted.texts):
        found["text_en"] = wrong
    if not set(wanted.texts) <= set(texts.LANGUAGES):
        found["text_en"] = "There is a text of a language that pages do not have."
    if set(wanted.bundle) - set(catalogue.courses(wanted.bundle)):
        found["bundle"] = "Choose courses that the catalogue has."
    if not COMPARE[0] <= wanted.compare_share <= COMPARE[1]:
        found["compare"] = f"Say {COMPARE[0]:.0%} to {COMPARE[1]:.0%}: it cannot be nought."
    if not 1 <= wanted.most <= LEARNERS_MOST:
        found["most"] = f"Say 1 to {LEARNERS_MOST:,} learners."
    if not now.date() < wanted.ends_on <= now.date() + timedelta(days=DAYS_MOST):
        found["ends_on"] = f"Choose a day from tomorrow on, within {DAYS_MOST} days."
    found |= _session_faults(wanted, now=now)
    if found:
        raise ValidationError(found)
    campaign.texts = {code: text.strip() for code, text in wanted.texts.items() if text.strip()}
    campaign.bundle, campaign.session = list(wanted.bundle), wanted.session.strip()[:160]
    campaign.session_at = wanted.session_at
    campaign.by_mail, campaign.compare_share = wanted.by_mail, wanted.compare_share
    campaign.most, campaign.ends_on, campaign.edited = wanted.most, wanted.ends_on, True
    campaign.save()


def _session_faults(wanted: Wanted, *, now: datetime) -> dict[str, str]:
    """Return what is wrong with a live session: it has a place and a time, or neither."""
    at, place = wanted.session_at, wanted.session.strip()
    if at is None:
        return {"session_at": "Say when it begins (UTC)."} if place else {}
    if not place:
        return {"session": "Say where it is: a room or a link."}
    if not now < at or at.astimezone(UTC).date() > wanted.ends_on:
        return {"session_at": "Choose a moment from now on, up to the campaign's last day (UTC)."}
    return {}


def _told(campaign: Campaign) -> dict[str, object]:
    return {
        "group": [campaign.kind, campaign.course_id, campaign.module_id],
        "texts": campaign.texts,
        "bundle": campaign.bundle,
        "session": campaign.session,
        "session_at": campaign.session_at,
        "by_mail": campaign.by_mail,
        "compare_share": campaign.compare_share,
        "most": campaign.most,
        "ends_on": campaign.ends_on,
    }
