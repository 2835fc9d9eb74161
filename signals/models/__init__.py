"""L1: the tables of signals. Models do not cross the app's public interface."""

from signals.models.consent import Consent, ConsentChange
from signals.models.courses import (
    CatalogueCorrection,
    CatalogueStamp,
    Course,
    Module,
    Skill,
)
from signals.models.demand import (
    DemandTerm,
    DemandWeek,
    ForumPost,
    ForumTerm,
    JobCollection,
    JobTerm,
    SearchQuery,
    SearchWeek,
)
from signals.models.events import ApiKey, Event, Quarantine, Source, SpoolProgress
from signals.models.features import (
    FormatObservation,
    LearnerFeature,
    LearnerSession,
    PendingLearner,
)
from signals.models.history import LearnerCourse, LearnerModule
from signals.models.learners import Account, DataKey, DayKey, Identity, Learner, Tombstone
from signals.models.ledger import LedgerEntry
from signals.models.memberships import Membership
from signals.models.objectives import SourceObjective, SourceSeen
from signals.models.occupations import Occupation, OccupationTitle
from signals.models.quality import (
    Copies,
    DoubtfulCourse,
    LearnerQuality,
    QualityFinding,
    QualityMonth,
    SourceDay,
)
from signals.models.requests import ErasedLearner, PrivacyRequest
from signals.models.rollups import (
    Exposure,
    Measured,
    MixStep,
    RevenueWindow,
    Rollup,
    Watermark,
)
from signals.models.sign_in import OutsideIdentity, PasswordAsk, RecoveryCode, SecondFactor
from signals.models.xapi import (
    Document,
    Statement,
    StatementFile,
    StatementId,
    UnmappedVerb,
    VerbRule,
)

__all__ = [
    "Account",
    "ApiKey",
    "CatalogueCorrection",
    "CatalogueStamp",
    "Consent",
    "ConsentChange",
    "Copies",
    "Course",
    "DataKey",
    "DayKey",
    "DemandTerm",
    "DemandWeek",
    "Document",
    "DoubtfulCourse",
    "ErasedLearner",
    "Event",
    "Exposure",
    "FormatObservation",
    "ForumPost",
    "ForumTerm",
    "Identity",
    "JobCollection",
    "JobTerm",
    "Learner",
    "LearnerCourse",
    "LearnerFeature",
    "LearnerModule",
    "LearnerQuality",
    "LearnerSession",
    "LedgerEntry",
    "Measured",
    "Membership",
    "MixStep",
    "Module",
    "Occupation",
    "OccupationTitle",
    "OutsideIdentity",
    "PasswordAsk",
    "PendingLearner",
    "PrivacyRequest",
    "QualityFinding",
    "QualityMonth",
    "Quarantine",
    "RecoveryCode",
    "RevenueWindow",
    "Rollup",
    "SearchQuery",
    "SearchWeek",
    "SecondFactor",
    "Skill",
    "Source",
    "SourceDay",
    "SourceObjective",
    "SourceSeen",
    "SpoolProgress",
    "Statement",
    "StatementFile",
    "StatementId",
    "Tombstone",
    "UnmappedVerb",
    "VerbRule",
    "Watermark",
]
