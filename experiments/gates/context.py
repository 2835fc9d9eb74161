"""What does a launch check see? The plan and the state of its off-switch (measurement)."""

from collections.abc import Callable
from dataclasses import dataclass

from experiments.data import Finding, Plan


@dataclass(frozen=True, slots=True)
class Context:
    """The experiment that wants to start."""

    plan: Plan
    switch: str  # name of the flag that can switch it off
    switch_exists: bool


Gate = Callable[[Context], Finding | None]
