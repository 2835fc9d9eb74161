"""L1: why is kept who learners are, what they allow and what they asked of us?"""

from dataclasses import replace

from signals.data import Basis, Copied, Erased, FieldUse, TableUse, Tier
from signals.privacy.fields import terms

_PERSON = FieldUse(
    purpose="tell one learner from another without naming them",
    basis=Basis.CONTRACT,
    tier=Tier.NEEDED,
    retention=terms.KNOWN,
    readers=terms.OWN,
    export=Copied.YES,
    erase=Erased.DELETED,
)
_NAME = replace(
    _PERSON,
    purpose="know whom the learning platform means",
    readers=(terms.PRODUCT,),
    export=Copied.OPENED,
)
_KEY = replace(_PERSON, purpose="open what is sealed of one learner", readers=(terms.PRODUCT,))
_ACCOUNT = replace(_PERSON, purpose="sign in", readers=(terms.LEARNER, terms.PRODUCT, terms.ADMIN))
_SIGNING = FieldUse(
    purpose="grant staff their roles",
    basis=Basis.CONTRACT,
    retention=terms.CHANGED,
    readers=(terms.ADMIN, terms.PRODUCT),
)
_STEP = replace(
    _SIGNING,
    purpose="make sure that who signs in as staff is who they say",
    readers=(terms.PRODUCT,),
)
_FORGOT = FieldUse(
    purpose="send who forgot their password a link for a new one",
    basis=Basis.CONTRACT,
    tier=Tier.NEEDED,
    retention=terms.WORK,
    readers=(terms.PRODUCT,),
    export=Copied.NO,
    erase=Erased.DELETED,
)
_SWITCH = replace(
    _PERSON, purpose="do only what the learner allows", readers=(*terms.OWN, terms.PRIVACY)
)
_PROVED = replace(_SWITCH, purpose="prove who switched what", basis=Basis.DUTY)
_ASKED = FieldUse(
    purpose="do what a learner asks in time, and prove it",
    basis=Basis.DUTY,
    tier=Tier.NEEDED,
    retention=terms.PROOF,
    readers=(terms.LEARNER, terms.PRODUCT, terms.PRIVACY),
    export=Copied.YES,
    erase=Erased.KEPT,
)
_GONE = FieldUse(
    purpose="keep somebody erased from coming back by a late event or a restored backup",
    basis=Basis.DUTY,
    retention=terms.GOOD,
    readers=(terms.PRODUCT,),
    export=Copied.NO,
    erase=Erased.KEPT,
)
_GROUP = replace(
    _PERSON,
    purpose="compare whole classes, and see whether a kind of learner is left behind",
    basis=Basis.INTEREST,
    tier=Tier.PERSONALIZATION,
)
_LEDGER = FieldUse(
    purpose="prove who changed what, by a chain nobody can mend unseen",
    basis=Basis.DUTY,
    retention=terms.GOOD,
    readers=(terms.LEARNER, terms.ADMIN, terms.PRIVACY),
    export=Copied.YES,
    erase=Erased.KEPT,
)
_CHAIN = replace(_LEDGER, export=Copied.NO)

TABLES = (
    TableUse(
        "signals.Learner",
        _PERSON,
        "learner_id kind age_band language created_at",
        dict.fromkeys(
            ("reset_at", "forgot_at"),
            replace(_PERSON, purpose="let what was forgotten not come back"),
        ),
    ),
    TableUse(
        "signals.Identity",
        _NAME,
        "sealed",
        {"lookup": replace(_NAME, export=Copied.OPENED), "learner": _NAME},
    ),
    TableUse("signals.Membership", _GROUP, "learner_id kind group since"),
    TableUse("signals.DataKey", replace(_KEY, export=Copied.NO), "learner_id sealed"),
    TableUse(
        "signals.DayKey",
        replace(
            _KEY,
            purpose="open refused and waiting events of one day",
            retention=terms.SEALED,
            export=Copied.NOBODY,
            erase=Erased.NOBODY,
        ),
        "day sealed",
    ),
    TableUse(
        "signals.Account",
        _ACCOUNT,
        "id last_login is_superuser username first_name last_name email is_staff is_active "
        "date_joined learner sign_outs",
        {
            "password": replace(_ACCOUNT, readers=(terms.PRODUCT,), export=Copied.NO),
            "sealed": replace(_ACCOUNT, readers=(terms.PRODUCT,), export=Copied.OPENED),
        },
    ),
    TableUse("signals.Account_groups", _SIGNING, "id account group"),
    TableUse("signals.Account_user_permissions", _SIGNING, "id account permission"),
    TableUse("signals.OutsideIdentity", _STEP, "lookup account created_at"),
    TableUse(
        "signals.SecondFactor",
        _STEP,
        "account sealed pending confirmed_at last_step failures locked_until",
    ),
    TableUse("signals.RecoveryCode", _STEP, "digest account"),
    TableUse("signals.PasswordAsk", _FORGOT, "id username language asked_at"),
    TableUse(
        "signals.Consent",
        _SWITCH,
        "learner_id personalization fine_grained inferred updated_at",
        {"gpc": replace(_SWITCH, purpose="honour Global Privacy Control")},
    ),
    TableUse(
        "signals.ConsentChange", _PROVED, "id learner_id purpose granted legal_basis via actor at"
    ),
    TableUse(
        "signals.PrivacyRequest",
        _ASKED,
        "receipt kind actor asked_at due_at done_at steps",
        {"subject": replace(_ASKED, erase=Erased.EMPTIED)},
    ),
    TableUse("signals.Tombstone", _GONE, "lookup erased_at"),
    TableUse("signals.ErasedLearner", _GONE, "learner_id tombstone erased_at"),
    TableUse(
        "signals.LedgerEntry",
        _LEDGER,
        "sequence at actor action",
        {
            "subject": _CHAIN,
            "detail": replace(_LEDGER, purpose="say what was changed; sealed where it names one"),
            "previous": _CHAIN,
            "digest": _CHAIN,
        },
    ),
)
