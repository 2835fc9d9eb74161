"""How long do the jobs of a night take where much is searched?

Over a million searches of twelve weeks for the skills of a real catalogue, 80,000 more of one week
sealed one by one, and 300,000 lists, clicks and enrolments of 100,000 learners (docs/proofs.md). No
page reads any of it.
"""

import csv
import gzip
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from experiments import assignment
from experiments.api import read_lifts
from personalize.agents.demand import derive_gaps
from personalize.models import DemandTopic
from signals import sealing
from signals.derive.demand import derive_demand, monday
from signals.kinds.registry import code_of
from signals.models import DemandTerm, DemandWeek, Event, SearchQuery
from signals.processing.demand import normalize_term
from signals.sealing import seal_with
from tests.factories import moment

LEARNERS, COURSES, WEEKS = 100_000, 400, 12
MOST_TERMS = 4_000
SEALED = 80_000  # searches of the last closed week
NIGHT_S = 600.0  # of one job

_FILL = (
    """
    INSERT INTO signals_course (external_id, slug, title, summary, field, level, language,
        provider, minutes, listed, created_at, updated_at)
    SELECT 'c' || n, 'c' || n, 'Course on term' || n, 'About topic' || n %% 40, 'Field ' || n %% 12,
        '', 'en', '', 60, true, %(now)s, %(now)s
    FROM generate_series(1, %(courses)s) n
    """,
    """
    INSERT INTO signals_learner (learner_id, kind, age_band, language, created_at)
    SELECT n, 'real', '', 'en', %(now)s - interval '100 days'
    FROM generate_series(1, %(learners)s) n
    """,
    # As Zipf has it: the commonest term by some 4,000 learners a week, the rarest by ten.
    """
    INSERT INTO signals_demandterm (term, week, learners, searches, without_result)
    SELECT term, week, learners, learners * 3 / 2, CASE WHEN n %% 4 = 0 THEN learners ELSE 0 END
    FROM (
        SELECT n, term, %(monday)s::date - (7 * w)::int AS week, 10 + 4000 / n AS learners
        FROM unnest(%(terms)s::text[]) WITH ORDINALITY t (term, n), generate_series(1, %(weeks)s) w
    ) counted
    """,
    """
    INSERT INTO signals_event (occurred_at, corrected_at, received_at, learner_id, id, request_id,
        source_id, course_id, kind, value, context)
    SELECT at, at, at, learner_id, gen_random_uuid(),
        overlay(gen_random_uuid()::text placing '801' from 15 for 3)::uuid, 1, 1, kind, NULL, NULL
    FROM (
        SELECT l AS learner_id, kind,
            %(now)s - ((l * 31 + n * 17) %% 100) * interval '1 day' - n * interval '1 hour' AS at
        FROM generate_series(1, %(learners)s) l,
            unnest(%(kinds)s::smallint[]) WITH ORDINALITY k (kind, n)
    ) happened
    """,
)


def skills() -> list[str]:
    """Return the skills of a real catalogue as searched terms, each once."""
    found: dict[str, None] = {}
    path = Path(os.environ["NORTHWAY_DATA"]) / "data/catalogue/coursera2021_courses.csv.gz"
    with gzip.open(path, "rt") as rows:
        for row in csv.DictReader(rows):
            for skill in row["course_skills"].replace("'", "").strip("[]").split(","):
                if term := normalize_term(skill):
                    found[term] = None
    return list(found)[:MOST_TERMS]


def took(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="skipped: no data")
def test_a_million_searches_fit_into_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "HOLDOUT_SHARE", 0.05)  # tests have none
    now, terms = moment(), skills()
    week = monday(now.date()) - timedelta(weeks=1)
    given: dict[str, Any] = {
        "now": now,
        "monday": monday(now.date()),
        "courses": COURSES,
        "learners": LEARNERS,
        "terms": terms,
        "weeks": WEEKS,
        "kinds": [code_of(kind) for kind in ("rec.shown", "rec.clicked", "course.enrolled")],
    }
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, given)
        cursor.execute("ANALYZE")
    searches = DemandTerm.objects.aggregate(n=Sum("searches"))["n"]
    topics = took(lambda: derive_gaps(now=now))
    counted = DemandTopic.objects.count()
    lifts = took(lambda: read_lifts(now=now))
    _seal_searches(terms, datetime.combine(week, time(9), tzinfo=UTC))
    DemandWeek.objects.create(week=week)
    unsealed = took(lambda: derive_demand(now=now))
    seconds = {"derive_gaps": topics, "read_lifts": lifts, "derive_demand": unsealed}
    sizes = (searches, len(terms), counted, Event.objects.count())
    print("searches, terms, topics, events:", sizes, seconds)  # noqa: T201  the figures themselves
    assert searches > 1_000_000
    assert counted > len(terms) / 2
    assert {name: s for name, s in seconds.items() if s >= NIGHT_S} == {}


def _seal_searches(terms: Sequence[str], at: datetime) -> None:
    """Let a fifth of the learners search four times in one week, each for another term."""
    who = range(1, SEALED // 4 + 1)
    keys = sealing.create_keys(who)
    SearchQuery.objects.bulk_create(
        (
            SearchQuery(
                learner_id=learner,
                searched_at=at,
                results=3,
                source_id=1,
                sealed=seal_with(
                    keys[learner], learner, terms[learner * n % 900].encode(), use="text"
                ),
            )
            for learner in who
            for n in range(1, 5)
        ),
        batch_size=5_000,
    )
