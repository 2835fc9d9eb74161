"""How likely is it, as a number that comes true so often? (L3, pure) A head, fitted or stored.

Logistic regression, then one scale and shift found on later data (Platt, 1999): both are monotone
and smooth, so order stays and few rows suffice. A head is a handful of numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from personalize.algorithms.heads.courses import Floats
from personalize.algorithms.heads.features import (
    AFTER_PAUSE,
    IDLE,
    NAMES,
    OF_COURSE,
    OF_LEARNER,
    OF_MATCH,
)

STRENGTH = 1.0  # inverse of the penalty on standardised weights
STEPS = 500
LEAST_OF_EACH = 50  # outcomes of each kind that a fit needs, and half as many a calibration
SURE = 1e-4  # no probability is nearer to 0 or 1

Mask = NDArray[np.bool_]

_OWN = len(OF_LEARNER)
_STATIC = _OWN + len(OF_COURSE)
_MATCH = _STATIC + len(OF_MATCH)


class TooFewOutcomesError(ValueError):
    """There is too little to learn a probability from; the text says how little."""


@dataclass(frozen=True, slots=True)
class Head:
    """A probability as arrays: one weight a feature, and what calibration makes of the sum."""

    weights: Floats  # (len(NAMES),), of features as they come
    bias: float
    scale: float
    shift: float
    base_rate: float  # how often it happened where it was calibrated

    def probabilities(self, matrix: Floats) -> Floats:
        """Return the calibrated probability of each row of features."""
        return self._calibrated(matrix @ self.weights + self.bias)

    def laid_out(self, own: Floats, static: Floats, match: Floats) -> Floats:
        """Return the same for one learner and all courses, from the three groups of features.

        own is (learner features,), static (n, course features), match (match features, n).
        """
        matched = self.weights[_STATIC:_MATCH].copy()
        matched[: len(AFTER_PAUSE)] += own[IDLE] * self.weights[_MATCH:]
        logits = matched @ match + static @ self.weights[_OWN:_STATIC]
        return self._calibrated(logits + (float(own @ self.weights[:_OWN]) + self.bias))

    def _calibrated(self, logits: Floats) -> Floats:
        return np.clip(_logistic(self.scale * logits + self.shift), SURE, 1.0 - SURE)

    @property
    def tells(self) -> bool:
        """Say whether it tells anything apart; a flat head does not."""
        return self.scale > 0

    def flat(self) -> Self:
        """Return the head that tells everybody the base rate, and so orders nothing."""
        told = float(np.clip(self.base_rate, SURE, 1.0 - SURE))
        shift = float(np.log(told / (1.0 - told)))
        return type(self)(np.zeros_like(self.weights), 0.0, 0.0, shift, self.base_rate)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return everything as plain arrays."""
        numbers = np.array([self.bias, self.scale, self.shift, self.base_rate])
        return {"weights": self.weights, "numbers": numbers}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the head of these arrays; LookupError or ValueError where they are not one."""
        weights = np.asarray(arrays["weights"], np.float64)
        if weights.shape != (len(NAMES),):
            raise ValueError(f"A head has {len(NAMES)} weights, not {weights.shape}.")
        bias, scale, shift, base_rate = np.asarray(arrays["numbers"], np.float64).tolist()
        return cls(weights, bias, scale, shift, base_rate)


def fit(matrix: Floats, outcomes: Floats, *, learn_from: Mask, calibrate_on: Mask) -> Head:
    """Fit on some rows and calibrate on others, which should be later. Outcomes are 0..1.

    Raises TooFewOutcomesError where either has too few outcomes of one kind.
    """
    _require(outcomes[learn_from], LEAST_OF_EACH)
    _require(outcomes[calibrate_on], LEAST_OF_EACH // 2)
    rows = matrix[learn_from]
    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread > 0, spread, np.inf)  # what never differs says nothing
    coefficients, intercept = _logistic_regression((rows - middle) / spread, outcomes[learn_from])
    weights = coefficients / spread
    bias = intercept - float(middle @ weights)
    scale, shift = _platt(matrix[calibrate_on] @ weights + bias, outcomes[calibrate_on])
    return Head(weights, bias, scale, shift, float(outcomes[calibrate_on].mean()))


def _logistic_regression(matrix: Floats, outcomes: Floats) -> tuple[Floats, float]:
    """Return weights and bias; an outcome between 0 and 1 counts in part as each."""
    happened = np.repeat([True, False], len(outcomes))
    counts = np.concatenate([outcomes, 1.0 - outcomes])
    some = counts > 0
    model = LogisticRegression(C=STRENGTH, max_iter=STEPS)
    model.fit(np.vstack([matrix, matrix])[some], happened[some], sample_weight=counts[some])
    return model.coef_[0], float(model.intercept_[0])


def _platt(logits: Floats, outcomes: Floats) -> tuple[float, float]:
    """Return scale and shift; where order would turn round, only the level is mended."""
    spread = float(logits.std())
    if spread > 0:
        coefficients, shift = _logistic_regression((logits / spread).reshape(-1, 1), outcomes)
        scale = float(coefficients[0]) / spread
        if scale > 0:
            return scale, shift
    rate = float(outcomes.mean())
    return 0.0, float(np.log(rate / (1.0 - rate)))


def _require(outcomes: Floats, least: int) -> None:
    yes = float(outcomes.sum())
    no = len(outcomes) - yes
    if min(yes, no) < least:
        raise TooFewOutcomesError(
            f"It happened {yes:.0f} times and did not {no:.0f} times; {least} of each are needed."
        )


def _logistic(x: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0)))
    return found
