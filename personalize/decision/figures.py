"""Which figures does a review of models tell, and what is wanted of each by itself? (L4, pure)

Until somebody says otherwise, what finds and surprises must do so better than the list that is
alike for everyone, and the rest keeps to a bound. What people say is kept with the targets of key
figures (experiments).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from experiments.data import Figures, Wanted
from personalize.engine.gates.coverage import FLOOR

NARROW = 0.95  # as unequal as twenty exposures in one course of a catalogue and none elsewhere
TWICE = 1.0  # as well known again as what learners then took


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the review. `usual` is its target where nobody set one.

    None as `usual` is what the list that is alike for everyone reaches on the same learners.
    """

    at_least: bool  # the target is the least it may be; else the most
    most: float  # a target above it is a slip
    usual: float | None = None


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "precision": Figure(at_least=True, most=1.0),
        "recall": Figure(at_least=True, most=1.0),
        "ndcg": Figure(at_least=True, most=1.0),
        "coverage": Figure(at_least=True, most=1.0, usual=FLOOR),
        "novelty": Figure(at_least=True, most=40.0),
        "gini": Figure(at_least=False, most=1.0, usual=NARROW),
        "lift": Figure(at_least=False, most=10.0, usual=TWICE),
        "calibration": Figure(at_least=False, most=1.0, usual=0.03),
        "false": Figure(at_least=False, most=1.0, usual=0.10),
        "latency": Figure(at_least=False, most=10_000.0, usual=200.0),  # what a page may wait, ms
    }
)

OF_MODELS = Figures(
    of="models",
    kept_as="model.",
    action="model.target_set",
    wanted={
        key: Wanted(
            usual=None,  # see Figure.usual: some hang on the model
            least=0.0,
            most=figure.most,
            says=f"Say a number from 0 to {figure.most:g}, or leave it empty.",
        )
        for key, figure in FIGURES.items()
    },
)
