"""Whose level is missing, or is not what its text says? (L5)"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from personalize.agents.metadata.found import Figure, Found, Learnt
from personalize.algorithms.metadata.judging import macro_f1
from personalize.algorithms.metadata.level import LevelModel
from personalize.algorithms.metadata.texts import CourseText
from signals.data import CourseInfo

FOLDS = 5
LEAST_COURSES = 20  # with a level
LEAST_A_LEVEL = 3
LEAST = 0.4  # likelihood of a level where none is stated
LEAST_AGAINST = 0.6  # of another than the one stated


def find(courses: Sequence[CourseInfo], texts: Sequence[CourseText]) -> tuple[list[Found], Learnt]:
    """Return levels where none is stated or another is likelier, and how well that was learnt.

    A course is judged by a model that learnt from other courses, in folds.
    """
    often = Counter(course.level for course in courses if course.level)
    levels = {level for level, n in often.items() if n >= LEAST_A_LEVEL}
    known = [place for place, course in enumerate(courses) if course.level in levels]
    if len(known) < LEAST_COURSES or len(levels) < 2:
        return [], Learnt(len(known), "", None)
    fold = np.random.default_rng(0).permutation(len(courses)) % FOLDS
    found: list[Found] = []
    said: dict[int, str] = {}
    for part in range(FOLDS):
        learn = [place for place in known if fold[place] != part]
        model = LevelModel().fit(
            [texts[place] for place in learn], [courses[place].level for place in learn]
        )
        asked = [place for place in range(len(courses)) if fold[place] == part]
        for place, row in zip(
            asked, model.probabilities([texts[place] for place in asked]), strict=True
        ):
            best = int(row.argmax())
            said[place] = model.levels_[best]
            least = LEAST_AGAINST if courses[place].level else LEAST
            if said[place] != courses[place].level and row[best] >= least:
                words = model.telling(texts[place], said[place])
                found.append(_of_course(courses[place], said[place], float(row[best]), words))
    reached = macro_f1([said[p] for p in known], [courses[p].level for p in known])
    return found, Learnt(len(known), "macro_f1", reached["level_macro_f1"])


def _of_course(course: CourseInfo, level: str, likely: float, words: Sequence[str]) -> Found:
    evidence: dict[str, Figure] = {
        "stated": course.level,
        "words": list(words),
        "likely": round(likely, 4),
    }
    return Found(course.course_id, "level", level, round(likely, 4), evidence)
