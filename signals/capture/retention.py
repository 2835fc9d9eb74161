"""What is older than its retention? (L1) One conductor lets go of all of it, every night."""

from datetime import datetime

from signals.capture import quarantine
from signals.derive.partitions import drop_expired, month_start
from signals.privacy.retention import RAW_MONTHS, purge_texts


def purge_expired(*, now: datetime) -> dict[str, int]:
    """Drop months of events, delete old texts, destroy day keys; return how much of each."""
    return {
        "months": drop_expired(now),
        "texts": purge_texts(before=month_start(now, -RAW_MONTHS)),
        "quarantined": quarantine.purge(now),
    }
