"""L1 and L2: when do rows of erased accounts leave the files of the database? Every night.

What names somebody is sealed before it reaches the database. The rest of an account, the hash of
its password and from where signing in failed, is not, and a deleted row stays in its page until
that is written anew. These tables are small, so they are; nothing is done where nobody was erased.
"""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection

from signals.models import Account, PasswordAsk, PrivacyRequest

SINCE = timedelta(days=2)
WAIT_S = 10  # for who reads such a table just now; tomorrow there is another night

_TABLES = (Account, AccessAttempt, AccessFailureLog, AccessLog, LogEntry, PasswordAsk, Session)


def rewrite_accounts(*, now: datetime) -> int:
    """Write the tables of accounts anew where somebody was erased lately; return how many."""
    erased = PrivacyRequest.objects.filter(kind=PrivacyRequest.Kind.ERASE, done_at__gte=now - SINCE)
    if not erased.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{WAIT_S}s'")
        try:
            for model in _TABLES:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
        finally:
            cursor.execute("RESET lock_timeout")
    return len(_TABLES)
