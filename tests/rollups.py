"""How does a test count what it stored, while other workers' transactions hold counting back?

The horizon of `roll_up` is the oldest open transaction of the whole cluster, and workers of
pytest-xdist share one: another worker's open test delays it, which is right, and slow.
"""

from collections.abc import Iterator
from datetime import datetime
from time import monotonic, sleep

from django.db import connection

from signals.derive.rollups import READER, roll_up
from signals.models import Watermark

PATIENCE_SECONDS = 300.0


def roll_up_to_here(*, now: datetime) -> int:
    """Roll up until everything committed before this call is counted; return the rows touched."""
    here, touched = _snapshot("xmax"), 0
    for _ in _patiently():
        touched += roll_up(now=now)
        if Watermark.objects.filter(reader=READER, tx__gte=here).exists():
            break
    return touched


def pass_the_horizon() -> None:
    """Wait until whoever reads as far as is safe reads everything committed before this call."""
    here = _snapshot("xmax")
    for _ in _patiently():
        if _snapshot("xmin") >= here:
            return


def _snapshot(end: str) -> int:
    """Return the first transaction that is not ended (xmin), or not begun (xmax), by now."""
    assert not connection.in_atomic_block, "A test that counts needs django_db(transaction=True)."
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_snapshot_{end}(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _patiently() -> Iterator[None]:
    began = monotonic()
    while monotonic() - began < PATIENCE_SECONDS:
        yield
        sleep(0.05)
    raise TimeoutError("a transaction of this cluster has been open for five minutes")
