"""How well do the lessons answer, and how sure is that? (L5) Scores of sentences, and one chance.

A sentence is read alone, with its neighbours, in its paragraph and in its module. The chance that a
question is answered at all is a logistic function of what of it the lessons speak of, with
coefficients fitted on the questions kept for that (docs/answers.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.agents.answers.asked import Asked
from personalize.agents.answers.segments import Segments
from personalize.algorithms.retrieval.bm25 import Bm25, Floats
from personalize.algorithms.retrieval.commonness import telling
from personalize.algorithms.retrieval.synonyms import related

AKIN = 0.6  # of a word's own worth, where another word of its group is found
ALONE, NEAR, PARAGRAPH, MODULE = 1.0, 0.5, 0.5, 0.8  # what each reading of a sentence counts

SHORT = 2  # words of a question that says little
ASKS = 0.8  # of its score that a sentence keeps which asks something itself

INTERCEPT = -2.616
COEFFICIENTS: Mapping[str, float] = {
    # Shares of what the question tells that are spoken of, in its own words or akin ones.
    "in_sentence": 0.399,
    "in_paragraph": 0.304,
    "in_module": 0.646,
    "in_any_paragraph": 0.733,
    "in_any_module": 0.918,
    "in_course": 0.998,
    "in_course_itself": 0.373,  # without akin words
    # Sums of the same, so that a long question weighs more.
    "spoken": 0.222,  # in the paragraph that speaks of most
    "unheard": -0.220,  # nowhere in the course
    "most_unheard": -0.537,  # the one word that tells most among these
    "most_unsaid": -0.318,  # among those the best paragraph lacks
    "most_said": 0.228,  # among those it has
    # The best sentence beside the others.
    "score": 0.223,
    "ahead": 0.297,  # in deviations of all sentences
    "gap": 0.120,  # to the best of the fourth paragraph
    "one_module": 0.115,  # the first three agree on
    # How it is asked.
    "many_words": 0.323,
    "short": 0.279,
    "unknown_name": -0.551,
    "why": -0.828,
    "why_unsaid": -0.004,
    "sweeping": -0.718,
    "sweeping_why": -1.068,
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
        ALONE * _scores(asked, course.by_sentence, course.language)
        + NEAR * _scores(asked, course.by_near, course.language)
        + PARAGRAPH * _scores(asked, course.by_paragraph, course.language)[course.paragraph_of]
        + MODULE * _scores(asked, course.by_module, course.language)[course.module_of]
    )
    scores[course.asking] *= ASKS
    order = np.argsort(-scores, kind="stable")
    found = _evidence(asked, course, scores, order)
    told = INTERCEPT + sum(COEFFICIENTS[name] * found[name] for name in COEFFICIENTS)
    return Weighed(scores, order, found, float(1 / (1 + np.exp(-told))))


def _scores(asked: Asked, index: Bm25, language: str) -> Floats:
    """Return the score of each text, where a word akin counts where the word itself does not."""
    total = np.zeros(index.texts, np.float32)
    for word in asked.stems:
        own = index.scores([word])
        for other in related(word, language):
            own = np.maximum(own, AKIN * index.scores([other]))
        total += own
    return total


def _evidence(
    asked: Asked, course: Segments, scores: Floats, order: NDArray[np.int64]
) -> dict[str, float]:
    """Return what speaks for an answer and against it."""
    tells = {word: telling(word, course.language) for word in asked.stems}
    near = {word: related(word, course.language) for word in asked.stems}
    whole = sum(tells.values()) or 1.0
    best = int(order[0])
    paragraph = course.words_of_paragraph[int(course.paragraph_of[best])]

    def spoken(held: frozenset[str]) -> float:
        """Return how much of the question a text speaks of, less where only a word akin stands."""
        return sum(
            tell if word in held else AKIN * tell
            for word, tell in tells.items()
            if word in held or not near[word].isdisjoint(held)
        )

    def lacked(held: frozenset[str]) -> list[float]:
        return [
            tell for word, tell in tells.items() if word not in held and near[word].isdisjoint(held)
        ]

    unheard, unsaid = lacked(course.words), lacked(paragraph)
    said = [tell for word, tell in tells.items() if word in paragraph or near[word] & paragraph]
    in_any = max(spoken(held) for held in course.words_of_paragraph)
    first = order[:3]
    return {
        "in_sentence": spoken(frozenset(course.words_of[best])) / whole,
        "in_paragraph": spoken(paragraph) / whole,
        "in_module": spoken(course.words_of_module[int(course.module_of[best])]) / whole,
        "in_any_paragraph": in_any / whole,
        "in_any_module": max(spoken(held) for held in course.words_of_module) / whole,
        "in_course": 1 - sum(unheard) / whole,
        "in_course_itself": sum(tells[word] for word in asked.stems if word in course.words)
        / whole,
        "spoken": in_any,
        "unheard": sum(unheard),
        "most_unheard": max(unheard, default=0.0),
        "most_unsaid": max(unsaid, default=0.0),
        "most_said": max(said, default=0.0),
        "score": float(scores[best]) / 10,
        "ahead": float((scores[best] - scores.mean()) / (scores.std() + 1e-6)) / 10,
        "gap": _gap(course, scores, order) / 10,
        "one_module": float(len(set(course.module_of[first].tolist())) == 1),
        "many_words": float(np.log(max(len(asked.stems), 1))),
        "short": float(len(asked.stems) <= SHORT),
        "unknown_name": max((telling(name) for name in asked.names - course.words), default=0.0),
        "why": float(asked.why),
        "why_unsaid": float(asked.why) * sum(unsaid),
        "sweeping": float(asked.sweeping),
        "sweeping_why": float(asked.why and asked.sweeping),
    }


def _gap(course: Segments, scores: Floats, order: NDArray[np.int64]) -> float:
    """Return by how much the best paragraph is before the fourth."""
    _paragraphs, first = np.unique(course.paragraph_of[order], return_index=True)
    best = scores[order[np.sort(first)]]
    return float(best[0] - (best[3] if len(best) > 3 else 0.0))
