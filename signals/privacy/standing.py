"""L1: does a session still say whose it is, while accounts cannot be asked?

What a session must carry stands in its account's row. Whenever an account's sessions are ended the
shared cache is told what they must carry from then on, so that an ended one that the cache still
holds names nobody while PostgreSQL is away. The cache knows this of no other account, and forgets
it when the last session from before is over anyway.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.core.cache import cache

from signals.data import SESSION_LEARNER
from signals.models import Account


class NotToldError(RuntimeError):
    """Sessions were ended, and the cache could not be told: one it holds may name a learner yet."""


def learner_of(session: Any) -> int | None:
    """Return the learner whom a session names by the cache alone; None for a guest or an ended one.

    session: of the engine in the settings. Where the cache no longer answers for the session itself
    it cannot say either whether that was ended: a guest's.
    """
    learner_id: int | None = session.get(SESSION_LEARNER)
    if learner_id is None:
        return None
    itself, must_carry = session.cache_key, _key(learner_id)
    known = cache.get_many([itself, must_carry])
    carries = session.get(HASH_SESSION_KEY)
    stands = itself in known and known.get(must_carry, carries) == carries
    return learner_id if stands else None


def tell(accounts: Iterable[Account]) -> None:
    """Tell the cache what sessions of learners must carry now; call it once that is committed.

    Raises NotToldError, or the cache's own error, where it does not take that.
    """
    must_carry = {
        _key(account.learner_id): account.get_session_auth_hash()
        for account in accounts
        if account.learner_id is not None  # nobody else is known without the database
    }
    if not must_carry:
        return
    cache.delete_many(must_carry)  # fails aloud where the cache is away
    cache.set_many(must_carry, settings.SESSION_COOKIE_AGE)
    if must_carry.keys() - cache.get_many(must_carry).keys():
        raise NotToldError("The cache takes nothing: ended sessions hold while PostgreSQL is away.")


def refresh(account: Account) -> None:
    """Tell the cache again, should it have lost that or never heard it; on reading an account."""
    if not account.sign_outs or account.learner_id is None:
        return
    key = _key(account.learner_id)
    if cache.get(key) == account.get_session_auth_hash():
        return
    newest = Account.objects.filter(pk=account.pk).first()  # the one at hand may be the older word
    if newest is not None:
        cache.set(key, newest.get_session_auth_hash(), settings.SESSION_COOKIE_AGE)


def forget(learner_id: int) -> None:
    """Remove from the cache that sessions of a learner were ended; fails aloud where it is away."""
    cache.delete(_key(learner_id))


def _key(learner_id: int) -> str:
    return f"sessions_ended:{learner_id}"
