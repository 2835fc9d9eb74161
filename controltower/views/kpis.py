"""People at the controls: which key figures are there, and what do they count?

Rollups hold counts of events and no learners, so an interval here treats events as independent;
whether a change helped is said by experiments, which count by learner.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from controltower import charts
from controltower.charts import Moments, Rate, Tile, Track
from signals.data import KpiTotals

Days = Sequence[tuple[date, KpiTotals]]

WEEK = 7
SHOWN_DAYS = 28


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key figure: its words, and how it is read from the sums of a window."""

    key: str
    title: str | Promise
    track: str
    definition: str | Promise
    base: str | Promise  # with %(hits)s and %(base)s
    too_few: str | Promise  # with %(fewest)s
    rate: Callable[[KpiTotals], Rate] | None = None  # None: the mean rating


KPIS = {
    kpi.key: kpi
    for kpi in (
        Kpi(
            key="completion",
            title=gettext_lazy("Completion"),
            track=charts.PROGRESSION,
            definition=gettext_lazy(
                "Courses completed for every 100 enrolments of the same days. Who completes today "
                "often enrolled weeks ago, so it may pass 100%."
            ),
            base=gettext_lazy("%(hits)s completions, %(base)s enrolments"),
            too_few=gettext_lazy("fewer than %(fewest)s enrolments"),
            rate=lambda totals: (totals.completions, totals.enrolments),
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


def tracks(days: Days) -> tuple[Track, ...]:
    """Return the tiles of the last seven days against the seven before, by track."""
    return (
        Track(
            track=charts.PROGRESSION,
            title=gettext("Progression track"),
            note=gettext("Wins when tracks disagree"),
            tiles=(tile(KPIS["completion"], days), tile(KPIS["satisfaction"], days)),
        ),
        Track(
            track=charts.ENGAGEMENT,
            title=gettext("Engagement track"),
            note="",
            tiles=(tile(KPIS["click-through"], days), tile(KPIS["enrolment"], days)),
        ),
    )


def tile(kpi: Kpi, days: Days) -> Tile:
    """Return one tile; days are consecutive, oldest first, at least two weeks."""
    now, before = _total(days[-WEEK:]), _total(days[-2 * WEEK : -WEEK])
    series = [_value(kpi, totals) for _, totals in days]
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
        now=kpi.rate(now),
        before=kpi.rate(before),
        series=series,
        base=base(kpi, now),
    )


def figure(kpi: Kpi, days: Days) -> dict[str, object]:
    """Return the figure of the drill-down."""
    return charts.kpi_figure(
        [day for day, _ in days],
        [_value(kpi, totals) for _, totals in days],
        [_interval(kpi, totals) for _, totals in days],
        title=str(kpi.title),
        track=kpi.track,
        is_share=kpi.rate is not None,
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
    hits, over = kpi.rate(totals) if kpi.rate else (0, totals.ratings)
    if over < charts.FEWEST:
        return str(kpi.too_few) % {"fewest": charts.FEWEST}
    return str(kpi.base) % {"hits": f"{hits:,}", "base": f"{over:,}"}


def _span(first: date, last: date) -> str:
    start = "j" if first.month == last.month else "j F"
    return gettext("%(first)s to %(last)s") % {
        "first": date_format(first, start),
        "last": date_format(last, "j F"),
    }


def _total(days: Days) -> KpiTotals:
    return reduce(_plus, (totals for _, totals in days), KpiTotals())


def _plus(left: KpiTotals, right: KpiTotals) -> KpiTotals:
    return KpiTotals(
        slates=left.slates + right.slates,
        clicks=left.clicks + right.clicks,
        enrolments=left.enrolments + right.enrolments,
        enrolments_led=left.enrolments_led + right.enrolments_led,
        completions=left.completions + right.completions,
        ratings=left.ratings + right.ratings,
        rating_total=left.rating_total + right.rating_total,
        rating_squares=left.rating_squares + right.rating_squares,
    )


def _ratings(totals: KpiTotals) -> Moments:
    return totals.ratings, totals.rating_total, totals.rating_squares


def _value(kpi: Kpi, totals: KpiTotals) -> float | None:
    hits, over = kpi.rate(totals) if kpi.rate else (totals.rating_total, totals.ratings)
    return hits / over if over >= charts.FEWEST else None


def _interval(kpi: Kpi, totals: KpiTotals) -> tuple[float, float] | None:
    if kpi.rate is None:
        known = totals.ratings >= charts.FEWEST
        return charts.mean_interval(*_ratings(totals))[1:] if known else None
    rate = kpi.rate(totals)
    return charts.rate_interval(*rate) if rate[1] >= charts.FEWEST else None


def _day_row(kpi: Kpi, day: date, totals: KpiTotals) -> DayRow:
    value, interval = _value(kpi, totals), _interval(kpi, totals)
    scale, form, unit = (1, ".2f", "") if kpi.rate is None else (100, ".1f", "%")
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
