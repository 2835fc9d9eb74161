"""What do models and experiments read of what learners did? Exact numbers (L2)"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from signals.capture import groups
from signals.data import (
    Apart,
    ArmMoments,
    Asked,
    Audience,
    Done,
    Exposed,
    MixPart,
    Objected,
    Steps,
    TrainingRows,
)
from signals.derive import apart, cohorts, kept, mixes
from signals.derive import audience as alike
from signals.derive import credited as credits
from signals.derive import moments as exact
from signals.derive import objections as refusals
from signals.derive import standing_still as standing
from signals.derive import steps as stepped
from signals.models import Exposure, Learner
from signals.privacy import training_rows as training


def training_rows(*, until: datetime | None = None) -> TrainingRows:
    """Return the choices of real learners with personalization on, sorted by learner and time."""
    return training.training_rows(until=until)


def arrived(*, since: datetime, until: datetime) -> list[MixPart]:
    """Return how much of each kind, surface, language, device and field arrived, by five minutes.

    Exact counts of all learners together, to notice drift by; pages show shares of many only.
    """
    return mixes.arrived(since=since, until=until)


def steps(learner_ids: Collection[int], *, until: datetime) -> Steps:
    """Return what these learners did in courses before `until`, of those who still allow it."""
    return stepped.steps(learner_ids, until=until)


def expose(rows: Sequence[Exposed]) -> None:
    """Remember first sights of an experiment's arm; a second one of a learner changes nothing."""
    Exposure.objects.bulk_create(
        [
            Exposure(
                experiment=row.experiment,
                learner_id=row.learner_id,
                arm=row.arm,
                exposed_at=row.exposed_at,
                cluster=row.cluster,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def moved(experiment: str, *, kind: str) -> dict[str, int]:
    """Return by arm how many learners left the class or cohort that was drawn with them."""
    return groups.moved(experiment, kind=kind)


def exposed_counts(experiment: str, *, as_of: datetime) -> dict[str, int]:
    """Return how many real learners had seen each arm by then, each counted in the first."""
    return exact.exposed_counts(experiment, as_of=as_of)


def moments(
    experiment: str,
    *,
    metric: str,
    surfaces: Collection[int],
    window_days: int,
    as_of: datetime,
    from_days: int = 0,
    cohort: str | None = None,
) -> list[ArmMoments]:
    """Return n, sums, squares and products of one metric per arm, or per arm and cohort value.

    Of the window of so many days that begins from_days after the exposure; metrics are in
    `derive.measures`, cohorts in `derive.cohorts`. Several are read faster by `measured`.
    """
    one = Asked(metric, window_days, from_days)
    return exact.moments(experiment, [one], surfaces=surfaces, as_of=as_of, cohort=cohort)[one]


def measured(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
) -> dict[Asked, list[ArmMoments]]:
    """Return the same of several metrics, read in one pass."""
    return exact.moments(experiment, asked, surfaces=surfaces, as_of=as_of, cohort=cohort)


def keep_measured(
    experiment: str, asked: Sequence[Asked], *, surfaces: Collection[int], now: datetime
) -> int:
    """Count metrics for those whose events changed before somebody looks; return for how many.

    Whoever asks for some of these afterwards reads them; for others every event is read.
    """
    return kept.keep_measured(experiment, asked, surfaces=surfaces, now=now)


def usual_moments(
    asked: Asked, *, surfaces: Collection[int], days: int, as_of: datetime
) -> ArmMoments | None:
    """Return a metric as those had it who saw lists of these surfaces in the days before.

    The baseline of a plan: what an experiment of as many days would have read. None of nobody.
    """
    return exact.usual_moments(asked, surfaces=surfaces, days=days, as_of=as_of)


def done_apart(
    *, since: datetime, until: datetime, among: Callable[[int], bool]
) -> tuple[Done, Done]:
    """Return how many lessons learners completed: those whom `among` names, and all others.

    Of everybody known by then who may be counted, here or not; exact, as moments are.
    """
    return apart.done_apart(since=since, until=until, apart=among)


def measured_apart(
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    days: int,
    as_of: datetime,
    among: Callable[[int], bool],
) -> Apart:
    """Return metrics of all who saw these surfaces in the days before: `among`, and all others.

    Each learner's windows begin with the first list of those days; exact, as moments are.
    """
    known = Learner.objects.filter(kind=Learner.Kind.REAL, created_at__lte=as_of)
    numbers = known.values_list("learner_id", flat=True).iterator()
    within = [number for number in numbers if among(number)]
    return exact.moments_apart(asked, surfaces=surfaces, days=days, as_of=as_of, apart=within)


def audience(surfaces: Collection[int], *, days: int, as_of: datetime) -> list[Audience]:
    """Return who saw lists of these surfaces in the days before, those alike together; exact."""
    return alike.audience(surfaces, days=days, as_of=as_of)


def cluster_moments(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
) -> dict[Asked, list[ArmMoments]]:
    """Return the same where classes were drawn: n clusters, and in `ratio` what each one sums to.

    The numerator is what its learners did together, the denominator how many they are. Learners
    who were in no cluster at their exposure are left out.
    """
    return exact.moments(
        experiment, asked, surfaces=surfaces, as_of=as_of, cohort=cohort, clustered=True
    )


def objections(experiment: str, *, as_of: datetime) -> list[Objected]:
    """Return when learners who are exposed to an experiment objected to personalization."""
    return refusals.objections(experiment, as_of=as_of)


def exposures(experiment: str) -> list[Exposed]:
    """Return every first exposure to an experiment that is still kept."""
    return [
        Exposed(experiment=experiment, **row)
        for row in Exposure.objects.filter(experiment=experiment)
        .order_by("learner_id")
        .values("learner_id", "arm", "exposed_at", "cluster")
    ]


def credited(
    experiment: str, credit: credits.Credit, *, form: int, width: int, as_of: datetime
) -> credits.Credits:
    """Return what `credit` makes of the answers of each learner exposed by then, a row each.

    It is given clicks and completed lessons, and returns `width` numbers of a learner: whose list
    it was is for the app that decided it. What `keep_credited` made ahead is read where it holds.
    """
    return credits.credited(experiment, credit, form=form, width=width, as_of=as_of)


def keep_credited(
    experiment: str, credit: credits.Credit, *, form: int, width: int, now: datetime
) -> int:
    """Make the same ahead for those whose events changed; return for how many."""
    return credits.keep_credited(experiment, credit, form=form, width=width, now=now)


def exposed_arms(experiment: str, learners: Collection[int]) -> dict[int, str]:
    """Return the arm that each of these learners saw first, of those who saw any."""
    rows = Exposure.objects.filter(experiment=experiment, learner_id__in=learners)
    return dict(rows.values_list("learner_id", "arm"))


def exposed_lately(experiment: str, *, as_of: datetime, most: int) -> Mapping[str, Sequence[int]]:
    """Return the learners of each arm who were exposed last, at most so many of each."""
    return refusals.exposed_lately(experiment, as_of=as_of, most=most)


def cohorts_of(learner_ids: Sequence[int], *, at: datetime) -> dict[str, tuple[str, ...]]:
    """Return for each cohort the value of each learner, in their order, as was known at a moment.

    To judge models by kinds of learners: no value of one learner is shown to anybody.
    """
    return cohorts.cohorts_of(learner_ids, at=at)


def who_stands(
    kind: str, course_id: int, module_id: int, *, after: int, limit: int, now: datetime
) -> list[int]:
    """Return learners of a group that stands still, by number, those above `after`."""
    return standing.who_stands(kind, course_id, module_id, after=after, limit=limit, now=now)


def finished_since(
    course_id: int, learners: Sequence[int], at: Sequence[datetime], *, within: timedelta
) -> dict[int, int]:
    """Return how many modules of a course each learner finished in a time after their moment."""
    return standing.finished_since(course_id, learners, at, within=within)
