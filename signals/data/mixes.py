"""What arrives, by what it is made of: counts in five-minute steps of all learners together."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

MIX_STEP_S = 300  # a step's number is its beginning in seconds since the epoch, divided by this


class Mix(StrEnum):
    """What events are counted by as they arrive; the values are stored."""

    KIND = "kind"  # of event
    SURFACE = "surface"  # on which a list was shown
    LANGUAGE = "language"  # of the learner, as told
    DEVICE = "device"  # of the learner, as the platform tells
    FIELD = "field"  # of the course it is about


@dataclass(frozen=True, slots=True)
class MixPart:
    """How much of one part of a mix arrived, by step; exact, so not for pages."""

    mix: Mix
    part: str  # the kind's name, the surface's code, a language, a device, a field
    steps: NDArray[np.int64]  # numbers of steps in which any came, ascending
    counts: NDArray[np.int64]
