"""What does a course say about a question? (L5) The conductor: find, weigh, answer or refuse."""

import numpy as np
from numpy.typing import NDArray

from personalize.agents.answers.answer import Answer, Kind
from personalize.agents.answers.segments import Segments, of_course
from personalize.algorithms.retrieval.words import words

LONGEST = 300  # letters of a question; what follows is not read
MOST = 3  # sentences of an answer
BESIDE = 0.6  # of the best one's score that a second sentence reaches
SURE_ENOUGH = 0.5  # share of what was asked that the place must speak of


def ask(course_id: int, question: str) -> Answer:
    """Answer a question from the lessons of a course. Raises django.db.Error."""
    asked = " ".join(question.split())[:LONGEST]
    stems = words(asked)
    if not stems:
        return Answer(asked, Kind.EMPTY)
    return answer(asked, of_course(course_id))


def answer(asked: str, course: Segments) -> Answer:
    """Answer from sentences at hand."""
    stems = words(asked)
    if not course.places or not stems:
        return Answer(asked, Kind.REFUSED if stems else Kind.EMPTY)
    scores = ranked(stems, course)
    order = np.argsort(-scores, kind="stable")
    best = int(order[0])
    nearest = course.modules[int(course.module_of[best])]
    sureness = _covered(stems, course, best)
    if sureness < SURE_ENOUGH or scores[best] <= 0:
        return Answer(asked, Kind.REFUSED, sureness=sureness, nearest=nearest)
    chosen = [row for row in order[:MOST].tolist() if scores[row] >= BESIDE * scores[best]]
    return Answer(
        asked,
        Kind.ANSWERED,
        cited=tuple(course.places[row] for row in chosen),
        sureness=sureness,
        nearest=nearest,
    )


def ranked(stems: tuple[str, ...], course: Segments) -> NDArray[np.float32]:
    """Return how well each sentence answers, in the order of the lessons."""
    whole = course.by_module.scores(stems)
    return course.by_sentence.scores(stems) + 0.5 * whole[course.module_of]


def _covered(stems: tuple[str, ...], course: Segments, row: int) -> float:
    """Return how much of what was asked a sentence and its neighbours speak of, 0..1."""
    near = {
        word
        for other in range(max(row - 1, 0), min(row + 2, len(course.places)))
        if course.module_of[other] == course.module_of[row]
        for word in course.words_of[other]
    }
    weight = {word: course.by_sentence.idf_of(word) for word in set(stems)}
    return sum(value for word, value in weight.items() if word in near) / sum(weight.values())
