"""Who comes back week by week: a recount by hand, and nothing between planned looks."""

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from experiments import lifecycle, returns
from experiments.api import read_returns, returns_of, take_due_looks, with_returns
from experiments.models import Experiment
from experiments.samples import NOBODY
from experiments.stats import shares
from experiments.stats.adjusted_ratio import PairedRatio
from signals import api as signals
from signals.data import SYSTEM, Exposed, NewEvent, Purpose
from tests.experiments.world import START, UMA, day, started, tampering
from tests.factories import consents, new_course, new_learner
from tests.signals.derive.happened import store

KEY = "short-first"
EARLY, LATE = 30, 10  # learners of an arm exposed on day 0, and on day 10
# Of the early ones, how many come back on each of these days after their exposure.
DAYS = (3.0, 9.0, 17.0)
BACK = {"generic": (20, 14, 12), "model": (18, 19, 3)}
COURSE = "statistics"


def world() -> int:
    """Start, and let learners of both arms come back; return one who does, of the control.

    Others are not to be counted.
    """
    started()
    faithful = []
    course = new_course(COURSE).course_id
    for arm, back in BACK.items():
        early = [new_learner() for _ in range(EARLY)]
        late = [new_learner() for _ in range(LATE)]
        faithful.append(early[0])
        signals.expose([Exposed(KEY, who, arm, START) for who in early])
        signals.expose([Exposed(KEY, who, arm, day(10)) for who in late])
        here = [(who, after) for n, after in zip(back, DAYS, strict=True) for who in early[:n]]
        here += [(who, 0.01) for who in early]  # the same day is no return
        here += [(who, 10 + 8.5) for who in late]  # in their second week, not whole by then
        here += [(who, after) for who in left_out(arm) for after in DAYS]
        store([viewed(who, after, course) for who, after in here], now=day(28))
    return faithful[0]


def left_out(arm: str) -> Iterable[int]:
    """Expose one who has objected, and a test account."""
    ben, tester = new_learner(), new_learner(kind="test")
    signals.expose([Exposed(KEY, who, arm, START) for who in (ben, tester)])
    consents(ben, Purpose.PERSONALIZATION, granted=False)
    return (tester,)


def viewed(who: int, after: float, course: int) -> NewEvent:
    return NewEvent("course.viewed", who, day(after), course_id=course)


def counted() -> list[tuple[int, dict[str, tuple[int, int]]]]:
    weeks = Experiment.objects.get(key=KEY).return_reading.weeks
    return [
        (one["week"], {arm: (n["learners"], n["returned"]) for arm, n in one["arms"].items()})
        for one in weeks
    ]


def read(days: float) -> None:
    take_due_looks(now=day(days))
    read_returns(now=day(days))


def test_counts_are_those_by_hand(db: None) -> None:
    world()
    read(21)
    # By day 21 the late ones have had their first week whole, and came back later than that.
    assert counted() == [
        (1, {"generic": (40, 20), "model": (40, 18)}),
        (2, {"generic": (30, 14), "model": (30, 19)}),
        (3, {"generic": (30, 12), "model": (30, 3)}),
    ]
    found = returns_of(KEY)
    assert found is not None
    assert (found.as_of, found.ended) == (day(21), False)
    first, second, third = found.weeks
    assert first.control is not None
    assert (first.control.learners, first.control.share) == (40, 0.5)
    low, high = proportion_confint(20, 40, method="wilson")
    assert (first.control.low, first.control.high) == pytest.approx((low, high), rel=5e-3)
    # What may be shown is of counts to the nearest five: 19 and 14 of 30 are 20 and 15.
    newcombe = confint_proportions_2indep(20, 30, 15, 30, method="newcomb")
    assert second.apart == pytest.approx((5 / 30, *newcombe), rel=5e-3)
    assert third.control is not None
    assert (third.variant, third.apart) == (None, None)  # three came back


def test_between_looks_nothing_new_is_read(db: None) -> None:
    world()
    read(13.9)
    assert returns_of(KEY) is None
    read(14)
    weeks = counted()
    assert [week for week, _ in weeks] == [1, 2]
    read(20.9)
    assert counted() == weeks
    assert read_returns(now=day(20.95)) == 0
    found = returns_of(KEY)
    assert found is not None
    assert found.as_of == day(14)


def test_its_end_is_read_once_and_stays(db: None) -> None:
    world()
    read(14)
    lifecycle.stop(UMA, key=KEY, reason="enough is known", now=day(24))
    assert read_returns(now=day(24)) == 1
    assert read_returns(now=day(60)) == 0  # what came after it is of no arm any more
    found = returns_of(KEY)
    assert found is not None
    assert (found.as_of, found.ended, len(found.weeks)) == (day(24), True, 3)
    assert with_returns() == {KEY: "Short lessons first"}


def test_what_stopped_before_its_first_look_shows_nothing(db: None) -> None:
    world()
    lifecycle.stop(UMA, key=KEY, reason="a mistake in the plan", now=day(9))
    assert read_returns(now=day(30)) == 0
    assert returns_of(KEY) is None
    assert with_returns() == {}


def test_an_unequal_split_shows_nothing(db: None) -> None:
    world()
    signals.expose([Exposed(KEY, new_learner(), "model", START) for _ in range(60)])
    read(14)
    assert returns_of(KEY) is None
    assert with_returns() == {}


def test_a_plan_that_was_changed_shows_nothing(db: None) -> None:
    world()
    read(14)
    with tampering():
        Experiment.objects.filter(key=KEY).update(mde=0.5)
    assert returns_of(KEY) is None


def test_who_is_erased_is_not_counted_from_then_on(db: None) -> None:
    gone = world()
    read(14)
    assert counted()[0][1]["generic"] == (30, 20)
    signals.erase_learner(gone, actor=SYSTEM, now=day(14.5))
    read(21)
    assert counted()[0][1]["generic"] == (39, 19)


def test_one_that_fails_is_told_of_and_the_others_are_read(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world()
    take_due_looks(now=day(14))

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(returns, "read_arms", fails)
    assert read_returns(now=day(14)) == 0
    assert f"Who returns to {KEY} cannot be read" in caplog.text


def test_classes_count_as_many_independent_learners_as_their_variance_says() -> None:
    rng = np.random.default_rng(5)
    sizes = rng.integers(8, 25, 40)
    came = np.array([rng.binomial(n, p) for n, p in zip(sizes, rng.beta(2, 3, 40), strict=True)])
    table = np.stack([came, sizes, np.zeros(40), np.zeros(40)]).astype(float)
    arm = PairedRatio(40, table.sum(1), table @ table.T, learners=float(sizes.sum()))
    counts = returns._counts(arm)
    share = came.sum() / sizes.sum()
    # The variance of a ratio of sums over classes, by hand (Cochran 1977, 6.3).
    off = came - share * sizes
    variance = 40 / 39 * (off**2).sum() / sizes.sum() ** 2
    assert counts["returned"] == came.sum()
    assert counts["effective"] == pytest.approx(share * (1 - share) / variance, rel=1e-9)
    assert counts["effective"] < sizes.sum() / 2
    assert returns._counts(NOBODY) == {"learners": 0, "returned": 0, "effective": 0}


Counts = st.tuples(st.integers(1, 4_000), st.floats(0, 1), st.floats(0.1, 1))


@settings(max_examples=50)
@given(Counts, Counts)
def test_intervals_hold_what_they_are_of_and_stay_where_shares_can_be(
    one: tuple[int, float, float], other: tuple[int, float, float]
) -> None:
    a, b = (shares.Share(round(n * p) / n, max(n * part, 1.0)) for n, p, part in (one, other))
    low, high = shares.interval(a, alpha=0.05)
    assert 0 <= low <= a.value + 1e-12
    assert a.value - 1e-12 <= high <= 1
    found, least, most = shares.apart(a, b, alpha=0.05)
    assert -1 - 1e-9 <= least <= found + 1e-12
    assert found - 1e-12 <= most <= 1 + 1e-9
    turned = shares.apart(b, a, alpha=0.05)
    assert turned == pytest.approx((-found, -most, -least))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_no_cell_tells_of_fewer_than_ten(
    came: int, stayed: int, came_b: int, stayed_b: int
) -> None:
    arms = [
        {"learners": a + b, "returned": a, "effective": a + b}
        for a, b in ((came, stayed), (came_b, stayed_b))
    ]
    week = returns._week(1, *arms)
    for cell, counts in zip((week.control, week.variant), arms, strict=True):
        few = min(counts["returned"], counts["learners"] - counts["returned"]) < 10
        assert (cell is None) == few
    assert (week.apart is None) == (week.control is None or week.variant is None)


Cells = st.tuples(st.integers(10, 3_000), st.integers(10, 3_000), st.floats(0.3, 1))


def cell(came: int, stayed: int, alike: float) -> dict[str, float]:
    """Return an arm, some of it with classes that are alike."""
    n = came + stayed
    return {"learners": n, "returned": came, "effective": float(n) if alike > 0.9 else alike * n}


def nearest_five(n: float) -> int:
    return round(n / 5) * 5


@settings(max_examples=60)
@given(Cells, Cells, st.sampled_from([(1, 0), (0, 1)]))
def test_one_learner_more_or_less_within_a_step_publishes_the_same(
    one: tuple[int, int, float], other: tuple[int, int, float], who: tuple[int, int]
) -> None:
    fixed, before = cell(*other), cell(*one)
    after = {**before, "learners": before["learners"] - 1, "returned": one[0] - who[0]}
    after["effective"] = min(before["effective"], after["learners"])
    same_step = all(nearest_five(before[name]) == nearest_five(after[name]) for name in before)
    few = min(after["returned"], after["learners"] - after["returned"]) < 10
    assume(same_step and not few)
    assert returns._week(1, before, fixed) == returns._week(1, after, fixed)
    assert returns._week(1, fixed, before) == returns._week(1, fixed, after)


@settings(max_examples=60)
@given(Cells)
def test_a_share_is_that_of_rounded_counts(one: tuple[int, int, float]) -> None:
    counts = cell(*one)
    found = returns._returned(counts)
    assert found is not None
    came, n, effective = (nearest_five(counts[x]) for x in ("returned", "learners", "effective"))
    assert found.learners == n
    assert found.share == pytest.approx(came / n, rel=5e-3)
    # The interval of as many as are told of, to the nearest five: no other n fits in between.
    low, high = proportion_confint(came / n * effective, effective, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), rel=6e-3)


def test_an_arm_of_classes_that_tell_next_to_nothing_is_not_shown() -> None:
    assert returns._returned({"learners": 60, "returned": 30, "effective": 2.0}) is None
    assert returns._returned({"learners": 60, "returned": 30, "effective": 3.0}) is not None


def test_the_first_week_asks_for_a_later_day_and_the_others_for_any() -> None:
    asked = [returns._asked(week) for week in (1, 2, 12)]
    assert [(one.metric, one.from_days, one.window_days) for one in asked] == [
        ("return", 0, 7),
        ("retention_d7", 7, 7),
        ("retention_d7", 77, 7),
    ]
    assert timedelta(days=asked[-1].until_days) == timedelta(weeks=returns.WEEKS_MOST)
