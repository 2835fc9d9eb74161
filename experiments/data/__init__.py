"""What crosses the public interface of experiments: frozen dataclasses, no models (pure).

Import from here; which file holds one matters only to who changes it.
"""

from experiments.data.key_figures import (
    FEW,
    UNEVEN,
    Figures,
    KeyLift,
    KeyTarget,
    Wanted,
)
from experiments.data.listed import (
    ExperimentInfo,
    People,
)
from experiments.data.opening import (
    STEP_DAYS,
    Opening,
    RampEvidence,
    Watched,
)
from experiments.data.plan import (
    CONTROL,
    DESIGNS,
    FIRST_EXPERIMENT,
    HASHES,
    HOLDOUT,
    IN_ARMS,
    INTERLEAVED,
    MODEL_ARM,
    OPENING,
    PLAN_FORMAT,
    RAMP,
    TOGETHER,
    TREATMENT,
    UNITS,
    Plan,
    PlanVersion,
    is_included,
)
from experiments.data.readout import (
    VERDICTS,
    Compared,
    Effect,
    Holding,
    Readout,
    RereadInfo,
    Trend,
    Waiting,
)
from experiments.data.refusals import (
    ExperimentRefusedError,
    Finding,
)
from experiments.data.returns import (
    Returned,
    Returns,
    ReturnWeek,
)
from experiments.data.served import (
    WITHIN_DAYS,
    Period,
    Promised,
    ServedReader,
)
from experiments.data.taking_part import (
    Assigned,
    Drafted,
    Drafting,
    Offer,
    Team,
)

__all__ = [
    "CONTROL",
    "DESIGNS",
    "FEW",
    "FIRST_EXPERIMENT",
    "HASHES",
    "HOLDOUT",
    "INTERLEAVED",
    "IN_ARMS",
    "MODEL_ARM",
    "OPENING",
    "PLAN_FORMAT",
    "RAMP",
    "STEP_DAYS",
    "TOGETHER",
    "TREATMENT",
    "UNEVEN",
    "UNITS",
    "VERDICTS",
    "WITHIN_DAYS",
    "Assigned",
    "Compared",
    "Drafted",
    "Drafting",
    "Effect",
    "ExperimentInfo",
    "ExperimentRefusedError",
    "Figures",
    "Finding",
    "Holding",
    "KeyLift",
    "KeyTarget",
    "Offer",
    "Opening",
    "People",
    "Period",
    "Plan",
    "PlanVersion",
    "Promised",
    "RampEvidence",
    "Readout",
    "RereadInfo",
    "ReturnWeek",
    "Returned",
    "Returns",
    "ServedReader",
    "Team",
    "Trend",
    "Waiting",
    "Wanted",
    "Watched",
    "is_included",
]
