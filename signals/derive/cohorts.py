"""Which kind of learner was it, as known at a moment? One SQL expression a cohort (L2).

Over `x`, the exposure, and `l`, the learner. Nothing that an arm can have changed may stand here:
a cohort made of what happened afterwards compares other people in each arm.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from signals.kinds.registry import code_of
from signals.models.statements import run

NEW_DAYS = 7
ACTIVITY_DAYS = 28
MUCH = 10  # actions in those days
UNKNOWN = "unknown"

_TENURE = f"""CASE WHEN EXISTS (
    SELECT 1 FROM signals_event e WHERE e.learner_id = x.learner_id
    AND e.corrected_at < x.exposed_at - interval '{NEW_DAYS} days'
) THEN 'returning' ELSE 'new' END"""  # noqa: S608  only constants of this product are put in

_ACTIVITY = f"""(
    SELECT CASE WHEN count(*) = 0 THEN 'none' WHEN count(*) < {MUCH} THEN 'some' ELSE 'much' END
    FROM signals_event e WHERE e.learner_id = x.learner_id AND e.kind <> {code_of("rec.shown")}
    AND e.corrected_at >= x.exposed_at - interval '{ACTIVITY_DAYS} days'
    AND e.corrected_at < x.exposed_at
)"""  # noqa: S608  only constants of this product are put in

# As the platform said it before; who came into it since is of another kind than at the exposure.
_SAID = """coalesce((
    SELECT m."group" FROM signals_membership m
    WHERE m.learner_id = x.learner_id AND m.kind = '{kind}' AND m.since <= x.exposed_at
), '{unknown}')"""
SAID = ("organisation", "region", "device")  # kinds of groups that a platform tells

# The account's own, where it has one, goes before what the platform says.
_LANGUAGE = f"coalesce(nullif(l.language, ''), {_SAID.format(kind='language', unknown=UNKNOWN)})"

COHORTS: Mapping[str, str] = MappingProxyType(
    {
        "tenure": _TENURE,
        "activity": _ACTIVITY,
        "language": _LANGUAGE,
        **{kind: _SAID.format(kind=kind, unknown=UNKNOWN) for kind in SAID},
    }
)

_OF_LEARNERS = f"""
SELECT {", ".join(COHORTS.values())}
FROM unnest(%(learners)s::bigint[]) WITH ORDINALITY AS asked (learner_id, place)
CROSS JOIN LATERAL (SELECT asked.learner_id, %(at)s::timestamptz AS exposed_at) x
LEFT JOIN signals_learner l ON l.learner_id = asked.learner_id
ORDER BY asked.place
"""  # noqa: S608  only constants of this product are put in


def cohorts_of(learner_ids: Sequence[int], *, at: datetime) -> dict[str, tuple[str, ...]]:
    """Return for each cohort the value of each learner, in their order, as was known at a moment.

    To judge models by kinds of learners: no value of one learner is shown to anybody.
    """
    rows = run(_OF_LEARNERS, {"learners": list(learner_ids), "at": at}, prepared=False).fetchall()
    columns = zip(*rows, strict=True) if rows else ((),) * len(COHORTS)
    return dict(zip(COHORTS, map(tuple, columns), strict=True))
