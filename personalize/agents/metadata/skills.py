"""Which skills does a course teach that its page does not name? (L5)"""

from collections.abc import Sequence

import numpy as np

from personalize.agents.metadata.found import Found, Learnt
from personalize.algorithms.metadata.skills import FOLDS, SkillModel
from personalize.algorithms.metadata.texts import CourseText
from signals.data import CourseInfo

LEAST_COURSES = 20  # with skills, before there is anything to learn from
LEAST = 0.1  # likelihood below which nothing is kept at all
MOST_A_COURSE = 5


def find(courses: Sequence[CourseInfo], texts: Sequence[CourseText]) -> tuple[list[Found], Learnt]:
    """Return likely skills that courses do not name yet, and how well that was learnt.

    A course is judged by a model that learnt from other courses, in folds.
    """
    known = [place for place, course in enumerate(courses) if course.skills]
    if len(known) < LEAST_COURSES:
        return [], Learnt(len(known), "", None)
    found: list[Found] = []
    fold = np.random.default_rng(0).permutation(len(courses)) % FOLDS
    reached = []
    for part in range(FOLDS):
        learn = [place for place in known if fold[place] != part]
        model = SkillModel().fit(
            [texts[place] for place in learn], [courses[place].skills for place in learn]
        )
        reached.append(model.expected_f1_)
        asked = [place for place in range(len(courses)) if fold[place] == part]
        likely = model.probabilities([texts[place] for place in asked])
        for place, row in zip(asked, likely, strict=True):
            learnt_from = [courses[number] for number in learn]
            found += _of_course(courses[place], texts[place], row, model, learnt_from)
    return found, Learnt(len(known), "f1", float(np.mean(reached)))


def _of_course(
    course: CourseInfo,
    text: CourseText,
    likely: np.typing.NDArray[np.float64],
    model: SkillModel,
    learnt: Sequence[CourseInfo],
) -> list[Found]:
    own = set(course.skills)
    best = [
        place
        for place in np.argsort(-likely, kind="stable")[: MOST_A_COURSE + len(own)]
        if likely[place] >= LEAST and model.skills_[place] not in own
    ][:MOST_A_COURSE]
    if not best:
        return []
    near = [learnt[place] for place in model.nearest(text)]
    named = model.names_.of([text])
    return [
        Found(
            course.course_id,
            "skill",
            model.skills_[place],
            round(float(likely[place]), 4),
            {
                "near": len(near),
                "near_with": sum(model.skills_[place] in other.skills for other in near),
                "titles": [o.title for o in near if model.skills_[place] in o.skills][:3],
                "in_title": int(named.in_title[0, place]),
                "in_text": int(named.in_text[0, place] + named.in_short[0, place]),
            },
        )
        for place in best
    ]
