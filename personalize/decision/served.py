"""What does the log say of learners in an experiment? (L4) Answers for `experiments.served`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from experiments.api import tell_served
from experiments.data import Period, ServedReader, Team
from personalize.data import Source
from personalize.decision.promises import promises
from personalize.models.decisions import SOURCE_CODES
from signals.data import Answered

OWN = (Source.MODEL, Source.ONBOARDING, Source.LAST_GOOD)  # lists that a learner's history made

_AGAINST_WILL = """
SELECT count(*) FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
    AS objected (learner_id, since, until)
JOIN personalize_decision d ON d.learner_id = objected.learner_id
 AND d.served_at >= objected.since AND d.served_at < objected.until
WHERE d.source = ANY(%s)
"""

_MODEL_AGES = """
SELECT avg(extract(epoch FROM d.served_at - m.trained_at) / 3600)::float
FROM personalize_decision d JOIN personalize_modelversion m ON m.version = d.model
WHERE d.learner_id = ANY(%s) AND d.served_at >= %s AND d.served_at < %s
GROUP BY d.learner_id
"""


# The items of a list and its teams are parallel; get_byte counts from 0.
_TEAM = "get_byte(d.teams, array_position(d.course_ids, told.course_id) - 1)"
_TEAMS_CLICKED = f"""
SELECT told.place, {_TEAM}
FROM unnest(%s::bigint[], %s::integer[], %s::uuid[], %s::integer[])
    AS told (learner_id, course_id, request_id, place)
JOIN personalize_decision d ON d.learner_id = told.learner_id AND d.request_id = told.request_id
 AND d.drafted_for = %s AND told.course_id = ANY(d.course_ids)
"""  # noqa: S608  only a constant is put in
_TEAMS_SHOWN = f"""
SELECT told.place, last.team
FROM unnest(%s::bigint[], %s::integer[], %s::timestamptz[], %s::integer[])
    AS told (learner_id, course_id, at, place)
JOIN LATERAL (
    SELECT {_TEAM} AS team FROM personalize_decision d
    WHERE d.learner_id = told.learner_id AND d.drafted_for = %s
      AND d.served_at <= told.at AND d.served_at > told.at - %s
      AND told.course_id = ANY(d.course_ids)
    ORDER BY d.served_at DESC LIMIT 1
) last ON true
"""  # noqa: S608  only a constant is put in
# What both begin with is nobody's: the first other byte is the first pick.
_FIRST_PICKS = r"""
SELECT get_byte(contested, 0), count(*) FROM (
    SELECT DISTINCT ON (learner_id) ltrim(teams, '\x00'::bytea) AS contested
    FROM personalize_decision
    WHERE drafted_for = %s AND served_at <= %s AND ltrim(teams, '\x00'::bytea) <> ''::bytea
    ORDER BY learner_id, served_at
) first GROUP BY 1
"""


def against_will(periods: Sequence[Period]) -> int:
    """Return how many lists of their own learners were given in times in which they objected."""
    if not periods:
        return 0
    learners, since, until = zip(*periods, strict=True)
    codes = [SOURCE_CODES[source] for source in OWN]
    with connection.cursor() as cursor:
        cursor.execute(_AGAINST_WILL, [list(learners), list(since), list(until), codes])
        return int(cursor.fetchone()[0])


def model_ages(learners: Sequence[int], since: datetime, until: datetime) -> Sequence[float]:
    """Return for each learner with such lists how old the models were, in hours, on average."""
    with connection.cursor() as cursor:
        cursor.execute(_MODEL_AGES, [list(learners), since, until])
        return [hours for (hours,) in cursor.fetchall()]


def teams(experiment_id: int, answers: Sequence[Answered], within: timedelta) -> list[int]:
    """Return for each answer whose the item was: by its list, or by the last list before it.

    `Team.BOTH` where no list of this experiment held it.
    """
    found = [int(Team.BOTH)] * len(answers)
    clicks = [(at, one) for at, one in enumerate(answers) if one.request_id is not None]
    others = [(at, one) for at, one in enumerate(answers) if one.request_id is None]
    clicked = [(one.learner_id, one.course_id, one.request_id) for _, one in clicks]
    learnt = [(one.learner_id, one.course_id, one.at) for _, one in others]
    told = {
        **_told(_TEAMS_CLICKED, [experiment_id], clicks, clicked),
        **_told(_TEAMS_SHOWN, [experiment_id, within], others, learnt),
    }
    for at, team in told.items():
        found[at] = team
    return found


def _told(
    query: str,
    given: Sequence[Any],
    asked: Sequence[tuple[int, Answered]],
    columns: Sequence[tuple[Any, ...]],
) -> dict[int, int]:
    """Return the teams of answers by their places in what was asked."""
    if not asked:
        return {}
    places = [at for at, _ in asked]
    with connection.cursor() as cursor:
        cursor.execute(query, [*map(list, zip(*columns, strict=True)), places, *given])
        return dict(cursor.fetchall())


def first_picks(experiment_id: int, as_of: datetime) -> tuple[int, int]:
    """Return for how many learners each ranker had the first pick of their first drafted list."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_PICKS, [experiment_id, as_of])
        picks: dict[int, int] = dict(cursor.fetchall())
    return picks.get(Team.CONTROL, 0), picks.get(Team.VARIANT, 0)


def register() -> None:
    """Tell experiments who can be asked."""
    tell_served(
        ServedReader(
            against_will=against_will,
            model_ages=model_ages,
            teams=teams,
            first_picks=first_picks,
            promises=promises,
        )
    )
