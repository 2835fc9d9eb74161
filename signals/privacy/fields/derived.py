"""L2: why is kept what was computed of learners' events, about one or about all together?"""

from dataclasses import replace

from signals.data import Basis, Copied, Erased, FieldUse, TableUse, Tier
from signals.privacy.fields import terms

FINDINGS = "62 days"  # a test holds it to what the nightly job does

_FEATURE = FieldUse(
    purpose="suggest what fits how a learner learns",
    basis=Basis.INTEREST,
    tier=Tier.PERSONALIZATION,
    retention=terms.DERIVED,
    readers=terms.OWN,
    export=Copied.YES,
    erase=Erased.DELETED,
)
_FORMAT = replace(
    _FEATURE,
    purpose="weigh the formats in which a learner gets on",
    basis=Basis.EXPLAINED,
    tier=Tier.INFERRED,
)
_SESSION = replace(_FEATURE, purpose="know one coming from the next")
_JUDGED = replace(
    _FEATURE,
    purpose="keep robots, slips and test accounts out of what models learn",
    retention=terms.KNOWN,
    readers=terms.OWN,
)
_FOUND = replace(_JUDGED, retention=FINDINGS)
_WAITING = replace(
    _FEATURE,
    purpose="compute anew what changed",
    retention=terms.WORK,
    readers=(terms.PRODUCT,),
    export=Copied.NO,
)
_EXPOSED = replace(_FEATURE, purpose="measure whether recommendations help", retention=terms.KNOWN)
_MEASURED = replace(_EXPOSED, retention=terms.RAW, readers=(terms.PRODUCT,), export=Copied.NO)
_COUNTED = FieldUse(
    purpose="show how much happened, of all learners together",
    basis=Basis.NOT_PERSONAL,
    retention=terms.GOOD,
    readers=(terms.STAFF,),
)
_MIX = replace(
    _COUNTED,
    purpose="notice when what arrives is no longer what models learned from",
    retention="43 days",
)
_AUDIT = replace(_COUNTED, purpose="audit what sources send", retention=terms.DERIVED)
_TERM = replace(
    _COUNTED,
    purpose="show creators what is looked for and not found, of ten learners or more",
    readers=(terms.STAFF, "course creators"),
)
_PLACE = replace(_COUNTED, purpose="go on counting where it stopped", readers=(terms.PRODUCT,))

TABLES = (
    TableUse(
        "signals.LearnerFeature",
        _FEATURE,
        "learner_id events first_at last_at active_days sessions session_minutes courses_touched "
        "courses_completed lessons_completed score_mean activity",
    ),
    TableUse(
        "signals.FormatObservation",
        _FORMAT,
        "learner_id format started completed rewinds skips watched_s quizzes quiz_total",
    ),
    TableUse(
        "signals.LearnerSession", _SESSION, "learner_id began_at ended_at events actions courses"
    ),
    TableUse("signals.PendingLearner", _WAITING, "reader learner_id"),
    TableUse("signals.LearnerQuality", _JUDGED, "learner_id score weight"),
    TableUse("signals.DoubtfulCourse", _JUDGED, "learner_id course_id events groups"),
    TableUse("signals.QualityFinding", _FOUND, "learner_id day source_id rule events told"),
    TableUse(
        "signals.Exposure",
        _EXPOSED,
        "experiment learner_id arm exposed_at cluster",
        dict.fromkeys(("measured", "measured_form", "measured_to"), _MEASURED),
    ),
    TableUse("signals.Measured", _PLACE, "experiment form metrics"),
    TableUse("signals.Rollup", _COUNTED, "step_at kind surface arm count total squares"),
    TableUse("signals.RevenueWindow", _COUNTED, "until part payments learners total"),
    TableUse("signals.MixStep", _MIX, "step_at mix part count"),
    TableUse(
        "signals.QualityMonth", _AUDIT, "month source_id rule version events learners samples"
    ),
    TableUse("signals.SourceDay", _AUDIT, "day source_id events copies refused"),
    TableUse("signals.Copies", _AUDIT, "id received_at source_id events"),
    TableUse("signals.SourceSeen", _AUDIT, "source_id last_at"),
    TableUse("signals.DemandTerm", _TERM, "id term week learners searches without_result"),
    TableUse("signals.SearchWeek", _TERM, "week sources"),
    TableUse("signals.ForumTerm", _TERM, "id term week course_id learners posts openers threads"),
    TableUse("signals.DemandWeek", replace(_PLACE, retention=terms.WORK), "id week"),
    TableUse("signals.Watermark", _PLACE, "reader tx read_at"),
)
