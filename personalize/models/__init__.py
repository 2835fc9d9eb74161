"""L3 to L5: the tables of personalize. Models do not cross the app's public interface."""

from personalize.models.agents import AgentDay, AgentSetting
from personalize.models.decisions import Decision, Rulebook
from personalize.models.drift import AnswerStep, DriftAlert, DriftReading
from personalize.models.objectives import Objective
from personalize.models.overrides import CuratedCourse, Override
from personalize.models.paths import LearningPath, PathChange
from personalize.models.profile import Feedback, Profile
from personalize.models.registry import ModelVersion
from personalize.models.reviews import FigureTarget, ModelReview
from personalize.models.verdicts import WeeklyVerdict

__all__ = [
    "AnswerStep",
    "AgentDay",
    "AgentSetting",
    "CuratedCourse",
    "Decision",
    "DriftAlert",
    "DriftReading",
    "Feedback",
    "FigureTarget",
    "LearningPath",
    "ModelReview",
    "ModelVersion",
    "Objective",
    "Override",
    "PathChange",
    "Profile",
    "Rulebook",
    "WeeklyVerdict",
]
