"""People at the controls: which key figures are there, and what do they count?

Rollups hold counts of events and no learners, so an interval here treats events as independent;
whether a change helped is said by experiments, which count by learner. Counts come as they may be
shown, and figures are made of those, so that no figure says more than its counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from controltower import charts
from controltower.charts import Moments, Rate, Tile, Track
from signals import aggregates
from signals.data import KpiReport, KpiTotals

Days = Sequence[tuple[date, KpiTotals]]
Counts = tuple[int | None, int | None]  # hits, base; None for fewer than may be shown

WEEK = 7
SHOWN_DAYS = 28
NOTHING: Rate = (0, 0)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key figure: its words, and how it is read from the sums of a window."""

    key: str
    title: str | Promise
    track: str
    definition: str | Promise
    base: str | Promise  # with %(hits)s and %(base)s
    too_few: str | Promise  # with %(fewest)s
    rate: Callable[[KpiTotals], Counts] | None = None  # None: the mean rating
    over: str | Promise = ""  # in place of `base` where there are more hits than base
    per: str | Promise = ""  # what a hundred are counted of where hits are no part of the base


KPIS = {
    kpi.key: kpi
    for kpi in (
        Kpi(
            key="completion",
            title=gettext_lazy("Completions"),
            track=charts.PROGRESSION,
            definition=gettext_lazy(
                "Courses completed for every 100 enrolments of the same days. Who completes today "
                "often enrolled weeks ago, so it is no share and may pass 100."
            ),
            per=gettext_lazy("per 100 enrolments"),
            base=gettext_lazy("%(hits)s completions, %(base)s enrolments"),
            too_few=gettext_lazy("fewer than %(fewest)s enrolments"),
            rate=lambda totals: (totals.completions, totals.enrolments),
            over=gettext_lazy(
                "%(hits)s completions, many of courses joined earlier; %(base)s enrolments"
            ),
        ),
        Kpi(
            key="satisfaction",
            title=gettext_lazy("Satisfaction"),
            track=charts.PROGRESSION,
            definition=gettext_lazy("The mean of the ratings learners gave courses, 1 to 5."),
            base=gettext_lazy("%(base)s ratings"),
            too_few=gettext_lazy("fewer than %(fewest)s ratings"),
        ),
        Kpi(
            key="click-through",
            title=gettext_lazy("Click-through"),
            track=charts.ENGAGEMENT,
            definition=gettext_lazy("Clicks on a course for every 100 lists shown."),
            base=gettext_lazy("%(hits)s clicks, %(base)s lists shown"),
            too_few=gettext_lazy("fewer than %(fewest)s lists shown"),
            rate=lambda totals: (totals.clicks, totals.slates),
        ),
        Kpi(
            key="enrolment",
            title=gettext_lazy("Enrolment"),
            track=charts.ENGAGEMENT,
            definition=gettext_lazy(
                "Enrolments that followed from a list for every 100 lists shown."
            ),
            base=gettext_lazy("%(hits)s enrolments, %(base)s lists shown"),
            too_few=gettext_lazy("fewer than %(fewest)s lists shown"),
            rate=lambda totals: (totals.enrolments_led, totals.slates),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a key figure in words; value and interval are empty where too little happened."""

    day: date
    value: str
    interval: str
    base: str


def tracks(report: KpiReport) -> tuple[Track, ...]:
    """Return the tiles of the last seven days against the seven before, by track."""
    return (
        Track(
            track=charts.PROGRESSION,
            title=gettext("Progression track"),
            note=gettext("Wins when tracks disagree"),
            tiles=(tile(KPIS["completion"], report), tile(KPIS["satisfaction"], report)),
        ),
        Track(
            track=charts.ENGAGEMENT,
            title=gettext("Engagement track"),
            note="",
            tiles=(tile(KPIS["click-through"], report), tile(KPIS["enrolment"], report)),
        ),
    )


def tension(both: Sequence[Track]) -> str:
    """Say whether engagement and progression move against each other: against, with, or nothing.

    A track moves where one of its figures clearly does and none clearly the other way.
    """
    moved = {track.track: _way(track) for track in both}
    engaged, progressed = moved[charts.ENGAGEMENT], moved[charts.PROGRESSION]
    if not engaged or not progressed:
        return ""
    return "with" if engaged == progressed else "against"


def _way(track: Track) -> str:
    ways = {tile.change.direction for tile in track.tiles if tile.change} - {"flat"}
    return ways.pop() if len(ways) == 1 else ""


def tile(kpi: Kpi, report: KpiReport) -> Tile:
    """Return one tile."""
    now, before = report.week, report.week_before
    series = [_value(kpi, totals) for _, totals in report.days]
    title = str(kpi.title)
    if kpi.rate is None:
        return charts.mean_tile(
            kpi.key,
            title,
            kpi.track,
            now=_ratings(now),
            before=_ratings(before),
            series=series,
            base=base(kpi, now),
        )
    return charts.rate_tile(
        kpi.key,
        title,
        kpi.track,
        now=_known(kpi.rate(now)) or NOTHING,
        before=_known(kpi.rate(before)) or NOTHING,
        series=series,
        base=base(kpi, now),
        per=str(kpi.per),
    )


def figure(kpi: Kpi, days: Days) -> dict[str, object]:
    """Return the figure of the drill-down."""
    return charts.kpi_figure(
        [day for day, _ in days],
        [_scaled(kpi, _value(kpi, totals)) for _, totals in days],
        [_scaled_both(kpi, _interval(kpi, totals)) for _, totals in days],
        title=str(kpi.title),
        track=kpi.track,
        is_share=kpi.rate is not None and not kpi.per,
    )


def day_rows(kpi: Kpi, days: Days) -> list[DayRow]:
    """Return the numbers of the figure, newest day first."""
    return [_day_row(kpi, day, totals) for day, totals in reversed(days)]


def period(days: Days) -> str:
    """Return which days are compared with which, in words."""
    last, first = days[-1][0], days[-WEEK][0]
    return gettext("%(now)s against %(before)s") % {
        "now": _span(first, last),
        "before": _span(first - timedelta(days=WEEK), last - timedelta(days=WEEK)),
    }


def base(kpi: Kpi, totals: KpiTotals) -> str:
    """Return what a figure is counted over, in words."""
    hits, over = kpi.rate(totals) if kpi.rate else (None, totals.ratings)
    if over is None:
        return str(kpi.too_few) % {"fewest": aggregates.K}
    if hits is not None and kpi.over and hits > over:
        return str(kpi.over) % {"hits": f"{hits:,}", "base": f"{over:,}"}
    few = gettext("fewer than %(fewest)s") % {"fewest": aggregates.K}
    return str(kpi.base) % {"hits": few if hits is None else f"{hits:,}", "base": f"{over:,}"}


def _span(first: date, last: date) -> str:
    start = "j" if first.month == last.month else "j F"
    return gettext("%(first)s to %(last)s") % {
        "first": date_format(first, start),
        "last": date_format(last, "j F"),
    }


def _known(counts: Counts) -> Rate | None:
    hits, over = counts
    return None if hits is None or over is None else (hits, over)


def _ratings(totals: KpiTotals) -> Moments:
    return totals.ratings or 0, totals.rating_total, totals.rating_squares


def _value(kpi: Kpi, totals: KpiTotals) -> float | None:
    if kpi.rate is None:
        return totals.rating_total / totals.ratings if totals.ratings else None
    known = _known(kpi.rate(totals))
    return known[0] / known[1] if known else None


def _scaled(kpi: Kpi, value: float | None) -> float | None:
    """Return a value as the figure draws it: of a hundred where that is no share."""
    return 100 * value if value is not None and kpi.per else value


def _scaled_both(kpi: Kpi, pair: tuple[float, float] | None) -> tuple[float, float] | None:
    return (100 * pair[0], 100 * pair[1]) if pair and kpi.per else pair


def _interval(kpi: Kpi, totals: KpiTotals) -> tuple[float, float] | None:
    if kpi.rate is None:
        return charts.mean_interval(*_ratings(totals))[1:] if totals.ratings else None
    known = _known(kpi.rate(totals))
    return charts.rate_interval(*known) if known else None


def _day_row(kpi: Kpi, day: date, totals: KpiTotals) -> DayRow:
    value, interval = _value(kpi, totals), _interval(kpi, totals)
    scale, form = (1 if kpi.rate is None else 100), ".1f"
    unit = "" if kpi.rate is None or kpi.per else "%"
    return DayRow(
        day=day,
        value="" if value is None else f"{scale * value:{form}}{unit}",
        interval=""
        if interval is None
        else gettext("%(low)s to %(high)s")
        % {
            "low": f"{scale * interval[0]:{form}}",
            "high": f"{scale * interval[1]:{form}}{unit}",
        },
        base=base(kpi, totals),
    )
