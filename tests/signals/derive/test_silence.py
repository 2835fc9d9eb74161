"""Is a source that fell silent found within a beat of the count, and none by mistake?"""

from datetime import timedelta

import pytest

from signals import api
from tests.factories import moment
from tests.signals.derive.promises import BEAT, HOURLY, promised, state, visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_silent_source_is_found_within_one_beat() -> None:
    pages = promised()
    last = moment(hours=5)
    visit(last)
    assert state(pages, at=last + BEAT).last_at == last
    assert not state(pages, at=last + timedelta(minutes=60)).silent
    late = state(pages, at=last + timedelta(minutes=60) + BEAT)
    assert late.silent
    assert late.objective == HOURLY
    visit(last + timedelta(minutes=75))
    assert not state(pages, at=last + timedelta(minutes=76)).silent


def test_a_count_that_stopped_accuses_no_source() -> None:
    pages = promised()
    last = moment(hours=5)
    visit(last)
    rows = {row.name: row for row in api.source_states(now=last + timedelta(hours=4))}
    assert not rows[pages].silent
