"""How does a test count what it stored, while other workers' transactions hold counting back?

The horizon of `roll_up` is the oldest open transaction of the whole cluster, and workers of
pytest-xdist share one: another worker's open test delays it, which is right, and slow.
"""

from datetime import datetime
from time import monotonic, sleep

from django.db import connection

from signals.derive.rollups import READER, roll_up
from signals.models import Watermark

PATIENCE_SECONDS = 300.0


def roll_up_to_here(*, now: datetime) -> int:
    """Roll up until everything committed before this call is counted; return the rows touched."""
    assert not connection.in_atomic_block, "A test that counts needs django_db(transaction=True)."
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        here = cursor.fetchone()[0]
    touched, began = 0, monotonic()
    while True:
        touched += roll_up(now=now)
        if Watermark.objects.filter(reader=READER, tx__gte=here).exists():
            return touched
        if monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError("a transaction of this cluster has been open for five minutes")
        sleep(0.05)
