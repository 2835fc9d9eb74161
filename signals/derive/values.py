"""What is each exposed learner's value of each metric? Computed now, or read as it was kept (L2).

Values that `kept` made beforehand are taken where they still hold; for learners whose events came
since, or lie after the moment asked for, they are computed. So a look is exact whatever was kept,
and only its time depends on it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from signals.data import Asked
from signals.derive import kept
from signals.derive.cohorts import COHORTS
from signals.derive.measures import LISTED
from signals.derive.packing import (
    COUNTED,
    NOT_LEFT_OUT,
    Group,
    form_of,
    longest_after,
    parameters,
    per_learner,
    uncut,
    unpacked,
)
from signals.kinds.registry import code_of
from signals.models.statements import run

PARTS = 4  # a string may hold a gigabyte: a group is read in so many

_OF_EXPERIMENT = """
    FROM signals_exposure x {counted}
    WHERE x.experiment = %(experiment)s AND x.exposed_at <= %(as_of)s
"""
# Before any experiment the first list of a surface within some days stands for the exposure.
OF_SURFACES = f"""
    FROM (
        SELECT e.learner_id, '' AS arm, min(e.corrected_at) AS exposed_at
        FROM signals_event e
        WHERE {LISTED} AND e.kind = {code_of("rec.shown")} AND e.corrected_at <= %(as_of)s
          AND e.corrected_at >= %(as_of)s - %(days)s * interval '1 day'
        GROUP BY e.learner_id
    ) x {COUNTED}
"""  # noqa: S608  only constants of this product are put in

APART, OTHERS = "apart", "others"
OF_SURFACES_APART = OF_SURFACES.replace(
    "'' AS arm",
    f"CASE WHEN e.learner_id = ANY(%(apart)s::bigint[]) THEN '{APART}' ELSE '{OTHERS}' END AS arm",
)

_KEPT = """
SELECT arm, cohort, cluster, array_agg(learner_id) FILTER (WHERE NOT holds), {packed} FROM (
    SELECT x.learner_id, x.arm, {cohort} AS cohort, {cluster} AS cluster, x.measured AS packed,
        ({holds}) IS TRUE AS holds
    {exposed}
) everyone GROUP BY arm, cohort, cluster
"""
# Materialized: a cohort is asked of a learner, not of each event.
_COMPUTED = """
WITH exposed AS MATERIALIZED (
    SELECT x.learner_id, x.arm, x.exposed_at, {cluster} AS cluster, {cohort} AS cohort {exposed}
), everyone AS ({per_learner})
SELECT arm, cohort, cluster, {packed} FROM everyone GROUP BY arm, cohort, cluster
"""
_PACKED = ", ".join(
    f"string_agg(packed, '') FILTER (WHERE {{holds}} learner_id %% {PARTS} = {part})"
    for part in range(PARTS)
)


def values(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
    clustered: bool = False,
) -> list[Group]:
    """Return the values of everyone exposed by then, in groups.

    Raises KeyError for a metric or a cohort that does not exist.
    """
    given = {"experiment": experiment, "as_of": as_of, **parameters(surfaces)}
    columns = {
        "cluster": "x.cluster" if clustered else "''",
        "cohort": COHORTS[cohort] if cohort else "''",
    }
    exposed = _OF_EXPERIMENT.format(counted=COUNTED)
    ready = kept.ready(experiment, surfaces)
    if not {uncut(one) for one in asked} <= set(ready):
        return _computed(asked, exposed, given, columns)
    everybody = _OF_EXPERIMENT.format(counted="") + f"AND {NOT_LEFT_OUT}"
    query = _KEPT.format(
        holds=kept.holds(longest_after(ready)),
        packed=_PACKED.format(holds="holds AND"),
        exposed=exposed if cohort else everybody,  # a cohort is read off the learner
        **columns,
    )
    changed = kept.changed()  # before what is kept is read: nothing that came later is missed
    given |= {"form": form_of(ready, surfaces), "changed": changed}
    rows = run(query, given, prepared=False).fetchall()
    found = [unpacked(row[:3], row[4:], ready) for row in rows]
    others = [learner_id for row in rows for learner_id in row[3] or ()]
    if others:
        these = f"{exposed} AND x.learner_id = ANY(%(learners)s::bigint[])"
        found += _computed(asked, these, {**given, "learners": others}, columns)
    return found


def usual_values(
    asked: Sequence[Asked], *, surfaces: Collection[int], days: int, as_of: datetime
) -> list[Group]:
    """Return the values of everyone who saw a list of these surfaces within the days before.

    What an experiment of as many days would have read, had it run: one arm, named "".
    """
    given = {"as_of": as_of, "days": days, **parameters(surfaces)}
    return _computed(asked, OF_SURFACES, given, {"cluster": "''", "cohort": "''"})


def values_apart(
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    days: int,
    as_of: datetime,
    apart: Collection[int],
) -> list[Group]:
    """Return the same in two arms: APART for these learners, OTHERS for everybody else."""
    given = {"as_of": as_of, "days": days, "apart": list(apart), **parameters(surfaces)}
    return _computed(asked, OF_SURFACES_APART, given, {"cluster": "''", "cohort": "''"})


def _computed(
    asked: Sequence[Asked], exposed: str, given: dict[str, object], columns: dict[str, str]
) -> list[Group]:
    query = _COMPUTED.format(
        exposed=exposed,
        per_learner=per_learner(asked, of_these="learners" in given),
        packed=_PACKED.format(holds=""),
        **columns,
    )
    rows = run(query, given, prepared=False)
    return [unpacked(row[:3], row[3:], asked) for row in rows]
