"""What learners look for: closed weeks, ten different learners, nothing of anybody alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from signals import api
from signals.data import SYSTEM, NewEvent, Purpose
from signals.derive.demand import READER, derive_demand, monday
from signals.models import DemandTerm, DemandWeek, Watermark
from signals.privacy.retention import purge_texts
from tests.factories import consents, moment, new_learner
from tests.signals.derive.happened import search, store

pytestmark = pytest.mark.django_db

THIS_WEEK = datetime.combine(monday(moment().date()), datetime.min.time(), tzinfo=UTC)
LAST_WEEK = THIS_WEEK - timedelta(weeks=1)
CLOSED = THIS_WEEK + timedelta(hours=1)


@pytest.fixture(scope="module")
def names() -> list[str]:
    return [f"seeker-{number}" for number in range(12)]


@pytest.fixture
def twelve(names: list[str]) -> list[int]:
    return [new_learner(name) for name in names]


def searches(learners: list[int], query: str, *, at: datetime, found: int = 0) -> list[NewEvent]:
    return [search(learner, query, at, found=found) for learner in learners]


def terms() -> dict[str, tuple[int, int, int]]:
    return {
        row.term: (row.learners, row.searches, row.without_result)
        for row in DemandTerm.objects.all()
    }


def test_terms_equal_a_recount_of_the_searches(twelve: list[int]) -> None:
    rng = np.random.default_rng(3)
    spelt = {"Power  BI": "power bi", "power-bi": "power bi", "SQL": "sql", "rare art": "rare art"}
    told = [
        (int(rng.choice(twelve)), str(rng.choice(list(spelt)[:3])), int(rng.integers(0, 2)))
        for _ in range(90)
    ] + [(twelve[0], "rare art", 0)] * 20
    store([search(who, query, LAST_WEEK, found=found) for who, query, found in told], now=moment())
    derive_demand(now=CLOSED)
    people = {(spelt[query], who) for who, query, _ in told}
    vain = {(spelt[query], who) for who, query, found in told if not found}
    learners, in_vain = Counter(term for term, _ in people), Counter(term for term, _ in vain)
    asked = Counter(spelt[query] for _, query, _ in told)
    missed = Counter(spelt[query] for _, query, found in told if not found)
    assert terms() == {
        term: (n, asked[term], missed[term] if in_vain[term] >= 10 else 0)
        for term, n in learners.items()
        if n >= 10
    }
    assert set(terms()) == {"power bi", "sql"}


def test_a_term_of_nine_learners_is_not_kept(twelve: list[int]) -> None:
    store(searches(twelve[:9] * 3, "welding", at=LAST_WEEK), now=moment())
    assert derive_demand(now=CLOSED) == 0


def test_who_found_nothing_stays_unknown_where_they_are_few(twelve: list[int]) -> None:
    store(searches(twelve, "welding", at=LAST_WEEK, found=4), now=moment())
    store(searches(twelve[:9], "welding", at=LAST_WEEK, found=0), now=moment())
    derive_demand(now=CLOSED)
    assert terms() == {"welding": (12, 21, 0)}


def test_a_week_is_counted_an_hour_after_its_end(twelve: list[int]) -> None:
    store(searches(twelve, "welding", at=LAST_WEEK), now=moment())
    assert derive_demand(now=CLOSED - timedelta(minutes=1)) == 0
    assert derive_demand(now=CLOSED) == 1
    assert DemandTerm.objects.get().week == LAST_WEEK.date()


def test_the_same_learner_in_two_weeks_is_counted_in_each(twelve: list[int]) -> None:
    before = LAST_WEEK - timedelta(weeks=1)
    store(searches(twelve, "welding", at=LAST_WEEK), now=moment())
    store(searches(twelve[:10], "welding", at=before), now=moment())
    derive_demand(now=CLOSED)
    found = DemandTerm.objects.order_by("week").values_list("week", "learners")
    assert list(found) == [(before.date(), 10), (LAST_WEEK.date(), 12)]


def test_a_late_search_is_added_and_nothing_counted_twice(twelve: list[int]) -> None:
    store(searches(twelve[:10], "welding", at=LAST_WEEK), now=moment())
    derive_demand(now=CLOSED)
    store(searches(twelve[10:], "welding", at=LAST_WEEK), now=moment())
    derive_demand(now=CLOSED)
    assert terms() == {"welding": (12, 12, 12)}


def test_a_term_that_lost_its_tenth_learner_is_gone(twelve: list[int]) -> None:
    store(searches(twelve[:10], "welding", at=LAST_WEEK), now=moment())
    derive_demand(now=CLOSED)
    api.erase_learner(twelve[0], actor=SYSTEM, now=moment())
    derive_demand(now=CLOSED)
    assert terms() == {}


def test_who_objects_is_counted_no_longer_and_is_again_when_they_allow_it(
    twelve: list[int],
) -> None:
    store(searches(twelve[:10], "welding", at=LAST_WEEK), now=moment())
    derive_demand(now=CLOSED)
    consents(twelve[0], Purpose.PERSONALIZATION, granted=False)
    derive_demand(now=CLOSED)
    assert terms() == {}
    consents(twelve[0], Purpose.PERSONALIZATION)
    derive_demand(now=CLOSED)
    assert terms() == {"welding": (10, 10, 10)}


def test_a_week_in_which_nothing_changed_is_not_counted_again(twelve: list[int]) -> None:
    store(searches(twelve, "welding", at=LAST_WEEK), now=moment())
    derive_demand(now=CLOSED)
    everything_is_committed()
    DemandTerm.objects.update(searches=1000)
    assert derive_demand(now=CLOSED) == 0
    assert terms() == {"welding": (12, 1000, 12)}


def test_a_search_while_its_week_still_runs_is_counted_when_the_week_has_ended(
    twelve: list[int],
) -> None:
    store(searches(twelve, "welding", at=LAST_WEEK), now=moment())
    assert derive_demand(now=CLOSED - timedelta(minutes=1)) == 0
    everything_is_committed()
    assert derive_demand(now=CLOSED) == 1


def test_terms_outlive_the_searches_they_were_counted_from(twelve: list[int]) -> None:
    store(searches(twelve, "welding", at=LAST_WEEK), now=moment())
    derive_demand(now=CLOSED)
    purge_texts(before=THIS_WEEK)
    after_retention = CLOSED + timedelta(days=430)
    api.erase_learner(twelve[0], actor=SYSTEM, now=moment())
    derive_demand(now=after_retention)
    assert terms() == {"welding": (12, 12, 12)}
    assert not DemandWeek.objects.exists()


def everything_is_committed() -> None:
    """Let the watermark pass this test's own transaction, which stays open until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000")
        Watermark.objects.filter(reader=READER).update(tx=cursor.fetchone()[0])
