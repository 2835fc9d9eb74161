"""L1: is it really them? A code of the device they enrolled, or one of their recovery codes.

RFC 6238 with what every authenticator knows: SHA-1, six digits, thirty seconds. A code is taken
once, also when two arrive at the same time; five wrong ones close the step for fifteen minutes.
The secret is sealed under a key of the product, codes are kept as keyed hashes.
"""

import hmac
import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction

from signals import ledger, sealing
from signals.data import Actor
from signals.models import Account, RecoveryCode, SecondFactor
from signals.privacy import sign_ins, standing

STEP_S, DIGITS, SECRET_BYTES = 30, 6, 20
STEPS_OFF = (0, -1, 1)  # a clock may be half a minute wrong
WRONG_MOST = 5
LOCKED_FOR = timedelta(minutes=15)
CODES, CODE_CHARACTERS = 10, 10  # 50 bits each
USE = "second factor"
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none is taken for another when read aloud


class Outcome(StrEnum):
    """What became of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is told, once."""

    secret: str  # base32, for typing
    uri: str  # otpauth://, for scanning


@dataclass(frozen=True, slots=True)
class FactorState:
    """Where the second step of an account stands."""

    confirmed_at: datetime | None
    codes_left: int


def state(account_id: int) -> FactorState:
    """Return whether an account has a second step, and how many recovery codes are left."""
    row = SecondFactor.objects.filter(account_id=account_id).first()
    return FactorState(
        row.confirmed_at if row else None,
        RecoveryCode.objects.filter(account_id=account_id).count(),
    )


def has_factor(account_id: int) -> bool:
    """Say whether an account has a second step."""
    rows = SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False)
    return rows.exists()


def begin(account: Account) -> Enrolment:
    """Return the secret to be confirmed: the same one until it is, so that a page can be loaded
    again. What is in use stays in use until then.
    """
    with transaction.atomic():
        SecondFactor.objects.get_or_create(account=account)
        row = _locked(account.pk)
        if not row.pending:
            row.pending = _seal(account.pk, secrets.token_bytes(SECRET_BYTES))
            row.save(update_fields=["pending"])
        secret = _open(account.pk, row.pending)
    return Enrolment(
        b32encode(secret).decode(),
        _totp(secret).get_provisioning_uri(
            account.get_username() or f"account {account.pk}", "Northway"
        ),
    )


def confirm(actor: Actor, account_id: int, code: str, *, now: datetime) -> tuple[str, ...] | None:
    """Put the pending secret in use by a code of it; return recovery codes, None where wrong."""
    with transaction.atomic():
        row = _locked(account_id)
        step = _step_of(_open(account_id, row.pending), code, now=now) if row.pending else None
        if step is None:
            return None
        row.sealed, row.pending, row.confirmed_at = row.pending, b"", now
        row.last_step, row.failures, row.locked_until = step, 0, None
        row.save()
        codes = _new_codes(account_id)
        _enter(actor, "second_factor.enrolled", account_id, {}, now=now)
    return codes


def check(actor: Actor, account_id: int, code: str, *, now: datetime) -> Outcome:
    """Take a code of the device or a recovery code; every wrong one counts."""
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update().filter(account_id=account_id).first()
        if row is None or row.confirmed_at is None:
            return Outcome.WRONG
        if row.locked_until is not None and now < row.locked_until:
            return Outcome.LOCKED
        step = _step_of(_open(account_id, row.sealed), code, now=now, after=row.last_step)
        recovered = step is None and _take_recovery(account_id, code)
        if step is None and not recovered:
            return _wrong(actor, row, now=now)
        row.last_step, row.failures, row.locked_until = step or row.last_step, 0, None
        row.save(update_fields=["last_step", "failures", "locked_until"])
        if recovered:
            left = RecoveryCode.objects.filter(account_id=account_id).count()
            _enter(actor, "second_factor.recovered", account_id, {"left": left}, now=now)
    return Outcome.RIGHT


def renew_codes(actor: Actor, account_id: int, *, now: datetime) -> tuple[str, ...]:
    """Replace all recovery codes of an account by new ones and return them."""
    with transaction.atomic():
        _locked(account_id)
        codes = _new_codes(account_id)
        _enter(actor, "second_factor.codes_renewed", account_id, {}, now=now)
    return codes


def remove(actor: Actor, account_id: int, *, reason: str, now: datetime) -> bool:
    """Take the second step away, for a person who lost device and codes; False without one.

    Every session of the account ends: one that passed the step may be in other hands.
    """
    with transaction.atomic():
        RecoveryCode.objects.filter(account_id=account_id).delete()
        if not SecondFactor.objects.filter(account_id=account_id).delete()[0]:
            return False
        account = Account.objects.get(pk=account_id)
        sign_ins.end_before(account)
        _enter(actor, "second_factor.removed", account_id, {"reason": reason}, now=now)
    standing.tell([account])
    return True


def _locked(account_id: int) -> SecondFactor:
    return SecondFactor.objects.select_for_update().get(account_id=account_id)


def _wrong(actor: Actor, row: SecondFactor, *, now: datetime) -> Outcome:
    row.failures += 1
    closed = row.failures >= WRONG_MOST
    if closed:
        row.failures, row.locked_until = 0, now + LOCKED_FOR
    row.save(update_fields=["failures", "locked_until"])
    if closed:
        _enter(actor, "second_factor.locked", row.account_id, {"wrong": WRONG_MOST}, now=now)
    return Outcome.LOCKED if closed else Outcome.WRONG


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303  what authenticators speak


def _step_of(secret: bytes, code: str, *, now: datetime, after: int = 0) -> int | None:
    """Return the step of thirty seconds a code is of; None where it is of none still to take."""
    said = "".join(code.split())
    if len(said) != DIGITS or not (said.isascii() and said.isdecimal()):
        return None
    present, totp = int(now.timestamp()) // STEP_S, _totp(secret)
    for step in (present + off for off in STEPS_OFF):
        right = totp.generate(step * STEP_S)
        if step > after and hmac.compare_digest(right, said.encode()):
            return step
    return None


def _new_codes(account_id: int) -> tuple[str, ...]:
    codes = tuple(
        "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS)) for _ in range(CODES)
    )
    RecoveryCode.objects.filter(account_id=account_id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(digest=sealing.recovery_code(account_id, code), account_id=account_id)
        for code in codes
    )
    half = CODE_CHARACTERS // 2
    return tuple(f"{code[:half]}-{code[half:]}" for code in codes)


def _take_recovery(account_id: int, code: str) -> bool:
    said = "".join(letter for letter in code.upper() if letter.isalnum())
    if len(said) != CODE_CHARACTERS:
        return False
    digest = sealing.recovery_code(account_id, said)
    return bool(RecoveryCode.objects.filter(account_id=account_id, digest=digest).delete()[0])


def _seal(account_id: int, secret: bytes) -> bytes:
    return sealing.seal_with(sealing.factor_cipher(), account_id, secret, use=USE)


def _open(account_id: int, sealed: Sequence[int] | bytes) -> bytes:
    return sealing.open_with(sealing.factor_cipher(), account_id, bytes(sealed), use=USE)


def _enter(
    actor: Actor, action: str, account_id: int, detail: dict[str, object], *, now: datetime
) -> None:
    ledger.append(
        actor=actor, action=action, subject=f"account:{account_id}", detail=detail, now=now
    )
