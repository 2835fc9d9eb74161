"""Which steps does a brief take, who may take them, and was the demand met? (L5)

draft -> reviewed (by somebody else) -> claimed -> published (with its course) -> measured, by the
clock. It may be dropped before it is published. Every step is kept with who took it, and stands in
the ledger. Its numbers stay as they were when it was written.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import hypot
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F

from personalize.agents import demand
from personalize.agents.briefs.document import Document
from personalize.agents.briefs.template import Given, write
from personalize.agents.briefs.worded import worded
from personalize.algorithms.demand.estimates import wilson
from personalize.algorithms.demand.topics import key_of
from personalize.models import Brief, BriefStep
from signals import aggregates, catalogue
from signals import api as signals
from signals.data import SYSTEM, Actor, TermWeek

MAY_WRITE = frozenset({"admin", "creator"})
YIELD_DAYS = 28
LOOK_WEEKS = 4  # closed weeks before and after publication
State = Brief.State
FROM: Mapping[str, frozenset[str]] = {
    State.REVIEWED: frozenset({State.DRAFT}),
    State.CLAIMED: frozenset({State.REVIEWED}),
    State.PUBLISHED: frozenset({State.CLAIMED}),
    State.DROPPED: frozenset({State.DRAFT, State.REVIEWED, State.CLAIMED}),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken."""

    state: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Met:
    """Whether the demand was met: searches in vain before and after, and who joined."""

    before_searches: int
    before_in_vain: int
    after_searches: int
    after_in_vain: int
    difference: float  # of the shares in vain, after minus before
    low: float
    high: float
    joined: int | None  # enrolments of the course since; None for fewer than ten

    @property
    def verdict(self) -> str:
        """Return fewer, more or unclear: do fewer searches find nothing?"""
        return "fewer" if self.high < 0 else "more" if self.low > 0 else "unclear"


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A brief as pages show it."""

    brief_id: int
    slug: str
    topic: str
    state: str
    state_title: str
    document: Document
    worded_by: str
    course_id: int | None
    publish_by: date | None
    created_by: str
    created_account: int | None
    created_at: datetime
    published_at: datetime | None
    met: Met | None
    met_why_not: str  # why it could not be measured
    steps: tuple[Taken, ...] = ()


def may_write(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles writes briefs and takes their steps."""
    return not MAY_WRITE.isdisjoint(roles)


def wrote(actor: Actor, created_by: str, created_account: int | None) -> bool:
    """Say whether somebody wrote a brief themselves: by account, for a name may change."""
    return actor.name == created_by or actor.account_id in {created_account} - {None}


def create(actor: Actor, slug: str, *, now: datetime) -> BriefRow:
    """Write a brief for a topic; one that is open already is returned as it is.

    Raises PermissionDenied without the role, LookupError where there is no such topic.
    """
    _require(actor)
    there = demand.topic(slug)
    if there is None:
        raise LookupError(slug)
    over = (State.DROPPED, State.MEASURED)
    if (open_one := Brief.objects.filter(slug=slug).exclude(state__in=over).first()) is not None:
        return _row(open_one)
    week, topic = there
    searching = aggregates.search_yield(days=YIELD_DAYS, now=now)
    document = write(Given(topic, week, catalogue.courses(), searching))
    document, by = worded(document, now=now)
    with transaction.atomic():
        brief = Brief.objects.create(
            slug=slug,
            topic=topic.topic,
            document=document.as_json(),
            worded_by=by,
            created_by=actor.name,
            created_account=actor.account_id,
            created_at=now,
        )
        _kept(actor, brief, State.DRAFT, reason="", now=now)
    return _row(brief)


def step(
    actor: Actor,
    brief_id: int,
    state: str,
    *,
    reason: str = "",
    course_id: int | None = None,
    publish_by: date | None = None,
    now: datetime,
) -> BriefRow:
    """Take a step of a brief.

    Raises PermissionDenied without the role, ValidationError for what is not due or incomplete,
    Brief.DoesNotExist.
    """
    _require(actor)
    with transaction.atomic():
        brief = Brief.objects.select_for_update().get(pk=brief_id)
        if brief.state not in FROM.get(state, frozenset()):
            raise ValidationError("This step is not due: somebody took another one before.")
        _checked(actor, brief, state, reason=reason, course_id=course_id, publish_by=publish_by)
        brief.state = state
        if state == State.CLAIMED:
            brief.publish_by = publish_by
        if state == State.PUBLISHED:
            brief.course_id, brief.published_at = course_id, now
        brief.save(update_fields=["state", "publish_by", "course_id", "published_at"])
        _kept(actor, brief, state, reason=reason, now=now)
    return _row(brief)


def _checked(
    actor: Actor,
    brief: Brief,
    state: str,
    *,
    reason: str,
    course_id: int | None,
    publish_by: date | None,
) -> None:
    if state == State.REVIEWED and wrote(actor, brief.created_by, brief.created_account):
        raise ValidationError("Somebody else than who wrote it reviews a brief.")
    if state == State.CLAIMED and publish_by is None:
        raise ValidationError("Say by which day the course is to be there.")
    if state == State.PUBLISHED and (course_id is None or catalogue.course(course_id) is None):
        raise ValidationError("Choose the course that answers it, from the catalogue.")
    if state == State.DROPPED and not reason.strip():
        raise ValidationError("Say why: others see the topic again, and would ask.")


def measure_due(*, now: datetime) -> int:
    """Measure every published brief whose weeks after have closed; return how many that were."""
    wait = timedelta(weeks=LOOK_WEEKS + 1)
    due = Brief.objects.filter(state=State.PUBLISHED, published_at__lte=now - wait)
    for brief in due:
        _measure(brief, now=now)
    return len(due)


def _measure(brief: Brief, *, now: datetime) -> None:
    if brief.published_at is None:
        return
    after_from = brief.published_at + timedelta(weeks=LOOK_WEEKS + 1)
    before = _counted(brief.topic, now=brief.published_at)
    after = _counted(brief.topic, now=after_from)
    reach = aggregates.course_reach(since=brief.published_at).get(brief.course_id or 0)
    joined = reach.joined if reach else None
    brief.measured = _met(before, after, joined=joined)
    brief.state = State.MEASURED
    with transaction.atomic():
        brief.save(update_fields=["measured", "state"])
        _kept(SYSTEM, brief, State.MEASURED, reason="", now=now)


def _counted(topic: str, *, now: datetime) -> tuple[int, int]:
    """Return searches of a topic in the closed weeks before a moment, and those in vain."""
    rows = [row for row in aggregates.term_weeks(weeks=LOOK_WEEKS, now=now) if _is(row, topic)]
    return sum(row.searches for row in rows), sum(row.without_result for row in rows)


def _is(row: TermWeek, topic: str) -> bool:
    return row.term == topic or key_of(row.term) == key_of(topic)


def _met(before: tuple[int, int], after: tuple[int, int], *, joined: int | None) -> dict[str, Any]:
    """Return the difference of two shares with its interval (Newcombe 1998), or why there is none.

    Counts are those that may be shown, so the interval is of rounded counts.
    """
    if not before[0] or not after[0]:
        return {"why_not": "Too few searched for it before or after to compare.", "joined": joined}
    share, share_before = after[1] / after[0], before[1] / before[0]
    (low, high), (low_before, high_before) = (
        wilson(min(vain, n), n) for n, vain in (after, before)
    )
    gap = share - share_before
    met = Met(
        before_searches=before[0],
        before_in_vain=before[1],
        after_searches=after[0],
        after_in_vain=after[1],
        difference=gap,
        low=gap - hypot(share - low, high_before - share_before),
        high=gap + hypot(high - share, share_before - low_before),
        joined=joined,
    )
    return asdict(met)


def listed() -> tuple[BriefRow, ...]:
    """Return all briefs, newest first, without their steps."""
    return tuple(map(_row, Brief.objects.all()[:200]))


def waiting() -> int:
    """Return how many briefs wait for a step of somebody."""
    return Brief.objects.filter(state__in=FROM[State.DROPPED]).count()


def read(brief_id: int) -> BriefRow | None:
    """Return a brief with its steps."""
    brief = Brief.objects.filter(pk=brief_id).first()
    return None if brief is None else _row(brief, with_steps=True)


def of_topics() -> Mapping[str, tuple[int, str]]:
    """Return the newest brief of each topic: its number and its state."""
    rows = (
        Brief.objects.exclude(state=State.DROPPED).order_by("id").values_list("slug", "id", "state")
    )
    return {slug: (number, State(state).label) for slug, number, state in rows}


def _row(brief: Brief, *, with_steps: bool = False) -> BriefRow:
    taken = brief.steps.order_by(F("id")) if with_steps else ()
    told = dict(brief.measured or {})
    why_not = str(told.get("why_not", ""))
    return BriefRow(
        brief_id=brief.pk,
        slug=brief.slug,
        topic=brief.topic,
        state=brief.state,
        state_title=State(brief.state).label,
        document=Document.read(brief.document),
        worded_by=brief.worded_by,
        course_id=brief.course_id,
        publish_by=brief.publish_by,
        created_by=brief.created_by,
        created_account=brief.created_account,
        created_at=brief.created_at,
        published_at=brief.published_at,
        met=Met(**told) if told and not why_not else None,
        met_why_not=why_not,
        steps=tuple(Taken(s.state, s.taken_by, s.taken_at, s.reason) for s in taken),
    )


def _require(actor: Actor) -> None:
    if not may_write(actor.roles):
        raise PermissionDenied("Briefs are written by people with the role creator or admin.")


def _kept(actor: Actor, brief: Brief, state: str, *, reason: str, now: datetime) -> None:
    BriefStep.objects.create(
        brief=brief, state=state, taken_by=actor.name, taken_at=now, reason=reason.strip()[:200]
    )
    signals.append_ledger(
        actor=actor,
        action=f"brief.{state}",
        subject=f"brief:{brief.pk}",
        detail={
            "topic": brief.topic,
            "course": brief.course_id,
            "publish_by": brief.publish_by.isoformat() if brief.publish_by else None,
            "reason": reason.strip()[:200],
        },
        now=now,
    )
