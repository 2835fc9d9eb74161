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
    return len(found)


def end_sessions_of(account_id: int) -> int:
    """End every session of an account, staff's too; return how many."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = Session.objects.iterator(CHUNK)
    found = [
        one.session_key for one in sessions if one.get_decoded().get(SESSION_KEY) == str(account_id)
    ]
    for key in found:
        store(key).delete()  # from the cache as well
    return len(found)


@transaction.atomic
def sign_out(account: Account, *, actor: Actor, now: datetime) -> None:
    """End every session of an account at once, wherever it is kept, and enter that."""
    learner_id = account.learner_id
    Account.objects.filter(pk=account.pk).update(sign_outs=F("sign_outs") + 1)
    ledger.append(
        actor=actor,
        action="sign_in.ended",
        subject=f"account:{account.pk}" if learner_id is None else f"learner:{learner_id}",
        detail={},
        now=now,
    )
    account.refresh_from_db(fields=["sign_outs"])


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
