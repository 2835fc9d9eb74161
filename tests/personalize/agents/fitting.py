"""What decides whether a question is answered: fitted on the questions kept for that alone.

Its figures stand in `personalize/agents/answers/weighing.py`; a test fits them again.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from personalize.agents.answers.ask import beyond_lessons
from personalize.agents.answers.asked import read
from personalize.agents.answers.weighing import COEFFICIENTS, weigh
from tests.personalize.agents.demo_lessons import lessons
from tests.personalize.agents.questions.reading import Part, answerable, unanswerable

SPARING = 0.1  # C of the regression


def fitted() -> tuple[float, dict[str, float]]:
    """Return the intercept and the coefficients; both kinds of question count for the same."""
    evidence, answered = _evidence()
    center, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    model = LogisticRegression(C=SPARING, max_iter=5000, class_weight="balanced")
    model.fit((evidence - center) / spread, answered)
    weights = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - weights @ center)
    return intercept, dict(zip(COEFFICIENTS, weights.tolist(), strict=True))


def _evidence() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what speaks for an answer, of questions that their wording alone does not settle."""
    kept = [(one.course, one.ask, True) for one in answerable(Part.TUNE)]
    kept += [(one.course, one.ask, False) for one in unanswerable(Part.TUNE)]
    rows, answered = [], []
    for course, ask, has_answer in kept:
        of, question = lessons()[course], read(ask)
        if not question.stems or beyond_lessons(question, of.language):
            continue
        found = weigh(question, of.segments).evidence
        rows.append([found[name] for name in COEFFICIENTS])
        answered.append(has_answer)
    return np.array(rows, np.float64), np.array(answered, np.bool_)
