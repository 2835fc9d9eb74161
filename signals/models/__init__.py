"""L1: the tables of signals. Models do not cross the app's public interface."""

from signals.models.consent import Consent, ConsentChange
from signals.models.courses import CatalogueStamp, Course, Module, Skill
from signals.models.demand import DemandTerm, ForumPost, SearchQuery
from signals.models.events import ApiKey, Event, Quarantine, Source
from signals.models.history import LearnerCourse, LearnerModule
from signals.models.learners import Account, DataKey, DayKey, Identity, Learner, Tombstone
from signals.models.ledger import LedgerEntry
from signals.models.rollups import Exposure, Rollup, Watermark

__all__ = [
    "Account",
    "ApiKey",
    "CatalogueStamp",
    "Consent",
    "ConsentChange",
    "Course",
    "DataKey",
    "DayKey",
    "DemandTerm",
    "Event",
    "Exposure",
    "ForumPost",
    "Identity",
    "Learner",
    "LearnerCourse",
    "LearnerModule",
    "LedgerEntry",
    "Module",
    "Quarantine",
    "Rollup",
    "SearchQuery",
    "Skill",
    "Source",
    "Tombstone",
    "Watermark",
]
