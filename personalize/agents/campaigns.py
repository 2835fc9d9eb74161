"""Which group that stands still could be helped by one message, and why? (L5) Proposals only.

Sees counts of twenty and more. What it proposes is sent to nobody before a person approved it, and
what it expects is what earlier campaigns of the kind brought, or nothing.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from signals.data import CourseInfo, ModuleInfo, Standing

MOST = 8  # proposals at a time: what people can read in a morning
BUNDLE_MOST = 2
COMPARE_SHARE = 0.2
MOST_LEARNERS = 20_000
DAYS = 14
Place = tuple[str, int, int]  # kind of group, course, module


@dataclass(frozen=True, slots=True)
class Measured:
    """What an earlier campaign brought: learners who finished a module, of how many, by side."""

    kind: str
    given: int
    given_finished: int
    compared: int
    compared_finished: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a group is worth a message: a share 0..1, and whom it is of."""

    share: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What it may bring: a difference of shares with its base, or 0 campaigns and nothing."""

    campaigns: int
    learners: int
    difference: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """One campaign as the agent would run it."""

    standing: Standing
    reasons: tuple[Reason, ...]
    expected: Expected
    bundle: tuple[int, ...]
    session: bool  # a live session may help: many stop at the same place
    compare_share: float
    most: int
    days: int


def propose(
    standings: Sequence[Standing],
    *,
    courses: Mapping[int, CourseInfo],
    modules: Mapping[int, Sequence[ModuleInfo]],
    reach: Mapping[int, Mapping[int, int]],
    earlier: Sequence[Measured],
    busy: AbstractSet[Place],
) -> tuple[Proposal, ...]:
    """Return what may be worth saying, the largest groups first.

    reach: by course, how many finished each module (ten and more). busy: places that a campaign is
    for already, or was for lately.
    """
    found = []
    for one in standings:
        known = {module.module_id for module in modules.get(one.course_id, ())}
        place = (one.kind, one.course_id, one.module_id)
        if one.course_id not in courses or one.module_id not in known or place in busy:
            continue
        found.append(
            Proposal(
                standing=one,
                reasons=_reasons(one, modules[one.course_id], reach.get(one.course_id, {})),
                expected=_expected(one.kind, earlier),
                bundle=_bundle(courses[one.course_id], courses) if one.kind == "stuck" else (),
                session=one.kind != "not_begun" and _share(one) >= 1 / 5,
                compare_share=COMPARE_SHARE,
                most=MOST_LEARNERS,
                days=DAYS,
            )
        )
    return tuple(found[:MOST])


def _share(one: Standing) -> float:
    return min(one.learners / one.under_way, 1.0) if one.under_way else 0.0


def _reasons(
    one: Standing, modules: Sequence[ModuleInfo], reach: Mapping[int, int]
) -> tuple[Reason, ...]:
    stands = f"of {one.under_way:,} learners who are in the middle of the course stand here"
    found = [
        Reason(_share(one), f"{_share(one):.0%} {stands}, {one.away_from} to {one.away_to} days")
    ]
    at = [module.module_id for module in modules].index(one.module_id)
    before = reach.get(modules[at - 1].module_id, 0) if at else 0
    here = reach.get(one.module_id, 0)
    if one.kind == "stuck" and before and here:
        stopped = max(1 - here / before, 0.0)
        found.append(
            Reason(stopped, f"{stopped:.0%} of {before:,} who finished the module before stop here")
        )
    return tuple(found)


def _expected(kind: str, earlier: Sequence[Measured]) -> Expected:
    """Return the difference of earlier campaigns of the kind, all learners weighing the same."""
    same = [one for one in earlier if one.kind == kind and one.given and one.compared]
    given, compared = sum(one.given for one in same), sum(one.compared for one in same)
    if not given or not compared:
        return Expected(0, 0)
    with_it = sum(one.given_finished for one in same) / given
    without = sum(one.compared_finished for one in same) / compared
    return Expected(len(same), given + compared, with_it - without)


def _bundle(course: CourseInfo, courses: Mapping[int, CourseInfo]) -> tuple[int, ...]:
    """Return short courses that teach what this one builds on or teaches, the shortest first."""
    near = [
        other
        for other in courses.values()
        if other.course_id != course.course_id
        and other.level == "beginner"
        and set(other.skills) & set(course.skills)
        and 0 < other.minutes < course.minutes
    ]
    near.sort(key=lambda other: (other.minutes, other.course_id))
    return tuple(other.course_id for other in near[:BUNDLE_MOST])
