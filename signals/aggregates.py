"""Which numbers may anybody see? The narrow interface for agents and dashboards (L2).

Everything here stands for at least ten learners or counts events of all learners together.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import BooleanField, ExpressionWrapper, F, Max, Q, Sum
from django.db.models.functions import TruncDate

from signals.data import Demand, KpiTotals
from signals.derive.audit import quality_audit, quality_shares
from signals.derive.demand import monday
from signals.kinds.registry import code_of
from signals.models import DemandTerm, LearnerCourse, Rollup, Watermark
from signals.processing.disclosure import K, publishable, rounded

__all__ = [
    "K",
    "course_ratings",
    "demand",
    "kpi_daily",
    "publishable",
    "quality_audit",
    "quality_shares",
    "rolled_up_at",
]

_KINDS = ("rec.shown", "rec.clicked", "course.enrolled", "course.completed", "course.rated")

_BOTH = (False, True)
_NONE = (0, 0.0, 0.0)

_Sums = dict[tuple[int, bool], tuple[int, float, float]]  # (kind, from a list) -> n, sum, squares


def kpi_daily(*, days: int, now: datetime) -> list[tuple[date, KpiTotals]]:
    """Return the sums of each of the last `days` days in UTC, oldest first, today included.

    One statement over rollups. Only days of all learners together: slices wait for closed days.
    """
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    rows = (
        Rollup.objects.filter(
            step_at__gte=datetime.combine(first, time(), tzinfo=UTC),
            step_at__lte=now,
            kind__in=[code_of(kind) for kind in _KINDS],
        )
        .annotate(
            day=TruncDate("step_at", tzinfo=UTC),
            led=ExpressionWrapper(Q(surface__gt=0), output_field=BooleanField()),
        )
        .values("day", "kind", "led")
        .annotate(n=Sum("count"), value=Sum("total"), sq=Sum("squares"))
    )
    by_day: dict[date, _Sums] = {}
    for row in rows:
        sums = by_day.setdefault(row["day"], {})
        sums[row["kind"], row["led"]] = (row["n"], row["value"], row["sq"])
    wanted = [first + timedelta(days=offset) for offset in range(days)]
    return [(day, _totals(by_day.get(day, {}))) for day in wanted]


def _totals(sums: _Sums) -> KpiTotals:
    n = {(kind, led): sums.get((code_of(kind), led), _NONE)[0] for kind in _KINDS for led in _BOTH}
    ratings = [sums.get((code_of("course.rated"), led), _NONE) for led in _BOTH]

    def both(kind: str) -> int:
        return n[kind, False] + n[kind, True]

    return KpiTotals(
        slates=n["rec.shown", True],  # what names no list of ours says nothing about our lists
        clicks=n["rec.clicked", True],
        enrolments=both("course.enrolled"),
        enrolments_led=n["course.enrolled", True],
        completions=both("course.completed"),
        ratings=both("course.rated"),
        rating_total=sum(total for _, total, _ in ratings),
        rating_squares=sum(squares for *_, squares in ratings),
    )


def rolled_up_at() -> datetime | None:
    """Return when events were last counted, so that a page can say how fresh it is."""
    return Watermark.objects.filter(reader="rollups").values_list("read_at", flat=True).first()


def demand(
    *, weeks: int, now: datetime, limit: int = 50, only_without_result: bool = False
) -> list[Demand]:
    """Return search terms of the last `weeks` closed weeks, most searched by learners first.

    The learners of a term are the greatest weekly count: weeks are never added, since the same
    person may stand in each.
    """
    this_week = monday(now.astimezone(UTC).date())
    terms = DemandTerm.objects.filter(
        week__gte=this_week - timedelta(weeks=weeks), week__lt=this_week, learners__gte=K
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
        Demand(
            term=row["term"],
            learners=rounded(row["top"]),
            searches=rounded(row["searched"]),
            without_result=rounded(row["missed"]),
            last_week=row["newest"],
        )
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
        course_id: (total / n, raters)
        for course_id, (total, n) in shown.items()
        if (raters := publishable(n)) is not None
    }
