"""How long do the jobs of a night take that read where half a million learners stand?

Five courses and ten modules for each learner, two million lists of the last seven days; nobody
searches. Not the speed of one page: no page reads these, and each of the jobs has a night
(docs/proofs.md).
"""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import pytest
from django.db import connection

from personalize.agents.demand import derive_gaps
from personalize.experience.desk.insights import derive_insights
from signals import aggregates
from signals.derive.standing_still import KINDS, who_stands
from signals.models import LearnerCourse, LearnerModule
from tests.factories import moment

LEARNERS, COURSES, MODULES = 500_000, 200, 8
NIGHT_S = 600.0  # of one job
BATCH_S = 60.0  # the next of a group to be written to

_FILL = (
    """
    INSERT INTO signals_course (external_id, slug, title, summary, field, level, language,
        provider, minutes, listed, created_at, updated_at)
    SELECT 'c' || n, 'c' || n, 'Course ' || n, 'About topic ' || n %% 40, 'Field ' || n %% 12, '',
        'en', '', 60, true, %(now)s, %(now)s
    FROM generate_series(1, %(courses)s) n
    """,
    """
    INSERT INTO signals_module (course_id, external_id, position, title, text, minutes, format)
    SELECT c.id, 'm' || n, n, 'Module ' || n, '', 10, 'article'
    FROM signals_course c, generate_series(1, %(modules)s) n
    """,
    """
    INSERT INTO signals_learner (learner_id, kind, age_band, language, created_at)
    SELECT n, 'real', '', 'en', %(now)s - interval '100 days'
    FROM generate_series(1, %(learners)s) n
    """,
    """
    INSERT INTO signals_learnercourse (learner_id, course_id, viewed_at, enrolled_at, started_at,
        completed_at, last_at, mandatory, events)
    SELECT l, c.id, at, at, CASE WHEN n > 1 THEN at END, CASE WHEN n = 5 THEN at END, at, false, 3
    FROM (
        SELECT l, n, 1 + (l::bigint * 7919 + n * 104729) %% %(courses)s AS number,
            %(now)s - ((l * 31 + n * 17) %% 60) * interval '1 day' AS at
        FROM generate_series(1, %(learners)s) l, generate_series(1, 5) n
    ) took JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM signals_course) c
        USING (number)
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO signals_learnermodule (learner_id, module_id, course_id, started_at, completed_at,
        progress, score, last_at)
    SELECT c.learner_id, m.id, c.course_id, c.last_at, c.last_at, 1,
        CASE WHEN m.position = 2 THEN 0.5 END, c.last_at
    FROM signals_learnercourse c JOIN signals_module m ON m.course_id = c.course_id
    WHERE c.started_at IS NOT NULL AND m.position <= 1 + c.learner_id %% 4
    """,
    """
    INSERT INTO personalize_decision (served_at, learner_id, request_id, took_ms, surface, source,
        intent, rules, signals, tiers, parts_wide, course_ids, scores, confidences, slots,
        part_codes, part_values)
    SELECT %(now)s - ((l * 13 + n) %% 10000) * interval '1 minute', l, gen_random_uuid(), 5, 1, 1,
        0, 2, 5, 0, 0, ARRAY(SELECT 1 + (l + n * 37 + k * 11) %% %(courses)s
        FROM generate_series(1, 6) k), '{}', '{}', '{}', '{}', '{}'
    FROM generate_series(1, %(learners)s) l, generate_series(1, 4) n
    """,
)


def took(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.mark.prove
@pytest.mark.django_db
def test_what_is_counted_of_half_a_million_learners_fits_into_the_night() -> None:
    now = moment()
    given: dict[str, Any] = {
        "now": now,
        "courses": COURSES,
        "modules": MODULES,
        "learners": LEARNERS,
    }
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, given)
        cursor.execute("ANALYZE")
    groups = aggregates.standing_still(now=now)
    assert groups
    first = groups[0]
    seconds = {
        "standing_still": took(lambda: aggregates.standing_still(now=now)),
        "derive_gaps": took(lambda: derive_gaps(now=now)),
        "derive_insights": took(lambda: derive_insights(now=now)),
    }
    course, module = first.course_id, first.module_id
    batches = {
        kind: took(partial(who_stands, kind, course, module, after=0, limit=1000, now=now))
        for kind in KINDS
    }
    rows = (LearnerCourse.objects.count(), LearnerModule.objects.count(), len(groups))
    print("courses, modules, groups:", rows, seconds, batches)  # noqa: T201  the figures themselves
    assert {name: s for name, s in seconds.items() if s >= NIGHT_S} == {}
    assert {name: s for name, s in batches.items() if s >= BATCH_S} == {}
