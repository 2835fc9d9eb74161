"""What did each arm of an experiment do? Exact sufficient statistics per metric (L2 conductor).

One value a learner; the caller sees n, sums, squares and cross products, never a learner. Nobody
but `experiments` may read these. What each metric counts stands in `measures`, whose learners count
in `packing`.

Beside each learner's value stands the same measured over as many days before the exposure: what an
arm cannot have changed, and what explains much of how learners differ (CUPED).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np

from signals.data import Apart, ArmMoments, Asked, RatioMoments
from signals.derive.measures import MEASURES
from signals.derive.packing import BASE, BASE_BEFORE, BEFORE, COUNTED, VALUE, Group, Table
from signals.derive.values import APART, OTHERS, usual_values, values, values_apart
from signals.models.statements import run

_EXPOSED_COUNTS = f"""
SELECT x.arm, count(*) FROM signals_exposure x {COUNTED}
WHERE x.experiment = %s AND x.exposed_at <= %s GROUP BY x.arm ORDER BY x.arm
"""  # noqa: S608  only constants of this product are put in


def moments(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
    clustered: bool = False,
) -> dict[Asked, list[ArmMoments]]:
    """Return n, sums, squares and products of metrics per arm, after and before first exposure.

    Args:
        experiment: the opaque key given to `expose`.
        asked: the metrics with their windows; all are read in one pass.
        surfaces: codes of the surfaces whose lists count, where a metric is about lists; what a
            learner learns counts wherever it began.
        as_of: nothing later counts; metrics that wait leave out learners whose window is open.
        cohort: a name of COHORTS, to have the moments of each of its values apart.
        clustered: one observation is a cluster, not a learner; learners in none are left out.

    Raises:
        KeyError: for a metric or a cohort that does not exist.
    """
    groups = values(
        experiment,
        asked,
        surfaces=surfaces,
        as_of=as_of,
        cohort=cohort,
        clustered=clustered,
    )
    if clustered:
        groups = [group for group in groups if group.cluster]
    return {one: _arms(_parts(groups, one, as_of=as_of), one, clustered=clustered) for one in asked}


def usual_moments(
    asked: Asked, *, surfaces: Collection[int], days: int, as_of: datetime
) -> ArmMoments | None:
    """Return a metric as those had it who saw these surfaces in the days before; None of nobody.

    What an experiment of as many days would read of all of them together, had it run.
    """
    groups = usual_values([asked], surfaces=surfaces, days=days, as_of=as_of)
    found = _arms(_parts(groups, asked, as_of=as_of), asked, clustered=False)
    return found[0] if found else None


def moments_apart(
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    days: int,
    as_of: datetime,
    apart: Collection[int],
) -> Apart:
    """Return metrics of those who saw these surfaces in the days before: these learners, others."""
    groups = values_apart(asked, surfaces=surfaces, days=days, as_of=as_of, apart=apart)
    counts = {group.arm: len(group.records) for group in groups}
    return Apart(
        learners=(counts.get(APART, 0), counts.get(OTHERS, 0)),
        moments={
            one: _arms(_parts(groups, one, as_of=as_of), one, clustered=False) for one in asked
        },
    )


def exposed_counts(experiment: str, *, as_of: datetime) -> dict[str, int]:
    """Return how many real learners who have not objected had seen each arm by then."""
    return dict(run(_EXPOSED_COUNTS, [experiment, as_of]).fetchall())


Parts = list[tuple[Group, Table]]


def _parts(groups: Sequence[Group], asked: Asked, *, as_of: datetime) -> Parts:
    """Return the metric's columns of each group, no value above the cut over all arms as one."""
    parts = [(group, group.of(asked, as_of=as_of)) for group in groups]
    if asked.winsor is not None and parts:
        for column in (VALUE, BEFORE):
            cut = _cut(np.concatenate([table[:, column] for _, table in parts]), asked.winsor)
            for _, table in parts:
                np.minimum(table[:, column], cut, out=table[:, column])
    return [part for part in parts if len(part[1])]


def _cut(column: Table, share: float) -> float:
    """Return the quantile of the values above 0; of all, it is 0 where most pay nothing."""
    above = column[column > 0]
    return float(np.quantile(above, share, method="inverted_cdf")) if len(above) else np.inf


def _arms(parts: Parts, asked: Asked, *, clustered: bool) -> list[ArmMoments]:
    found: dict[tuple[str, str], list[Table]] = defaultdict(list)
    summed: dict[tuple[str, str, str], Table] = {}
    counts: dict[tuple[str, str], Table] = defaultdict(lambda: np.zeros(2))
    for group, table in parts:
        counts[group.arm, group.cohort] += np.array([len(table), (table[:, BASE] > 0).sum()])
        if clustered:
            key = (group.arm, group.cohort, group.cluster)
            summed[key] = summed.get(key, np.zeros(table.shape[1])) + table.sum(axis=0)
        else:
            found[group.arm, group.cohort].append(table)
    for (arm, cohort, _), total in summed.items():
        found[arm, cohort].append(total[None, :])
    ratio = clustered or bool(MEASURES[asked.metric].base)
    tables = {group: np.concatenate(parts) for group, parts in sorted(found.items())}
    return [
        _moments(group, table, ratio=ratio, counts=counts[group])
        for group, table in tables.items()
        if table[:, BASE].any()  # with nothing to divide by there is no ratio
    ]


def _moments(group: tuple[str, str], table: Table, *, ratio: bool, counts: Table) -> ArmMoments:
    totals, products = table.sum(axis=0).tolist(), (table.T @ table).tolist()
    return ArmMoments(
        arm=group[0],
        n=len(table),
        total=totals[VALUE],
        squares=products[VALUE][VALUE],
        before_total=totals[BEFORE],
        before_squares=products[BEFORE][BEFORE],
        products=products[VALUE][BEFORE],
        cohort=group[1],
        ratio=_ratio(totals, products) if ratio else None,
        learners=int(counts[0]),
        telling=int(counts[1]),
    )


def _ratio(totals: list[float], products: list[list[float]]) -> RatioMoments:
    return RatioMoments(
        totals=(totals[VALUE], totals[BASE], totals[BEFORE], totals[BASE_BEFORE]),
        products=tuple(map(tuple, products)),
    )
