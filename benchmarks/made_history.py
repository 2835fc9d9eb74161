"""A made-up platform that can be learned from: tens of millions of choices, written as arrays.

Courses lie in fields; a few of each field are taken by most. A learner stays mostly in one field,
and what follows a course is often one of the next few of its field, so that neighbours, order and
taste all tell something. Written by blocks of learners: all rows at once would not fit in memory.
"""

from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

FIELDS = 25
AT_HOME = 0.85  # share of steps that stay in the learner's field
FOLLOWS = 0.5  # share of steps to one of the next few courses
NEAR = 5
SHORTEST, LONGEST = 2, 300
SKEW = 0.6  # 1: popularity falls like 1 / rank; 0: all courses alike
REPEATS = 1.27  # steps a choice, since nothing is chosen twice
BLOCK = 20_000
OVER_DAYS = 400
MICROSECONDS_A_DAY = 86_400_000_000
DAYS_TO_2000 = 10_957
NOT_A_SIGN_BIT = 2**63 - 1

# One row of signals_learnercourse as COPY reads it: each field behind its length.
ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(
            (f"{name}_{part}", kind)
            for name, number in (
                ("learner", ">i8"),
                ("course", ">i4"),
                ("enrolled", ">i8"),
                ("last", ">i8"),
                ("mandatory", "i1"),
                ("events", ">i4"),
            )
            for part, kind in (("size", ">i4"), ("value", number))
        ),
    ]
)
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
COPY = (
    "COPY signals_learnercourse (learner_id, course_id, enrolled_at, last_at, mandatory, events)"
    " FROM STDIN (FORMAT BINARY)"
)
# Ids spread over all 63 bits as random ones are: training reads them in groups by the first six.
LEARNERS = """
INSERT INTO signals_learner (learner_id, kind, age_band, language, created_at)
SELECT n * (%(all)s / %(learners)s) + 1, 'real', '', 'en', %(now)s
FROM generate_series(0, %(learners)s::bigint - 1) n
"""


def store(
    rng: np.random.Generator,
    course_ids: list[int],
    *,
    learners: int,
    pairs: int,
    now: datetime,
) -> int:
    """Store learners and about so many choices; return how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(LEARNERS, {"all": NOT_A_SIGN_BIT, "learners": learners, "now": now})
    numbers, stored = np.array(course_ids), 0
    with (
        connection.cursor() as cursor,
        cursor.copy(COPY) as pipe,
    ):
        pipe.write(HEADER)
        for start in range(0, learners, BLOCK):
            who, what, when = draw(
                rng,
                learners=min(BLOCK, learners - start),
                courses=len(numbers),
                mean=pairs / learners,
            )
            ids = (who.astype(np.int64) + start) * (NOT_A_SIGN_BIT // learners) + 1
            pipe.write(_rows(ids, numbers[what], when, now=now).tobytes())
            stored += len(who)
        pipe.write(TRAILER)
    return stored


def draw(
    rng: np.random.Generator, *, learners: int, courses: int, mean: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return who chose what and how many days ago, oldest first; nobody chooses a course twice."""
    lengths = np.clip(rng.geometric(1.0 / (REPEATS * mean), learners), SHORTEST, LONGEST)
    per_field = max(courses // FIELDS, 1)
    home = rng.integers(min(FIELDS, courses), size=learners)
    who, what, step = [], [], []
    field, rank = home.copy(), _ranks(rng, learners, per_field)
    for at in range(int(lengths.max())):
        going = np.flatnonzero(lengths > at)
        follows = rng.random(len(going)) < FOLLOWS
        away = rng.random(len(going)) >= AT_HOME
        own = home[going]
        fresh = np.where(away, rng.integers(min(FIELDS, courses), size=len(going)), own)
        field[going] = np.where(follows, field[going], fresh)
        near = (rank[going] + rng.integers(1, NEAR + 1, len(going))) % per_field
        rank[going] = np.where(follows, near, _ranks(rng, len(going), per_field))
        who.append(going)
        what.append(field[going] + rank[going] * FIELDS)
        step.append(np.full(len(going), at))
    return _once(np.concatenate(who), np.concatenate(what) % courses, np.concatenate(step), rng)


def _ranks(rng: np.random.Generator, count: int, per_field: int) -> NDArray[np.int64]:
    """Ranks of courses inside a field, popular ones more often."""
    spread = rng.random(count) ** (1.0 / (1.0 - SKEW))
    return np.floor(spread * per_field).astype(np.int64)


def _once(
    who: NDArray[np.int64],
    what: NDArray[np.int64],
    step: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Keep each learner's first choice of a course; steps become days, spread over the time."""
    codes = who * (int(what.max()) + 1) + what
    _, first = np.unique(codes, return_index=True)  # rows are in the order of steps
    who, what, step = who[first], what[first], step[first]
    begun = rng.uniform(0.2, 1.0, int(who.max()) + 1)[who] * OVER_DAYS
    last = np.zeros(int(who.max()) + 1)
    np.maximum.at(last, who, step)
    pace = (step + rng.random(len(step))) / (last[who] + 1.5)
    days = np.maximum(begun * (1.0 - pace), 0.01)
    return who, what, days


def _rows(
    learner_ids: NDArray[np.int64],
    course_ids: NDArray[np.int64],
    days: NDArray[np.float64],
    *,
    now: datetime,
) -> NDArray[np.void]:
    today = now.timestamp() / 86_400 - DAYS_TO_2000
    moments = ((today - days) * MICROSECONDS_A_DAY).astype(np.int64)
    rows = np.zeros(len(learner_ids), ROW)
    rows["fields"] = 6
    values = {
        "learner": learner_ids,
        "course": course_ids,
        "enrolled": moments,
        "last": moments,
        "mandatory": 0,
        "events": 1,
    }
    for name, value in values.items():
        rows[f"{name}_size"] = ROW[f"{name}_value"].itemsize
        rows[f"{name}_value"] = value
    return rows
