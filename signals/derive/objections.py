"""Who of an experiment had objected, and when? For the guardrail nobody can leave out (L2).

The changes of consent are the proof; they are read as they were made, whatever is allowed today.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from signals.data import Objected, Purpose
from signals.models.statements import run

_OBJECTIONS = f"""
SELECT x.arm, x.learner_id, x.exposed_at, c.at, coalesce((
    SELECT min(g.at) FROM signals_consentchange g
    WHERE g.learner_id = c.learner_id AND g.purpose = c.purpose AND g.granted AND g.at > c.at
), %(as_of)s)
FROM signals_exposure x
JOIN signals_consentchange c ON c.learner_id = x.learner_id
 AND c.purpose = '{Purpose.PERSONALIZATION}' AND NOT c.granted AND c.at <= %(as_of)s
WHERE x.experiment = %(experiment)s AND x.exposed_at <= %(as_of)s
ORDER BY x.learner_id, c.at
"""  # noqa: S608  only a constant of this product is put in

_LATELY = """
SELECT arm, learner_id FROM (
    SELECT arm, learner_id, row_number() OVER (PARTITION BY arm ORDER BY exposed_at DESC) AS place
    FROM signals_exposure WHERE experiment = %(experiment)s AND exposed_at <= %(as_of)s
) newest WHERE place <= %(most)s
"""


def objections(experiment: str, *, as_of: datetime) -> list[Objected]:
    """Return every objection of somebody who was exposed, until it was taken back."""
    return [Objected(*row) for row in run(_OBJECTIONS, {"experiment": experiment, "as_of": as_of})]


def exposed_lately(experiment: str, *, as_of: datetime, most: int) -> Mapping[str, Sequence[int]]:
    """Return the learners of each arm who were exposed last, at most so many of each."""
    found: dict[str, list[int]] = {}
    for arm, learner_id in run(_LATELY, {"experiment": experiment, "as_of": as_of, "most": most}):
        found.setdefault(arm, []).append(learner_id)
    return found
