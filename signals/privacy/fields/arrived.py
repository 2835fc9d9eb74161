"""L1: why is kept what learners did and wrote, and what was refused of it?"""

from dataclasses import replace

from signals.data import Basis, Copied, Erased, FieldUse, TableUse, Tier
from signals.privacy.fields import terms

CLAIMED = "35 days"  # of ids of statements; a test holds it to what the nightly job does

_DONE = FieldUse(
    purpose="what its kind of signal is for",
    basis=Basis.OF_KIND,
    retention=terms.RAW,
    readers=terms.OWN,
    export=Copied.YES,
    erase=Erased.DELETED,
)
_ONCE = replace(_DONE, purpose="count an event once, and in time")
_HISTORY = FieldUse(
    purpose="show, continue and certify what was learned",
    basis=Basis.CONTRACT,
    tier=Tier.NEEDED,
    retention=terms.KNOWN,
    readers=terms.OWN,
    export=Copied.YES,
    erase=Erased.DELETED,
)
_LIKED = replace(
    _HISTORY,
    purpose="suggest what to learn next",
    basis=Basis.INTEREST,
    tier=Tier.PERSONALIZATION,
)
_SOUGHT = replace(
    _LIKED, purpose="find out what learners look for and do not find", retention=terms.RAW
)
_ASKED = replace(_LIKED, purpose="find out what courses leave open", retention=terms.RAW)
_REFUSED = FieldUse(
    purpose="lose nothing a platform sent: mend it and take it in again",
    basis=Basis.OF_KIND,
    retention=terms.SEALED,
    readers=(terms.LEARNER, terms.ADMIN),
    export=Copied.OPENED,
    erase=Erased.DELETED,
)
_CLAIM = FieldUse(
    purpose="know a statement sent again as the one there is",
    basis=Basis.NOT_PERSONAL,
    retention=CLAIMED,
    readers=(terms.PRODUCT,),
)
_WHOLE = FieldUse(
    purpose="hand statements back to the source that keeps them here",
    basis=Basis.CONTRACT,
    tier=Tier.NEEDED,
    retention=terms.RAW,
    readers=(terms.LEARNER, terms.SOURCE),
    export=Copied.OPENED,
    erase=Erased.DELETED,
)
_FINDING = replace(_WHOLE, readers=(terms.PRODUCT,), export=Copied.NO)

TABLES = (
    TableUse(
        "signals.Event",
        _DONE,
        "learner_id kind course_id module_id value context session",
        dict.fromkeys(
            ("occurred_at", "corrected_at", "received_at", "source_id", "id", "flags"), _ONCE
        )
        | {
            "request_id": replace(_DONE, purpose="measure and improve recommendations"),
            "tx": replace(_ONCE, readers=(terms.PRODUCT,), export=Copied.NO),
        },
    ),
    TableUse(
        "signals.LearnerCourse",
        _HISTORY,
        "learner_id course_id enrolled_at unenrolled_at completed_at started_at last_at mandatory "
        "events",
        {"viewed_at": _LIKED, "rating": _LIKED, "rated_at": _LIKED},
    ),
    TableUse(
        "signals.LearnerModule",
        _HISTORY,
        "learner_id module_id course_id started_at completed_at score last_at",
        {"progress": _LIKED},
    ),
    TableUse(
        "signals.SearchQuery",
        _SOUGHT,
        "id learner_id searched_at results source_id",
        {"sealed": replace(_SOUGHT, export=Copied.OPENED)},
    ),
    TableUse(
        "signals.ForumPost",
        _ASKED,
        "id learner_id course_id posted_at reply",
        {"sealed": replace(_ASKED, export=Copied.OPENED)},
    ),
    TableUse(
        "signals.Quarantine",
        replace(_REFUSED, export=Copied.NO),
        "id source contract_version whole_body day sent_at door form replayed_at",
        {
            "received_at": _REFUSED,
            "code": _REFUSED,
            "detail": _REFUSED,
            "sealed": _REFUSED,
            "mark": replace(_REFUSED, readers=(terms.PRODUCT,), export=Copied.NO),
        },
    ),
    TableUse("signals.StatementId", _CLAIM, "source_id id occurred_at received_at digest"),
    TableUse(
        "signals.Statement",
        _FINDING,
        "seq source_id id stored_at digest actor_ids learner_ids tokens refers voids",
        {"sealed": _WHOLE},
    ),
    TableUse(
        "signals.StatementFile",
        _FINDING,
        "id statement",
        dict.fromkeys(("sha2", "content_type", "sealed"), _WHOLE),
    ),
    TableUse(
        "signals.Document",
        replace(_FINDING, purpose="hand documents back to the source that keeps them here"),
        "id place registration learner_id",
        dict.fromkeys(
            ("content_type", "etag", "source_id", "updated_at", "name", "sealed"), _WHOLE
        ),
    ),
)
