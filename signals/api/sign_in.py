"""How is somebody known who signs in? Passwords, a second step, a provider's word (L1)."""

from signals.privacy.outside import OutsideRefusedError, Refusal, Told, account_told, roles_told
from signals.privacy.passwords import Link, answer_due
from signals.privacy.passwords import ask as ask_for_password
from signals.privacy.passwords import put as put_password
from signals.privacy.second_factor import (
    Enrolment,
    FactorState,
    Outcome,
    begin,
    check,
    confirm,
    has_factor,
    remove,
    renew_codes,
    state,
)
from signals.privacy.sign_ins import sign_out_elsewhere
from signals.privacy.standing import learner_of as learner_by_session
from signals.privacy.standing import refresh as refresh_standing

__all__ = [
    "Enrolment",
    "FactorState",
    "Link",
    "Outcome",
    "OutsideRefusedError",
    "Refusal",
    "Told",
    "account_told",
    "answer_due",
    "ask_for_password",
    "begin",
    "check",
    "confirm",
    "has_factor",
    "learner_by_session",
    "put_password",
    "refresh_standing",
    "remove",
    "renew_codes",
    "roles_told",
    "sign_out_elsewhere",
    "state",
]
