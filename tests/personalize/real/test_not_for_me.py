"""Are courses like a refused one gone from the next 50 picks? A public catalogue is asked.

What is nearly the same is told by another way than the product's: by directions that many words
share (LSA) in titles and descriptions. Two thirds of these courses state no skill.
"""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from personalize.decision import policy
from personalize.decision.policy import Ranked, Rules, Situation
from personalize.decision.shelf import Shelf, build
from signals.data import CourseInfo

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data"),
]

LEARNERS = 300
PICKS = 50
NEARLY_THE_SAME = 0.6
PROMISED = 0.9


def read() -> list[CourseInfo]:
    path = Path(os.environ["NORTHWAY_DATA"], "data/catalogue/coursera2021_courses.csv.gz")
    with gzip.open(path, "rt") as lines:
        rows = [row for row in csv.DictReader(lines) if row["course_language"] == "English"]
    return [
        CourseInfo(
            course_id=number,
            external_id=str(number),
            slug=str(number),
            title=(row["title"] or row["course_name"]).strip(),
            summary=row["description"],
            field=row["category"],
            level="",
            language="en",
            provider="",
            minutes=60,
            skills=skills(row["course_skills"]),
            prerequisites=(),
            modules=3,
        )
        for number, row in enumerate(rows, start=1)
        if len(row["description"]) >= 40
    ]


def skills(said: str) -> tuple[str, ...]:
    names = (raw.strip(" '") for raw in said.strip("[]").split(","))
    return tuple(name for name in names if name)


def likeness(courses: list[CourseInfo]) -> NDArray[np.float64]:
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)
    counted = words.fit_transform([f"{c.title} {c.summary}" for c in courses])
    directions = normalize(TruncatedSVD(150, random_state=0).fit_transform(counted))
    found: NDArray[np.float64] = directions @ directions.T
    np.fill_diagonal(found, 0.0)
    return found


def rank(shelf: Shelf, base: NDArray[np.float64], refused: list[int], k: int) -> Ranked:
    return policy.rank(
        base,
        popularity=np.zeros(len(base)),
        shelf=shelf,
        situation=Situation(refused=np.array(refused, dtype=np.int64)),
        rules=Rules(),
        k=k,
        explore=np.arange(len(base)),
        rng=None,
    )


def test_nine_of_ten_near_duplicates_are_gone_from_the_next_fifty() -> None:
    courses = read()
    shelf = build({course.course_id: course for course in courses})
    courses = list(shelf.by_place)
    alike = likeness(courses)
    rng = np.random.default_rng(3)
    before = after = lists = sunk = 0
    for _learner in range(LEARNERS):
        taken = rng.choice(len(courses), 3, replace=False)
        taste = alike[taken].sum(0)
        base = taste / taste.max() + rng.normal(0, 0.1, len(taste))
        base = (base - base.min()) / np.ptp(base)
        first = int(rank(shelf, base, [], 1).places[0])
        same = set(np.flatnonzero(alike[first] >= NEARLY_THE_SAME).tolist())
        without = [int(p) for p in rank(shelf, base, [], PICKS + 1).places if p != first][:PICKS]
        within = rank(shelf, base, [first], PICKS).places.tolist()
        assert first not in within
        before += len(same & set(without))
        after += len(same & set(within))
        sunk += len(shelf.near(first))
        lists += 1

    found = (
        f"{lists} lists: {before} near-duplicates before, {after} after; {sunk / lists:.1f} sunk"
    )
    print(found)  # noqa: T201  for the docs
    assert before >= lists
    assert after <= (1 - PROMISED) * before
