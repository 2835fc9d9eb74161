"""What crosses the public interface of personalize: frozen dataclasses (L3 to L5; pure).

Import from here; which file holds one matters only to who changes it.
"""

from personalize.data.assessed import (
    Assessed,
    CohortGap,
    Estimate,
    Known,
    Mistaken,
)
from personalize.data.foreseen import (
    Effect,
    Forecast,
    Foreseen,
    Preview,
    Shift,
)
from personalize.data.lists import (
    Action,
    Confidence,
    Explanation,
    Intent,
    Item,
    Reason,
    Recommendation,
    Slot,
    Source,
)
from personalize.data.steering import (
    Aim,
    AimLimits,
    Change,
    NewOverride,
    ObjectiveRow,
    Objectives,
    OverrideLimits,
    OverrideRow,
)
from personalize.data.traces import (
    Outcome,
    Replayed,
    Ruled,
    Trace,
)
from personalize.data.versions import (
    CanaryState,
    Comparison,
    GateFinding,
    GuardReading,
    ModelRow,
)

__all__ = [
    "Action",
    "Aim",
    "AimLimits",
    "Assessed",
    "CanaryState",
    "Change",
    "CohortGap",
    "Comparison",
    "Confidence",
    "Effect",
    "Estimate",
    "Explanation",
    "Forecast",
    "Foreseen",
    "GateFinding",
    "GuardReading",
    "Intent",
    "Item",
    "Known",
    "Mistaken",
    "ModelRow",
    "NewOverride",
    "ObjectiveRow",
    "Objectives",
    "Outcome",
    "OverrideLimits",
    "OverrideRow",
    "Preview",
    "Reason",
    "Recommendation",
    "Replayed",
    "Ruled",
    "Shift",
    "Slot",
    "Source",
    "Trace",
]
