"""People at the controls: what is wanted and hardly covered? Aggregates only."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_info, gettext, gettext_lazy
from django.views.decorators.http import require_safe

from controltower import access, charts
from controltower.exports import csv_file
from controltower.views.gap_map import Spot, drawn
from personalize import api as personalize
from personalize.api import DEMAND_WEIGHTS, DemandPart, DemandTopic, Gap
from signals import aggregates, catalogue
from signals.clock import now
from signals.data import JobShelf

TERM_WEEKS = 8
SHOWN = 50  # of terms
AT_ONCE = 10  # topics, and as many more as often as is asked for
ALL_WEEKS = 12
PERIODS = (4, 8, ALL_WEEKS)  # closed weeks
ON_MAP = 14
WEAK = 0.5  # supply below which a topic is covered by weak courses
STALE = timedelta(days=10)
MOST = 1000  # topics on one page
_NUMBER = re.compile(r"[0-9]{1,4}")

PARTS = {
    DemandPart.SEARCHES: gettext_lazy("Searches"),
    DemandPart.IN_VAIN: gettext_lazy("Searched in vain"),
    DemandPart.FORUM: gettext_lazy("Forums"),
    DemandPart.JOBS: gettext_lazy("Job posts"),
}
SHOW = {
    "all": gettext_lazy("All gaps"),
    "missing": gettext_lazy("Missing"),
    "weak": gettext_lazy("Weak courses"),
    "rising": gettext_lazy("Rising"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A topic as the table shows it, with the gap over the parts that count."""

    topic: DemandTopic
    gap: Gap
    spark: charts.Spark | None
    trend: str  # in words; empty where too few weeks tell
    changed: date | None  # since when searches come from the sources of today, where that changed
    direction: str  # up, down, flat
    brief: tuple[int, str] | None  # number and state of its newest brief

    @property
    def score(self) -> int:
        """Return the gap in hundredths."""
        return round(100 * self.gap.score)

    @property
    def bars(self) -> int:
        """Return the certainty as bars, 0 to 4."""
        return min(4, round(4 * self.gap.certainty))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page of gaps is to show."""

    parts: tuple[DemandPart, ...]
    field: str
    show: str
    language: str = ""  # courses in it alone count as covering; empty: in any
    weeks: int = ALL_WEEKS
    jobs: str = ""  # the place of one source of job posts; empty: all of them
    shown: int = AT_ONCE

    @property
    def filters(self) -> int:
        """Return how many of the filters are set."""
        return sum(
            (len(self.parts) < len(DemandPart), *map(bool, (self.field, self.language, self.jobs)))
        ) + (self.weeks != ALL_WEEKS)

    @classmethod
    def of(cls, query: QueryDict) -> "Wanted":
        """Read it from an address; what makes no sense is left out."""
        said = [part for part in DemandPart if part.value in query.getlist("part")]
        show, weeks = query.get("show", "all"), query.get("weeks", "")
        shown = query.get("shown", "")
        return cls(
            parts=tuple(said or DemandPart),
            field=query.get("field", ""),
            show=show if show in SHOW else "all",
            language=query.get("language", ""),
            weeks=int(weeks) if weeks in map(str, PERIODS) else ALL_WEEKS,
            jobs=query.get("jobs", ""),
            shown=max(AT_ONCE, min(int(shown), MOST)) if _NUMBER.fullmatch(shown) else AT_ONCE,
        )


@require_safe
@access.requires(access.may_see_demand)
def gaps(request: HttpRequest) -> HttpResponse:
    """Show the topics where a new course would matter most."""
    at = now()
    wanted = Wanted.of(request.GET)
    week, topics = personalize.demand_topics()
    languages = _languages()
    lines = _lines(topics, wanted, week)
    shelves = aggregates.job_shelves(now=at)
    places = [_place(shelf) for shelf in shelves]
    searches = sum(line.topic.searches for line in lines)
    context = {
        "nav": "gaps",
        "week": week,
        "stale": week is not None and at.date() - week > STALE,
        "wanted": wanted,
        "parts": [(part, title, part in wanted.parts) for part, title in PARTS.items()],
        "shows": [(key, title, key == wanted.show) for key, title in SHOW.items()],
        "languages": sorted((code, _language_name(code)) for code in languages),
        "periods": [(weeks, weeks == wanted.weeks) for weeks in PERIODS],
        "fields": sorted({topic.field for topic in topics if topic.field}),
        "jobs": [(place, place == wanted.jobs) for place in places] if len(places) > 1 else [],
        "lines": lines[: wanted.shown],
        "total": len(lines),
        "more": _more(request.GET, wanted.shown) if wanted.shown < min(len(lines), MOST) else "",
        "changed": next((line.changed for line in lines if line.changed), None),
        "dots": _dots(lines[:ON_MAP]),
        "searches": searches,
        "in_vain": sum(line.topic.without_result for line in lines),
        "uncovered": sum(line.gap.demand > line.gap.supply for line in lines),
        "unanswered": sum(line.topic.threads for line in lines if not line.topic.covering),
        "counts_replies": any(line.topic.counts_replies for line in lines),
        "shelves": shelves,
        "minimum": aggregates.K,
        "may_write": access.may_write_briefs(access.roles_of(request.user)),
        "query": request.GET.urlencode(),
    }
    return render(request, "create/gaps.html", context)


@require_safe
@access.requires(access.may_see_demand)
def exported(request: HttpRequest) -> StreamingHttpResponse:
    """Give the topics as a table to keep, as the page shows them."""
    week, topics = personalize.demand_topics()
    lines = _lines(topics, Wanted.of(request.GET), week)
    columns = (
        *("topic", "gap", "demand", "supply", "certainty", "searches", "found_nothing"),
        *("forum_threads", "job_posts", "courses", "trend"),
    )
    return csv_file("demand gaps", columns, map(_row, lines))


@require_safe
@access.requires(access.may_see_demand)
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one topic: the formula with its parts, the terms behind it, courses and job posts."""
    found = personalize.demand_topic(slug)
    if found is None:
        raise Http404
    week, one = found
    brief = personalize.briefs_of_topics().get(one.slug)
    line = _line(one, Wanted(tuple(DemandPart), "", "all"), week, brief)
    courses = catalogue.courses(covering.course_id for covering in one.covering)
    context = {
        "nav": "gaps",
        "week": week,
        "line": line,
        "topic": one,
        "parts": [
            (title, DEMAND_WEIGHTS[part], line.gap.levels[part], one.sure.get(part, 0.0))
            for part, title in PARTS.items()
        ],
        "covering": [
            (courses[covering.course_id], covering)
            for covering in one.covering
            if covering.course_id in courses
        ],
        "minimum": aggregates.K,
        "may_write": access.may_write_briefs(access.roles_of(request.user)),
    }
    return render(request, "create/topic.html", context)


@require_safe
@access.requires(access.may_see_demand)
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms of the last closed weeks as they were searched, what was not found first."""
    wanted = aggregates.demand(weeks=TERM_WEEKS, now=now(), limit=SHOWN)
    found = [row for row in wanted if row.without_result < row.searches]
    missing = aggregates.demand(weeks=TERM_WEEKS, now=now(), limit=SHOWN, only_without_result=True)
    context = {
        "nav": "gaps",
        "missing": missing,
        "found": found,
        "weeks": TERM_WEEKS,
        "minimum": aggregates.K,
        "last_week": max((row.last_week for row in (*found, *missing)), default=None),
    }
    return render(request, "create/searches.html", context)


def _place(shelf: JobShelf) -> str:
    return f"{shelf.title}: {shelf.origin}"


def _more(query: QueryDict, shown: int) -> str:
    """Return the address of the same page with more topics, at the first of these."""
    asked = query.copy()
    asked["shown"] = str(shown + AT_ONCE)
    return f"?{asked.urlencode()}#topic-{shown + 1}"


def _lines(topics: Iterable[DemandTopic], wanted: Wanted, counted: date | None) -> list[Line]:
    """Return the topics to be shown, the largest gap first."""
    briefs = personalize.briefs_of_topics()
    if wanted.weeks != ALL_WEEKS or wanted.jobs:
        topics = personalize.narrow_demand(list(topics), weeks=wanted.weeks, posts_of=wanted.jobs)
    if wanted.language:
        offered = _languages().get(wanted.language, frozenset())
        topics = [one.taught_in(offered) for one in topics]
    found = [_line(one, wanted, counted, briefs.get(one.slug)) for one in topics]
    kept = [
        line
        for line in found
        if (not wanted.field or line.topic.field == wanted.field)
        and line.gap.demand > 0
        and _is_shown(line, wanted.show)
    ]
    return sorted(kept, key=lambda line: (-line.gap.score, line.topic.topic))


def _languages() -> dict[str, frozenset[int]]:
    """Return the courses of each language that has one."""
    found: dict[str, set[int]] = {}
    for info in catalogue.courses().values():
        found.setdefault(info.language[:2], set()).add(info.course_id)
    return {code: frozenset(ids) for code, ids in found.items() if code}


def _language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:  # a platform teaches in one that Django has no name of
        return code


def _is_shown(line: Line, show: str) -> bool:
    if show == "missing":
        return not line.topic.covering
    if show == "weak":
        return bool(line.topic.covering) and line.topic.supply < WEAK
    return show != "rising" or line.direction == "up"


def _line(
    one: DemandTopic, wanted: Wanted, counted: date | None, brief: tuple[int, str] | None
) -> Line:
    trend = one.trend()
    words = direction = ""
    if trend is not None:
        direction = trend.direction
        low, middle, high = (
            charts.signed(100 * value, 0) for value in (trend.low, trend.slope, trend.high)
        )
        words = f"{middle}% a week ({low} to {high})"
        if {low, middle, high} == {"0"}:
            words, direction = gettext("flat"), "flat"
    changed = None
    if counted is not None and one.since is not None and one.sources_changed:
        changed = counted - timedelta(weeks=one.since + 1)
    by_ago = {week.ago: float(week.learners) for week in one.alike}
    span = max(by_ago, default=0)
    return Line(
        topic=one,
        gap=one.gap(wanted.parts),
        spark=charts.spark([by_ago.get(ago) for ago in range(span, -1, -1)]),
        trend=words,
        changed=changed,
        direction=direction,
        brief=brief,
    )


def _dots(lines: Sequence[Line]) -> object:
    spots = [
        Spot(
            personalize.skill_as_a_name(line.topic.topic),
            line.gap.demand,
            line.gap.supply,
            line.gap.certainty,
        )
        for line in lines
    ]
    return drawn(spots, most=1.1 * max((spot.demand for spot in spots), default=0.0))


def _row(line: Line) -> tuple[str | float | int | date, ...]:
    one = line.topic
    return (
        one.topic,
        round(line.gap.score, 4),
        round(line.gap.demand, 4),
        round(line.gap.supply, 4),
        round(line.gap.certainty, 4),
        one.searches,
        one.without_result,
        one.threads,
        one.job_posts,
        len(one.covering),
        line.trend,
    )
