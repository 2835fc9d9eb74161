"""What decides whether a question is answered: fitted on the questions kept for that alone.

Its figures stand in `personalize/agents/answers/weighing.py`; a test fits them again. What a
fitting that never saw the courses of a question gives, in five folds of courses, is told by
`python -m tests.personalize.agents.fitting`.
"""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from personalize.agents.answers.ask import beyond_lessons
from personalize.agents.answers.asked import read
from personalize.agents.answers.weighing import COEFFICIENTS, weigh
from tests.personalize.agents.demo_lessons import lessons
from tests.personalize.agents.questions.reading import (
    Answerable,
    Part,
    Question,
    answerable,
    unanswerable,
)

SPARING = 0.03  # C of the regression
FOLDS = 5
ALLOWED = 0.1  # of what is answered that may be refused
SEEN = (Part.TUNE, Part.MORE)

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Evidence:
    """Questions with what speaks for an answer; those that their wording settles stand apart."""

    rows: Floats  # (questions, COEFFICIENTS)
    answered: Truths
    fold: NDArray[np.int64]  # of its course
    settled_rightly: int  # refused by their wording, and not answered
    settled_wrongly: int


def fitted() -> tuple[float, dict[str, float]]:
    """Return the intercept and the coefficients; both kinds of question count for the same."""
    found = evidence()
    intercept, weights = _fit(found.rows, found.answered)
    return intercept, dict(zip(COEFFICIENTS, weights.tolist(), strict=True))


def out_of_fold() -> Floats:
    """Return how sure each question's answer is to a fitting without its course."""
    found = evidence()
    told = np.zeros(len(found.answered))
    for fold in range(FOLDS):
        held = found.fold == fold
        intercept, weights = _fit(found.rows[~held], found.answered[~held])
        told[held] = 1 / (1 + np.exp(-(intercept + found.rows[held] @ weights)))
    return told


def evidence() -> Evidence:
    """Return the questions that may be looked at."""
    kept: list[Question] = [one for part in SEEN for one in answerable(part)]
    kept += [one for part in SEEN for one in unanswerable(part)]
    rows, answered, folds = [], [], []
    settled = {True: 0, False: 0}
    for one in kept:
        of = lessons()[one.course]
        question = read(one.ask, of.segments.language)
        has_answer = isinstance(one, Answerable)
        if not question.stems or beyond_lessons(question, of.language):
            settled[has_answer] += 1
            continue
        found = weigh(question, of.segments).evidence
        rows.append([found[name] for name in COEFFICIENTS])
        answered.append(has_answer)
        folds.append(sha256(one.course.encode()).digest()[0] % FOLDS)
    return Evidence(
        np.array(rows, np.float64),
        np.array(answered, np.bool_),
        np.array(folds),
        settled_rightly=settled[False],
        settled_wrongly=settled[True],
    )


def _fit(rows: Floats, answered: Truths) -> tuple[float, Floats]:
    center, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=SPARING, max_iter=5000, class_weight="balanced")
    model.fit((rows - center) / spread, answered)
    weights = model.coef_[0] / spread
    return float(model.intercept_[0] - weights @ center), weights


def _report() -> None:
    found, told = evidence(), out_of_fold()
    answered = np.sort(told[found.answered])
    wrongly = int(ALLOWED * (len(answered) + found.settled_wrongly)) - found.settled_wrongly
    enough = answered[max(wrongly, 0)]
    refused = int((told[~found.answered] < enough).sum()) + found.settled_rightly
    unanswered = int((~found.answered).sum()) + found.settled_rightly
    intercept, coefficients = fitted()
    print(f"INTERCEPT = {intercept:.3f}")
    for name, value in coefficients.items():
        print(f'    "{name}": {value:.3f},')
    print(f"one answered question in ten lies below {enough:.3f}")
    print(f"out of fold: {refused} of {unanswered} refused, {refused / unanswered:.3f}")


if __name__ == "__main__":
    _report()
