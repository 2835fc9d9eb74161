"""How many learners of a surface are of which kind, as a plan for some of them may ask? (L2)

Counts of learners alike in what a decision knows of them: their age band and how many courses they
touched. Exact, for `experiments` alone, which rounds before anybody sees a number.
"""

from collections.abc import Collection
from datetime import datetime

from signals.data import Audience
from signals.derive.packing import parameters
from signals.derive.values import OF_SURFACES
from signals.models.statements import run

_ALIKE = f"""
SELECT l.age_band, (
    SELECT count(*) FROM signals_learnercourse h WHERE h.learner_id = x.learner_id
) AS courses, count(*)
{OF_SURFACES}
GROUP BY l.age_band, courses ORDER BY l.age_band, courses
"""  # noqa: S608  only constants of this product are put in


def audience(surfaces: Collection[int], *, days: int, as_of: datetime) -> list[Audience]:
    """Return who saw a list of these surfaces within the days before, those alike together."""
    given = {"as_of": as_of, "days": days, **parameters(surfaces)}
    return [Audience(*row) for row in run(_ALIKE, given, prepared=False)]
