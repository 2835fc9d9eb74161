"""Which numbers may anybody see? The narrow interface for agents and dashboards (L2).

Everything here stands for at least ten learners, or counts at least ten events of all learners
together, to the nearest five (docs/decisions/0041).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q, Sum
from django.db.models.functions import TruncDate

from signals.capture.jobs.shelves import job_shelves
from signals.data import (
    MINOR_BANDS,
    ArmFunnel,
    Choices,
    Demand,
    Flow,
    KpiReport,
    KpiTotals,
    Refusals,
    Revenue,
    RevenuePart,
    RevenueReport,
    StatementShelf,
)
from signals.derive import audit
from signals.derive.audit import quality_audit, quality_shares
from signals.derive.course_figures import in_order, outcomes
from signals.derive.demand import monday
from signals.derive.revenue import DAYS as REVENUE_DAYS
from signals.derive.standing_still import standing_still
from signals.derive.wanted import (
    course_reach,
    forum_weeks,
    same_sources,
    search_yield,
    term_weeks,
)
from signals.kinds.registry import code_of
from signals.models import (
    Consent,
    DemandTerm,
    Learner,
    LearnerCourse,
    LearnerModule,
    RevenueWindow,
    Rollup,
    Source,
    Statement,
    Watermark,
)
from signals.processing import disclosure
from signals.processing.disclosure import K, publishable, rounded

__all__ = [
    "K",
    "choices",
    "course_ratings",
    "course_reach",
    "demand",
    "event_flow",
    "forum_weeks",
    "funnel",
    "in_order",
    "job_shelves",
    "kpis",
    "module_reach",
    "outcomes",
    "publishable",
    "quality_audit",
    "quality_shares",
    "refusals",
    "revenue",
    "rolled_up_at",
    "same_sources",
    "search_yield",
    "standing_still",
    "statement_shelves",
    "term_weeks",
]

_KINDS = ("rec.shown", "rec.clicked", "course.enrolled", "course.completed", "course.rated")

WEEK = 7
_BOTH = (False, True)
_NONE = (0, 0.0, 0.0)

_Sums = dict[tuple[int, bool], tuple[int, float, float]]  # (kind, from a list) -> n, sum, squares


def kpis(*, days: int, now: datetime) -> KpiReport:
    """Return the key figures of the last `days` days in UTC, today included, and of two weeks.

    One statement over rollups, of all learners together: slices wait for closed days. Every count
    goes through `publishable`, each window after it was summed.
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
    return KpiReport(
        days=tuple((day, _shown([by_day.get(day, {})])) for day in wanted),
        week=_shown([by_day.get(day, {}) for day in wanted[-WEEK:]]),
        week_before=_shown([by_day.get(day, {}) for day in wanted[-2 * WEEK : -WEEK]]),
    )


def _shown(window: Sequence[_Sums]) -> KpiTotals:
    """Return the sums of a window as they may be shown."""

    def count(kind: str, *which: bool) -> int:
        return sum(sums.get((code_of(kind), led), _NONE)[0] for sums in window for led in which)

    rated = [sums.get((code_of("course.rated"), led), _NONE) for sums in window for led in _BOTH]
    n, total, squares = (sum(part) for part in zip(*rated, strict=True)) if rated else _NONE
    ratings = publishable(int(n))
    mean, spread = _told(total / n, squares / n) if ratings else (0.0, 0.0)
    return KpiTotals(
        slates=publishable(count("rec.shown", True)),  # of no list of ours: says nothing of ours
        clicks=publishable(count("rec.clicked", True)),
        enrolments=publishable(count("course.enrolled", *_BOTH)),
        enrolments_led=publishable(count("course.enrolled", True)),
        completions=publishable(count("course.completed", *_BOTH)),
        ratings=ratings,
        rating_total=mean * (ratings or 0),
        rating_squares=(spread**2 + mean**2) * (ratings or 0),
    )


def _told(mean: float, mean_square: float) -> tuple[float, float]:
    """Return a mean and a spread to the tenth."""
    spread = sqrt(max(mean_square - mean**2, 0.0))
    return disclosure.rounded_mean(mean), disclosure.rounded_mean(spread)


def funnel(*, days: int, now: datetime) -> tuple[ArmFunnel, ...]:
    """Return what came of the lists of each arm in so many closed days; one statement over rollups.

    A slice of learners waits for closed days, so that no two looks can be subtracted to one of
    them.
    """
    today = datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)
    steps = ("rec.shown", "rec.clicked", "course.enrolled")
    rows = (
        Rollup.objects.filter(
            step_at__gte=today - timedelta(days=days),
            step_at__lt=today,
            surface__gt=0,
            kind__in=[code_of(kind) for kind in steps],
        )
        .values_list("arm", "kind")
        .annotate(n=Sum("count"))
    )
    counts = {(arm, kind): n for arm, kind, n in rows}
    return tuple(
        ArmFunnel(arm, *(publishable(counts.get((arm, code_of(kind)), 0)) for kind in steps))
        for arm in sorted({arm for arm, _ in counts})
    )


def revenue() -> RevenueReport | None:
    """Return the newest four weeks that were counted beside the four before; None before that."""
    newest = RevenueWindow.objects.aggregate(at=Max("until"))["at"]
    if newest is None:
        return None
    before = newest - timedelta(days=REVENUE_DAYS)
    rows = RevenueWindow.objects.filter(until__in=(newest, before), learners__gte=K)
    shown: dict[date, dict[RevenuePart, Revenue]] = {newest: {}, before: {}}
    for row in rows:
        shown[row.until][RevenuePart(row.part)] = Revenue(
            float(f"{row.total:.3g}"), rounded(row.payments), rounded(row.learners)
        )
    return RevenueReport(newest, shown[newest], shown[before])


def refusals(*, now: datetime) -> Refusals:
    """Return how much of what arrived in the last seven closed days was refused."""
    return audit.refusals(now.astimezone(UTC).date())


def event_flow(*, now: datetime) -> Flow:
    """Return how many events the last whole hour had, and the same hour a week before."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)

    def of(begin: datetime) -> int | None:
        steps = Rollup.objects.filter(step_at__gte=begin, step_at__lt=begin + timedelta(hours=1))
        return publishable(steps.aggregate(n=Sum("count"))["n"] or 0)

    return Flow(of(hour), of(hour - timedelta(weeks=1)))


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
    """Return (mean rating to the tenth, raters rounded to 5) of courses that ten or more rated."""
    rows = (
        LearnerCourse.objects.filter(course_id__in=course_ids, rating__isnull=False)
        .values("course_id")
        .annotate(n=Sum(1), total=Sum(F("rating")))
    )
    shown = {row["course_id"]: (row["total"], row["n"]) for row in rows}
    return {
        course_id: (disclosure.rounded_mean(total / n), raters)
        for course_id, (total, n) in shown.items()
        if (raters := publishable(n)) is not None
    }


def module_reach() -> dict[int, dict[int, int]]:
    """Return by course how many learners finished each module, of those that ten or more did.

    One pass over all that learners did in modules: for the clock, not for pages.
    """
    rows = (
        LearnerModule.objects.filter(completed_at__isnull=False)
        .values_list("course_id", "module_id")
        .annotate(n=Count("learner_id"))
    )
    found: dict[int, dict[int, int]] = {}
    for course, module, learners in rows:
        if (shown := publishable(learners)) is not None:
            found.setdefault(course, {})[module] = shown
    return found


def choices() -> Choices:
    """Return how many learners switched what, of all together; no slice of them is counted."""
    real = Learner.objects.filter(kind=Learner.Kind.REAL)
    switched = Consent.objects.filter(learner_id__in=real.values("learner_id"))
    return Choices(
        learners=publishable(real.count()),
        gpc=publishable(switched.filter(gpc=True).count()),
        objected=publishable(switched.filter(personalization=False).count()),
        fine_grained=publishable(switched.filter(fine_grained=True).count()),
        inferred=publishable(switched.filter(inferred=True).count()),
        minors=publishable(real.filter(age_band__in=MINOR_BANDS).count()),
    )


def statement_shelves() -> tuple[StatementShelf, ...]:
    """Return how many whole statements each source of the profile store keeps."""
    counts = dict(Statement.objects.values_list("source_id").annotate(n=Sum(1)))
    storing = Source.objects.filter(Q(profile=Source.Profile.STORE) | Q(pk__in=counts))
    return tuple(
        StatementShelf(source.name, source.title, publishable(counts.get(source.pk, 0)))
        for source in storing.order_by("title")
    )
