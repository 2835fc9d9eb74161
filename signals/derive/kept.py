"""Which values of experiments are ready before somebody looks? Kept beside the exposure (L2).

A value changes only when an event of its learner comes, late or not, or when something of theirs is
taken back. So values are computed once, by the clock, and forgotten for those whose events changed:
what is there is right. A look reads it, and computes for the others.

A value is of all events in its windows, whenever they were: as of a moment it holds if none of them
is later, or if the windows had closed by then.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from time import perf_counter

from django.db import transaction

from signals.data import Allowed, Asked
from signals.derive.packing import COUNTED, form_of, parameters, per_learner
from signals.derive.pending import BUDGET_S, Reader, catch_up
from signals.models import Measured
from signals.models.statements import run
from signals.privacy import gate

READER = "measured"
_LOCK = 0x6D65_6173
KEEPING = f"SELECT pg_advisory_xact_lock({0x6B65_6570})"
AT_ONCE = 5_000  # learners a transaction
EVER = datetime(9999, 1, 1, tzinfo=UTC)

# Whose events came since values were last forgotten: noted already, or not even that.
_CHANGED = f"""
SELECT learner_id FROM signals_pendinglearner WHERE reader = '{READER}'
UNION
SELECT learner_id FROM signals_event
WHERE tx >= (SELECT tx FROM signals_watermark WHERE reader = '{READER}')
"""  # noqa: S608  only constants of this product are put in
_HOLDS = """
    x.measured_form = %(form)s AND x.learner_id <> ALL(%(changed)s::bigint[])
    AND (x.measured_to <= %(as_of)s
         OR x.exposed_at + {longest_after} * interval '1 day' <= %(as_of)s)
"""
# Before the first value is kept there is nothing to forget: the past is not read for it.
_BEGIN = f"""
INSERT INTO signals_watermark (reader, tx, read_at)
VALUES ('{READER}', pg_snapshot_xmin(pg_current_snapshot())::text::bigint, %(now)s)
ON CONFLICT DO NOTHING
"""  # noqa: S608  only constants of this product are put in
_FORGET = """
UPDATE signals_exposure SET measured = NULL, measured_form = NULL, measured_to = NULL
WHERE learner_id = ANY(%b::bigint[])
"""
WITHOUT = f"""
SELECT x.learner_id FROM signals_exposure x {COUNTED}
WHERE x.experiment = %(experiment)s AND x.measured_form IS DISTINCT FROM %(form)s
  AND x.learner_id > %(after)s
ORDER BY x.learner_id LIMIT %(at_once)s
"""  # noqa: S608  only constants of this product are put in
_KEEP = """
WITH exposed AS MATERIALIZED (
    SELECT x.learner_id, x.arm, x.exposed_at, '' AS cluster, '' AS cohort
    FROM signals_exposure x {counted}
    WHERE x.experiment = %(experiment)s AND x.learner_id = ANY(%(learners)s::bigint[])
), computed AS ({per_learner})
UPDATE signals_exposure kept SET measured = computed.packed, measured_form = %(form)s,
    measured_to = coalesce(computed.newest, kept.exposed_at)
FROM computed
WHERE kept.experiment = %(experiment)s AND kept.learner_id = computed.learner_id
"""


def ready(experiment: str, surfaces: Collection[int]) -> tuple[Asked, ...]:
    """Return the metrics that are made ahead of an experiment, as they are packed; or none.

    None as well where they were made in another way than today: for other surfaces, or before
    something about a metric was changed.
    """
    row = Measured.objects.filter(experiment=experiment).first()
    try:
        metrics = tuple(Asked(*one) for one in row.metrics) if row else ()
        return metrics if row and form_of(metrics, surfaces) == row.form else ()
    except KeyError:  # a metric that is gone
        return ()


def changed() -> list[int]:
    """Return the learners of whom nothing that is kept may be read."""
    return [learner_id for (learner_id,) in run(_CHANGED)]


def holds(longest_after_days: int) -> str:
    """Return when the kept values of `x` hold; wants `form`, `changed` and `as_of`."""
    return _HOLDS.format(longest_after=longest_after_days)


def keep_measured(
    experiment: str, asked: Sequence[Asked], *, surfaces: Collection[int], now: datetime
) -> int:
    """Make the values of an experiment ready for everybody who has none; return for how many.

    Within the time of one run of the clock: what is left waits for the next.
    """
    forget_changed(now=now)
    form = form_of(asked, surfaces)
    metrics = [[one.metric, one.window_days, one.from_days] for one in asked]
    Measured.objects.update_or_create(
        experiment=experiment, defaults={"form": form, "metrics": metrics}
    )
    given = {
        "experiment": experiment,
        "form": form,
        "as_of": EVER,
        **parameters(surfaces),
    }
    query = _KEEP.format(counted=COUNTED, per_learner=per_learner(asked, of_these=True))
    until, done, after = perf_counter() + BUDGET_S, 0, 0
    while perf_counter() < until:
        with transaction.atomic():
            run(gate.STORING)
            run(KEEPING)
            found = run(WITHOUT, {**given, "after": after, "at_once": AT_ONCE}).fetchall()
            learners = [learner_id for (learner_id,) in found]
            if not learners:
                return done
            run(query, {**given, "learners": learners}, prepared=False)
        done, after = done + len(learners), learners[-1]
    return done


def forget_changed(*, now: datetime) -> int:
    """Forget the values of everybody whose events changed; return of how many learners."""
    run(_BEGIN, {"now": now})
    return catch_up(Reader(READER, _LOCK, _forget), now=now)


def _forget(allowed: dict[int, Allowed], _now: datetime) -> None:
    """Forget values; not while others are computed, whose statement may not see these events."""
    run(KEEPING)
    run(_FORGET, [list(allowed)])
