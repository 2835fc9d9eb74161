"""How well do the lessons answer, and how sure is that? (L5) Scores of sentences, and one chance.

A sentence is read alone, with its neighbours, in its paragraph and in its module. The chance that a
question is answered at all is a logistic function of what of it the lessons speak of, with
coefficients fitted on the questions kept for that (docs/answers.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.agents.answers.asked import Asked
from personalize.agents.answers.segments import Segments
from personalize.algorithms.retrieval.bm25 import Bm25, Floats
from personalize.algorithms.retrieval.synonyms import related

AKIN = 0.6  # of a word's own worth, where another word of its group is found
ALONE, NEAR, PARAGRAPH, MODULE = 1.0, 0.5, 0.5, 0.8  # what each reading of a sentence counts

INTERCEPT = -2.411
COEFFICIENTS: Mapping[str, float] = {
    "in_sentence": 0.11,
    "in_paragraph": 0.361,
    "akin_in_paragraph": 0.49,
    "in_module": 0.402,
    "akin_in_module": 0.743,
    "in_course": 1.166,
    "akin_in_course": 0.139,
    "unknown": -0.581,
    "unknown_name": -1.555,
    "score": 0.534,
    "strength": 1.277,
    "many_words": 1.959,
    "found_words": 0.821,
    "who": -1.903,
    "why": -0.588,
    "why_unsaid": -0.716,
    "sweeping": -0.89,
    "sweeping_why": -1.274,
    "sweeping_unsaid": 0.599,
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a course says to a question."""

    scores: Floats  # of each sentence
    order: NDArray[np.int64]  # sentences, best first
    evidence: Mapping[str, float]
    sureness: float  # 0..1, the chance that the best sentences answer


def weigh(asked: Asked, course: Segments) -> Weighed:
    """Weigh the sentences of a course that has some, for a question that has words."""
    scores = (
        ALONE * _scores(asked, course.by_sentence)
        + NEAR * _scores(asked, course.by_near)
        + PARAGRAPH * _scores(asked, course.by_paragraph)[course.paragraph_of]
        + MODULE * _scores(asked, course.by_module)[course.module_of]
    )
    order = np.argsort(-scores, kind="stable")
    found = _evidence(asked, course, scores, order)
    told = INTERCEPT + sum(COEFFICIENTS[name] * found[name] for name in COEFFICIENTS)
    return Weighed(scores, order, found, float(1 / (1 + np.exp(-told))))


def _scores(asked: Asked, index: Bm25) -> Floats:
    """Return the score of each text, where a word akin counts where the word itself does not."""
    total = np.zeros(index.texts, np.float32)
    for word in asked.stems:
        own = index.scores([word])
        for other in related(word):
            own = np.maximum(own, AKIN * index.scores([other]))
        total += own
    return total


def _evidence(
    asked: Asked, course: Segments, scores: Floats, order: NDArray[np.int64]
) -> dict[str, float]:
    """Return what speaks for an answer and against it, each about 0..1."""
    best = int(order[0])
    paragraph = course.words_of_paragraph[int(course.paragraph_of[best])]
    module = course.words_of_module[int(course.module_of[best])]
    idf = {word: course.by_sentence.idf_of(word) for word in asked.stems}
    whole = sum(idf.values()) or 1.0

    def covered(held: frozenset[str], *, akin: bool = False) -> float:
        spoken = sum(idf[word] for word in asked.stems if _speaks_of(word, held, akin=akin))
        return spoken / whole

    unknown = [word for word in asked.stems if not _speaks_of(word, course.words, akin=True)]
    beside = covered(paragraph, akin=True)
    return {
        "in_sentence": covered(frozenset(course.words_of[best])),
        "in_paragraph": covered(paragraph),
        "akin_in_paragraph": beside,
        "in_module": covered(module),
        "akin_in_module": covered(module, akin=True),
        "in_course": covered(course.words),
        "akin_in_course": covered(course.words, akin=True),
        "unknown": len(unknown) / len(asked.stems),
        "unknown_name": float(any(name not in course.words for name in asked.names)),
        "score": float(scores[best]) / (3 * len(asked.stems)),
        "strength": min(float(scores[best]) / 40, 1.0),
        "many_words": float(np.log(len(asked.stems))) / 3,
        "found_words": _share(_speaks_of(word, paragraph) for word in asked.stems),
        "who": float(asked.wants_name),
        "why": float(asked.why),
        "why_unsaid": float(asked.why) * (1 - beside),
        "sweeping": float(asked.sweeping),
        "sweeping_why": float(asked.why and asked.sweeping),
        "sweeping_unsaid": float(asked.sweeping) * (1 - beside),
    }


def _speaks_of(word: str, held: frozenset[str], *, akin: bool = False) -> bool:
    return word in held or (akin and not related(word).isdisjoint(held))


def _share(said: Iterable[bool]) -> float:
    told = list(said)
    return sum(told) / len(told) if told else 0.0
