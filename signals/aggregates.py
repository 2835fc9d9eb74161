"""Which numbers may anybody see? The narrow interface for agents and dashboards (L2).

Everything here stands for at least ten learners or counts events of all learners together.
"""

from datetime import date, datetime, timedelta
from functools import reduce

from django.db.models import F, Max, Sum
from django.db.models.functions import TruncDate

from signals.capture.kinds.registry import code_of
from signals.data import Demand, KpiTotals
from signals.models import DemandTerm, LearnerCourse, Rollup, Watermark
from signals.processing.disclosure import K, publishable

_NO_TOTALS = KpiTotals(0, 0, 0, 0, 0, 0.0, 0.0)
_FIELD_OF_KIND = {
    "rec.shown": "slates",
    "rec.clicked": "clicks",
    "course.enrolled": "enrolments",
    "course.completed": "completions",
    "course.rated": "ratings",
}


def kpi_totals(
    *, since: datetime, until: datetime, surface: int | None = None, arm: int | None = None
) -> KpiTotals:
    """Return the sums of [since, until) from rollups; a surface or arm narrows rec.* kinds."""
    rows = Rollup.objects.filter(step_at__gte=since, step_at__lt=until)
    if surface is not None:
        rows = rows.filter(surface=surface)
    if arm is not None:
        rows = rows.filter(arm=arm)
    sums = rows.values("kind").annotate(n=Sum("count"), total=Sum("total"), sq=Sum("squares"))
    return _totals({row["kind"]: (row["n"], row["total"], row["sq"]) for row in sums})


def kpi_daily(*, days: int, now: datetime) -> list[tuple[date, KpiTotals]]:
    """Return the sums of each of the last `days` days in UTC, oldest first, today included."""
    first = now.date() - timedelta(days=days - 1)
    sums = (
        Rollup.objects.filter(step_at__date__gte=first)
        .annotate(day=TruncDate("step_at"))
        .values("day", "kind")
        .annotate(n=Sum("count"), value=Sum("total"), sq=Sum("squares"))
    )
    by_day: dict[date, dict[int, tuple[int, float, float]]] = {}
    for row in sums:
        by_day.setdefault(row["day"], {})[row["kind"]] = (row["n"], row["value"], row["sq"])
    wanted = [first + timedelta(days=offset) for offset in range(days)]
    return [(day, _totals(by_day.get(day, {}))) for day in wanted]


def add_totals(totals: list[KpiTotals]) -> KpiTotals:
    """Return the sum of several windows."""
    return reduce(_plus, totals, _NO_TOTALS)


def rolled_up_at() -> datetime | None:
    """Return when events were last counted, so that a page can say how fresh it is."""
    return Watermark.objects.filter(reader="rollups").values_list("read_at", flat=True).first()


def demand(
    *, weeks: int, now: datetime, limit: int = 50, only_without_result: bool = False
) -> list[Demand]:
    """Return search terms of the last closed weeks, most searched by learners first.

    The learners of a term are the greatest weekly count, rounded: weeks are never added, since the
    same person may stand in each.
    """
    terms = DemandTerm.objects.filter(
        week__gte=now.date() - timedelta(weeks=weeks + 1), learners__gte=K
    )
    if only_without_result:
        terms = terms.filter(without_result__gt=0)
    rows = (
        terms.values("term")
        .annotate(
            top=Max("learners"),
            searched=Sum("searches"),
            missed=Sum("without_result"),
            newest=Max("week"),
        )
        .order_by("-top", "term")[:limit]
    )
    return [
        Demand(row["term"], publishable(row["top"]) or 0, row["searched"], row["missed"], row["newest"])
        for row in rows
    ]


def course_ratings(course_ids: list[int]) -> dict[int, tuple[float, int]]:
    """Return (mean rating, raters rounded to 5) of the courses that at least ten rated."""
    rows = (
        LearnerCourse.objects.filter(course_id__in=course_ids, rating__isnull=False)
        .values("course_id")
        .annotate(n=Sum(1), total=Sum(F("rating")))
    )
    shown = {row["course_id"]: (row["total"], row["n"]) for row in rows}
    return {
        course_id: (total / n, rounded)
        for course_id, (total, n) in shown.items()
        if (rounded := publishable(n)) is not None
    }


def _totals(sums: dict[int, tuple[int, float, float]]) -> KpiTotals:
    counts = {
        name: sums.get(code_of(kind), (0, 0.0, 0.0))[0] for kind, name in _FIELD_OF_KIND.items()
    }
    _, total, squares = sums.get(code_of("course.rated"), (0, 0.0, 0.0))
    return KpiTotals(**counts, rating_total=total or 0.0, rating_squares=squares or 0.0)


def _plus(left: KpiTotals, right: KpiTotals) -> KpiTotals:
    return KpiTotals(
        slates=left.slates + right.slates,
        clicks=left.clicks + right.clicks,
        enrolments=left.enrolments + right.enrolments,
        completions=left.completions + right.completions,
        ratings=left.ratings + right.ratings,
        rating_total=left.rating_total + right.rating_total,
        rating_squares=left.rating_squares + right.rating_squares,
    )
