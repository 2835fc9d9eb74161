"""L3 to L5: the tables of personalize. Models do not cross the app's public interface."""

from personalize.models.agents import AgentDay, AgentSetting
from personalize.models.campaigns import Campaign, CampaignLearner
from personalize.models.decisions import Decision, Rulebook
from personalize.models.desk import Brief, BriefStep, CourseInsight, DemandTopic
from personalize.models.drift import AnswerStep, DriftAlert, DriftReading, SpeedStep
from personalize.models.metadata import MetadataProposal, MetadataRun
from personalize.models.nudges import Guide, Reminder, ReminderChoice, ReminderPolicy
from personalize.models.objectives import Objective
from personalize.models.operations import AnsweredMinute, JobRun
from personalize.models.overrides import CuratedCourse, Override
from personalize.models.paths import LearningPath, PathChange
from personalize.models.profile import Feedback, InterestChange, Profile, UnusedCourse
from personalize.models.register import FeatureDuty
from personalize.models.registry import ModelVersion
from personalize.models.replays import ScoredRequest
from personalize.models.reviews import ModelReview
from personalize.models.verdicts import WeeklyVerdict

__all__ = [
    "AgentDay",
    "AgentSetting",
    "AnswerStep",
    "AnsweredMinute",
    "Brief",
    "BriefStep",
    "Campaign",
    "CampaignLearner",
    "CourseInsight",
    "CuratedCourse",
    "Decision",
    "DemandTopic",
    "DriftAlert",
    "DriftReading",
    "FeatureDuty",
    "Feedback",
    "Guide",
    "InterestChange",
    "JobRun",
    "LearningPath",
    "MetadataProposal",
    "MetadataRun",
    "ModelReview",
    "ModelVersion",
    "Objective",
    "Override",
    "PathChange",
    "Profile",
    "Reminder",
    "ReminderChoice",
    "ReminderPolicy",
    "Rulebook",
    "ScoredRequest",
    "SpeedStep",
    "UnusedCourse",
    "WeeklyVerdict",
]
