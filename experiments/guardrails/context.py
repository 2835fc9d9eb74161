"""What does an irremovable guardrail see? The experiment, as of a moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from experiments.data import Holding, Plan


@dataclass(frozen=True, slots=True)
class Context:
    """The experiment that is judged."""

    plan: Plan
    as_of: datetime
    sound: bool  # the split is as planned, so arms can be compared


Guardrail = Callable[[Context], Holding]
