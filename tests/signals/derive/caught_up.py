"""How does a test derive from all it stored, while other workers' transactions are open?

The horizon of a reader is the oldest open transaction of the whole cluster, which workers of
pytest-xdist share: waiting until it has passed is right, and may take a moment.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep

from django.db import connection

from signals.derive import features, quality, sessions
from signals.models import Watermark

PATIENCE_SECONDS = 300.0
CONDUCTORS: dict[str, Callable[..., int]] = {
    features.READER: features.derive_features,
    sessions.READER: sessions.derive_sessions,
    quality.READER: quality.judge_quality,
}


def derive_to_here(*readers: str, now: datetime) -> dict[str, int]:
    """Run the readers (all without names) until everything committed before is read."""
    assert not connection.in_atomic_block, "A test that derives needs django_db(transaction=True)."
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        here = cursor.fetchone()[0]
    done = dict.fromkeys(readers or CONDUCTORS, 0)
    began = monotonic()
    for reader in done:
        while True:
            done[reader] += CONDUCTORS[reader](now=now)
            if Watermark.objects.filter(reader=reader, tx__gte=here).exists():
                break
            if monotonic() - began > PATIENCE_SECONDS:
                raise TimeoutError("a transaction of this cluster has been open for five minutes")
            sleep(0.05)
    return done
