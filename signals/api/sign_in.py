"""How is somebody known who signs in? A second step, and the word of an OpenID provider (L1)."""

from signals.privacy.outside import OutsideRefusedError, Refusal, Told, account_told, roles_told
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

__all__ = [
    "Enrolment",
    "FactorState",
    "Outcome",
    "OutsideRefusedError",
    "Refusal",
    "Told",
    "account_told",
    "begin",
    "check",
    "confirm",
    "has_factor",
    "remove",
    "renew_codes",
    "roles_told",
    "state",
]
