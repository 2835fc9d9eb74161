"""Measurement: the tables of experiments. Models do not cross the app's public interface."""

from experiments.models.experiment import Experiment, open_to_all
from experiments.models.flag import Flag
from experiments.models.readings import (
    KeyGoal,
    KeyReading,
    ReturnReading,
    Review,
    Snapshot,
    Unwatched,
)
from experiments.models.shipped import Answer, Holdback, Reread
from experiments.models.taking_part import Assignment, Exclusion, RampStep, SurfaceHoldout
from experiments.models.written import Part, Version

__all__ = [
    "Answer",
    "Assignment",
    "Exclusion",
    "Experiment",
    "Flag",
    "Holdback",
    "KeyGoal",
    "KeyReading",
    "Part",
    "RampStep",
    "Reread",
    "ReturnReading",
    "Review",
    "Snapshot",
    "SurfaceHoldout",
    "Unwatched",
    "Version",
    "open_to_all",
]
