"""What do creators see: demand, briefs, insights into courses?"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from personalize.agents import demand
from personalize.agents.briefs.document import Document as BriefDocument
from personalize.agents.briefs.document import Figure as BriefFigure
from personalize.agents.briefs.document import as_markdown as brief_as_text
from personalize.agents.demand import Topic as DemandTopic
from personalize.algorithms.demand.gap import WEIGHTS as DEMAND_WEIGHTS
from personalize.algorithms.demand.gap import Gap
from personalize.algorithms.demand.gap import Part as DemandPart
from personalize.experience.desk import briefs as desk_briefs
from personalize.experience.desk import insights as desk_insights
from personalize.experience.desk.briefs import BriefRow
from personalize.experience.desk.insights import Insight
from signals.data import Actor, CourseReach

__all__ = [
    "DEMAND_WEIGHTS",
    "BriefDocument",
    "BriefFigure",
    "BriefRow",
    "DemandPart",
    "DemandTopic",
    "Gap",
    "Insight",
    "brief",
    "brief_as_text",
    "briefs",
    "briefs_of_topics",
    "course_insight",
    "course_insights",
    "create_brief",
    "demand_topic",
    "demand_topics",
    "may_write_briefs",
    "narrow_demand",
    "take_brief_step",
    "wrote_brief",
]


def demand_topics() -> tuple[date | None, tuple[DemandTopic, ...]]:
    """Return the week that was counted last, with its topics; (None, ()) before the first."""
    return demand.newest()


def narrow_demand(
    topics: Sequence[DemandTopic], *, weeks: int, posts_of: str = ""
) -> tuple[DemandTopic, ...]:
    """Return topics as the newest closed weeks, and one source of job posts, alone tell them."""
    return demand.narrowed(topics, weeks=weeks, posts_of=posts_of)


def demand_topic(slug: str) -> tuple[date, DemandTopic] | None:
    """Return a topic as last counted, with the week it was counted in."""
    return demand.topic(slug)


def may_write_briefs(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles writes briefs and takes their steps."""
    return desk_briefs.may_write(roles)


def wrote_brief(actor: Actor, row: BriefRow) -> bool:
    """Say whether somebody wrote a brief themselves, by account: they do not review it."""
    return desk_briefs.wrote(actor, row.created_by, row.created_account)


def briefs() -> tuple[BriefRow, ...]:
    """Return all briefs, newest first, without their steps."""
    return desk_briefs.listed()


def brief(brief_id: int) -> BriefRow | None:
    """Return a brief with its steps."""
    return desk_briefs.read(brief_id)


def briefs_of_topics() -> Mapping[str, tuple[int, str]]:
    """Return the newest brief of each topic: its number, and its state in words."""
    return desk_briefs.of_topics()


def create_brief(actor: Actor, slug: str, *, now: datetime) -> BriefRow:
    """Write a brief for a topic, or return the open one; PermissionDenied, LookupError."""
    return desk_briefs.create(actor, slug, now=now)


def take_brief_step(
    actor: Actor,
    brief_id: int,
    state: str,
    *,
    reason: str = "",
    course_id: int | None = None,
    publish_by: date | None = None,
    now: datetime,
) -> BriefRow:
    """Take a step of a brief; PermissionDenied, ValidationError, LookupError where there is none.

    state is reviewed, claimed (publish_by), published (course_id) or dropped (reason).
    """
    return desk_briefs.step(
        actor,
        brief_id,
        state,
        reason=reason,
        course_id=course_id,
        publish_by=publish_by,
        now=now,
    )


def course_insights() -> Mapping[int, tuple[CourseReach, int | None]]:
    """Return by course how far learners came, and how many were shown it."""
    return desk_insights.overview()


def course_insight(course_id: int, *, now: datetime) -> Insight | None:
    """Return how a course fares; None before it was first counted."""
    return desk_insights.insight(course_id, now=now)
