"""L1 and L2: what does signing in leave behind about a learner? Sessions, and failed attempts.

A session's row names its account inside a signed text, so they are all read to find one learner's;
an erasure can wait for that, and does it outside its transaction.
"""

from collections.abc import Collection, Iterable
from importlib import import_module

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from signals.data import SESSION_LEARNER
from signals.models import Account

CHUNK = 2000
_TRACES = (AccessAttempt, AccessFailureLog, AccessLog)


def accounts_of(learner_id: int) -> list[str]:
    """Return the ids of a learner's accounts, as sessions write them."""
    ids = Account.objects.filter(learner_id=learner_id).values_list("pk", flat=True)
    return [str(account_id) for account_id in ids]


def forget_attempts(usernames: Collection[str]) -> int:
    """Remove what is kept of failed sign-ins under these names; return how many rows."""
    return sum(model.objects.filter(username__in=usernames).delete()[0] for model in _TRACES)


def end_sessions(learner_id: int, *, accounts: Collection[str]) -> int:
    """End every session of a learner or of these accounts; return how many there were."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found = list(_sessions_of(learner_id, accounts))
    for key in found:
        store(key).delete()  # from the cache as well
    return len(found)


def _sessions_of(learner_id: int, accounts: Collection[str]) -> Iterable[str]:
    for session in Session.objects.iterator(CHUNK):
        said = session.get_decoded()
        if said.get(SESSION_KEY) in accounts or said.get(SESSION_LEARNER) == learner_id:
            yield session.session_key
