"""What is older than its retention? (L1) One conductor lets go of all of it, every night."""

from datetime import datetime, timedelta

from signals.capture import quarantine
from signals.capture.spool import drain
from signals.capture.xapi import claims, documents, whole
from signals.derive import mixes
from signals.derive.partitions import drop_expired, month_start
from signals.derive.quality import FINDINGS_DAYS
from signals.privacy import requests
from signals.privacy.retention import (
    DERIVED_MONTHS,
    RAW_MONTHS,
    purge_attempts,
    purge_derived,
    purge_measured,
    purge_sessions,
    purge_texts,
)


def purge_expired(*, now: datetime) -> dict[str, int]:
    """Drop months of events, delete old texts, destroy day keys; return how much of each."""
    oldest = month_start(now, -RAW_MONTHS)
    return {
        "months": drop_expired(now),
        "texts": purge_texts(before=oldest),
        "statement_ids": claims.forget_expired(now),
        "statements": whole.purge(before=oldest),
        "documents": documents.purge(before=oldest),
        "derived": purge_derived(
            before=month_start(now, -DERIVED_MONTHS),
            findings_before=now - timedelta(days=FINDINGS_DAYS),
        ),
        "mixes": mixes.purge(now=now),
        "measured": purge_measured(before=oldest),
        "requests": requests.purge(now=now),
        "sessions": purge_sessions(now),
        "attempts": purge_attempts(now),
        "quarantined": quarantine.purge(now),
        "spooled": drain.purge(now),
    }
