"""How soon does a dashboard answer, once two hundred million events have left their rollups?"""

from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from controltower.views.drilldowns.registry import DRILLDOWNS
from signals import api as signals
from signals.models import Rollup
from tests.factories import moment, root

DAYS = 400  # thirteen months, as long as events are kept
EVENTS = 200_000_000
LISTED = ("rec.shown", "rec.clicked", "course.enrolled", "rec.dismissed")
MOST_MS = 500
TIMES = 7

# Every kind from no list, and those of lists from three surfaces and three arms: 400 x 288 x cells.
_ROLLUPS = """
INSERT INTO signals_rollup (step_at, kind, surface, arm, count, total, squares)
SELECT step, cell.kind, cell.surface, cell.arm, %(each)s, 4 * %(each)s, 17 * %(each)s
FROM generate_series(
    date_bin('5 minutes', %(now)s::timestamptz, '2000-01-01 00:00+00')
        - %(days)s * interval '1 day',
    %(now)s, '5 minutes'
) step CROSS JOIN (
    SELECT kind, 0 AS surface, 0 AS arm FROM unnest(%(kinds)s::int[]) kind
    UNION ALL
    SELECT kind, surface, arm FROM unnest(%(listed)s::int[]) kind,
        generate_series(1, 3) surface, generate_series(1, 3) arm
) cell
"""
_SPEED = """
INSERT INTO personalize_speedstep (step_at, bucket, fell_back, count)
SELECT step, bucket, false, 100 FROM generate_series(
    date_bin('5 minutes', %(now)s::timestamptz, '2000-01-01 00:00+00') - interval '43 days',
    %(now)s, '5 minutes'
) step, generate_series(1, 14) bucket
"""


@pytest.mark.prove
@pytest.mark.django_db
def test_dashboards_answer_within_half_a_second(client: Client) -> None:
    codes = signals.kind_codes()
    cells = len(codes) + len(LISTED) * 9
    given: dict[str, Any] = {
        "now": moment(),
        "days": DAYS,
        "kinds": list(codes.values()),
        "listed": [codes[kind] for kind in LISTED],
        "each": max(EVENTS // (DAYS * 288 * cells), 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROLLUPS, given)
        cursor.execute(_SPEED, {"now": moment()})
        cursor.execute("ANALYZE signals_rollup")
        cursor.execute("ANALYZE personalize_speedstep")
    client.force_login(root().account)
    took = {}
    pages = ["/tower/", "/tower/live/", "/tower/kpi/completion/", "/tower/alerts/"]
    for address in [*pages, *(f"/tower/charts/{key}/" for key in DRILLDOWNS)]:
        client.get(address)
        took[address] = median(_ms(client, address) for _ in range(TIMES))
    print(f"{Rollup.objects.count():,} rows of rollups;", took)  # noqa: T201  the figure itself
    assert {address: ms for address, ms in took.items() if ms >= MOST_MS} == {}


def _ms(client: Client, address: str) -> float:
    started = perf_counter()
    assert client.get(address).status_code == 200
    return 1000 * (perf_counter() - started)
