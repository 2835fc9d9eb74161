"""What do staff see of campaigns? (L5) Counts of many, and what a message brought."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from personalize.experience.campaigns import measuring
from personalize.experience.campaigns.measuring import Reach, Uplift
from personalize.experience.campaigns.running import open_now
from personalize.models import Campaign
from signals import catalogue
from signals.aggregates import publishable

SHOWN = 40  # that are over
_FIRST = {Campaign.State.PROPOSED: 0, Campaign.State.RUNNING: 1}


@dataclass(frozen=True, slots=True)
class Seen:
    """One campaign as staff see it."""

    number: UUID
    state: str
    kind: str
    course: str
    module: str
    position: int  # of the module in its course, from 1
    row: Campaign
    bundle: tuple[str, ...]
    reach: Reach | None  # None before it began
    uplift: Uplift | None
    left_out: tuple[tuple[str, int], ...]  # why, of ten and more
    detectable: float  # least difference of shares that so many can show
    open: bool  # by the switches


def listed(*, now: datetime) -> tuple[Seen, ...]:
    """Return proposals, the largest group first, then what runs, then what is over."""
    state = Campaign.State
    rows = [
        *Campaign.objects.filter(state__in=(state.PROPOSED, state.RUNNING)),
        *Campaign.objects.filter(state__in=(state.STOPPED, state.FINISHED))[:SHOWN],
    ]
    rows.sort(key=lambda row: (_FIRST.get(Campaign.State(row.state), 2), -row.learners))
    return tuple(_all(rows, now=now))


def one(number: UUID, *, now: datetime) -> Seen | None:
    """Return one campaign; None where there is none."""
    return next(_all(Campaign.objects.filter(pk=number), now=now), None)


def _all(rows: Iterable[Campaign], *, now: datetime) -> Iterator[Seen]:
    is_open = open_now()
    for row in rows:
        course = catalogue.courses([row.course_id]).get(row.course_id)
        modules = {module.module_id: module for module in catalogue.modules(row.course_id)}
        module = modules.get(row.module_id)
        offered = catalogue.courses(row.bundle)
        begun = row.state not in {Campaign.State.PROPOSED, Campaign.State.DECLINED}
        shown = ((why, publishable(n)) for why, n in sorted(row.left_out.items()))
        yield Seen(
            number=row.pk,
            state=row.state,
            kind=row.kind,
            course=course.title if course else "",
            module=module.title if module else "",
            position=[*modules].index(row.module_id) + 1 if module else 0,
            row=row,
            bundle=tuple(offered[number].title for number in row.bundle if number in offered),
            reach=measuring.reach(row) if begun else None,
            uplift=measuring.uplift(row, now=now) if begun else None,
            left_out=tuple((why, n) for why, n in shown if n is not None),
            detectable=measuring.detectable(row.learners, row.compare_share),
            open=is_open,
        )
