"""L1 and L2: what does signing in leave behind about a learner? Sessions, and failed attempts.

A session's row names its account inside a signed text, so they are all read to find one learner's;
an erasure can wait for that, and does it outside its transaction.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from importlib import import_module
from itertools import islice

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from signals import ledger
from signals.data import SESSION_LEARNER, Actor
from signals.models import Account, PasswordAsk
from signals.privacy import standing

CHUNK = 2000
_TRACES = (AccessAttempt, AccessFailureLog, AccessLog, PasswordAsk)


def forget_attempts(usernames: Collection[str]) -> int:
    """Remove what is kept of failed sign-ins and forgotten passwords of these names; how many."""
    return sum(model.objects.filter(username__in=usernames).delete()[0] for model in _TRACES)


def end_sessions(learner_id: int) -> int:
    """End every session of a learner, and of accounts that are gone; return how many."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found = list(_sessions_of(learner_id))
    for key in found:
        store(key).delete()  # from the cache as well
    standing.forget(learner_id)
    return len(found)


def end_before(account: Account) -> None:
    """Let no session from before now open anything, wherever it is kept.

    Inside the caller's transaction; `standing.tell` the cache once that is over.
    """
    Account.objects.filter(pk=account.pk).update(sign_outs=F("sign_outs") + 1)
    account.refresh_from_db(fields=["sign_outs"])


def sign_out(accounts: Iterable[Account], *, actor: Actor, now: datetime) -> None:
    """End every session of accounts at once, and enter that."""
    _end_and_enter(list(accounts), action="sign_in.ended", actor=actor, now=now)


def sign_out_elsewhere(account: Account, *, actor: Actor, now: datetime) -> None:
    """End every session of who asks but theirs, which the caller gives the new hash to carry."""
    _end_and_enter([account], action="sign_in.ended_elsewhere", actor=actor, now=now)


def _end_and_enter(
    accounts: Collection[Account], *, action: str, actor: Actor, now: datetime
) -> None:
    with transaction.atomic():
        for account in accounts:
            end_before(account)
        for account in accounts:
            learner_id = account.learner_id
            subject = f"account:{account.pk}" if learner_id is None else f"learner:{learner_id}"
            ledger.append(actor=actor, action=action, subject=subject, detail={}, now=now)
    standing.tell(accounts)


def count_sessions(learner_id: int) -> int:
    """Return how many sessions of a learner, or of accounts that are gone, there are."""
    return sum(1 for _ in _sessions_of(learner_id))


def _sessions_of(learner_id: int) -> Iterable[str]:
    sessions = Session.objects.iterator(CHUNK)
    while chunk := {one.session_key: one.get_decoded() for one in islice(sessions, CHUNK)}:
        named = {said[SESSION_KEY] for said in chunk.values() if SESSION_KEY in said}
        there = {
            str(pk) for pk in Account.objects.filter(pk__in=named).values_list("pk", flat=True)
        }
        for key, said in chunk.items():
            orphaned = SESSION_KEY in said and said[SESSION_KEY] not in there
            if orphaned or said.get(SESSION_LEARNER) == learner_id:
                yield key
