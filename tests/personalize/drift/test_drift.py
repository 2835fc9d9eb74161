"""Drift: a shift that matters is seen soon, and quiet weeks with all their rhythm raise nothing."""

import numpy as np
import pytest

from personalize.algorithms.drift import (
    DAY,
    HOUR,
    LASTING,
    STEP_MINUTES,
    SUDDEN,
    WEEK,
    index,
    look,
    look_all,
    look_at_mix,
)
from tests.personalize.drift.traffic import SERIES, Shift, traffic

QUIET = 14  # days looked at, after as many that are only held against
FOUND_WITHIN = 2 * HOUR  # steps that are looked at after a shift
RATES = (58.0, 580.0, 2_000.0, 5_800.0)  # events a second, on average over a weekday
SHIFTS = (("kind 2", 1.2), ("mobile", 0.8), ("clicks", 0.8), ("clicks", 1.2), ("volume", 0.8))


def alerts_in_quiet_days(a_second: float, seed: int) -> int:
    """Return how often anything is called drifted in a fortnight in which nothing happens."""
    quiet = traffic(14 + QUIET, a_second=a_second, rng=np.random.default_rng(seed))
    ends = np.arange(14 * DAY + 1, (14 + QUIET) * DAY + 1)
    return sum(int(looks.drifted.sum()) for looks in look_all(quiet.events, quiet.base, ends))


def minutes_to_alert(name: str, by: float, a_second: float, seed: int) -> int | None:
    """Return after how many minutes a planted shift is an alert; None where it is not seen."""
    since = 14 * DAY + (9 + seed % 12) * HOUR  # from 9 to 20 o'clock; two weeks are known, no more
    shift = Shift(name, by, since)
    moved = traffic(15, a_second=a_second, rng=np.random.default_rng(seed), shift=shift)
    ends = np.arange(since + 1, since + FOUND_WITHIN + 1)
    column = SERIES.index(name)
    found = [
        int(np.argmax(looks.drifted[:, column]) + 1) * STEP_MINUTES
        for looks in look_all(moved.events, moved.base, ends)
        if looks.drifted[:, column].any()
    ]
    return min(found, default=None)


def steady(days: int, count: float, parts: int = 1) -> np.ndarray:
    """Return the same count in every step."""
    return np.full((days * DAY, parts), count)


def test_a_quiet_fortnight_raises_no_alert_at_any_of_its_looks() -> None:
    assert alerts_in_quiet_days(580.0, seed=1) == 0


@pytest.mark.parametrize(("name", "by"), [("clicks", 0.8), ("kind 2", 1.2)])
def test_a_shift_of_a_fifth_is_an_alert_within_ten_minutes(name: str, by: float) -> None:
    waited = minutes_to_alert(name, by, 5_800.0, seed=3)
    assert waited is not None
    assert waited <= 10


def test_a_change_that_lasts_is_seen_in_long_windows_even_if_it_came_slowly() -> None:
    counts = steady(30, 5_000.0, parts=2)
    slowly = np.linspace(1.0, 2.0, 2 * DAY)
    counts[27 * DAY : 29 * DAY, 0] *= slowly
    counts[29 * DAY :, 0] *= slowly[-1]
    base = counts.sum(axis=1, keepdims=True) * np.ones(2)
    ends = np.array([27 * DAY + HOUR, 30 * DAY])
    sudden = [look(counts, base, ends, steps=steps).drifted.any() for steps in SUDDEN]
    lasting = [look(counts, base, ends, steps=steps).drifted[:, 0].tolist() for steps in LASTING]
    assert not any(sudden)
    assert lasting == [[False, True], [False, True]]


def test_a_change_under_fifteen_percent_is_no_alert_however_sure_it_is() -> None:
    counts = steady(22, 1_000_000.0)
    counts[21 * DAY :] *= 1.14
    ends = np.arange(21 * DAY + 1, 22 * DAY + 1)
    assert not any(looks.drifted.any() for looks in look_all(counts, np.ones_like(counts), ends))


def test_what_falls_silent_is_an_alert() -> None:
    counts = steady(22, 400.0)
    counts[21 * DAY :] = 0
    looks = look(counts, np.ones_like(counts), np.array([21 * DAY + 1]), steps=1)
    assert looks.drifted.all()
    assert looks.change[0, 0] < -0.99


def test_a_return_to_what_is_usual_is_no_second_alert() -> None:
    counts = steady(24, 20_000.0)
    counts[21 * DAY : 21 * DAY + 8 * HOUR] *= 0.7
    after = np.arange(21 * DAY + 8 * HOUR + 1, 22 * DAY)
    looks = [look(counts, np.ones_like(counts), after, steps=steps) for steps in SUDDEN[:2]]
    assert not any(each.drifted[2:].any() for each in looks)


def test_an_outage_in_one_week_of_the_reference_is_not_held_against_today() -> None:
    counts = steady(24, 20_000.0)
    counts[15 * DAY : 15 * DAY + HOUR] = 0
    ends = np.arange(22 * DAY + 1, 22 * DAY + 3 * HOUR)
    assert not any(looks.drifted.any() for looks in look_all(counts, np.ones_like(counts), ends))


def test_with_less_than_two_weeks_behind_nothing_is_judged() -> None:
    counts = steady(13, 20_000.0)
    ends = np.array([13 * DAY])
    for looks in look_all(counts, np.ones_like(counts), ends):
        assert not looks.judged.any()
        assert not looks.drifted.any()


def test_nothing_at_all_is_judged_as_nothing() -> None:
    none = np.zeros((30 * DAY, 2))
    for looks in look_all(none, none, np.array([30 * DAY])):
        assert not looks.judged.any()
        assert np.isfinite(looks.change).all()


def test_few_events_are_not_judged_by_short_windows() -> None:
    counts = steady(22, 2.0)
    judged = [
        bool(looks.judged.any())
        for looks in look_all(counts, np.ones_like(counts), np.array([22 * DAY]))
    ]
    assert judged == [False, False, False, True, True]


def test_the_index_of_a_mix_is_the_textbook_sum_and_0_for_the_same_mix() -> None:
    now, then = np.array([30.0, 50.0, 20.0]), np.array([200.0, 600.0, 200.0])
    by_hand = 0.1 * np.log(0.3 / 0.2) + -0.1 * np.log(0.5 / 0.6)
    assert index(now, then) == pytest.approx(by_hand)
    assert index(then, then * 7) == pytest.approx(0.0)


def test_a_part_of_a_mix_that_was_never_there_is_an_alert_of_the_mix() -> None:
    counts = steady(22, 500.0, parts=3)
    counts[:, 2] = 0
    counts[21 * DAY :, 2] = 150
    ends = np.array([21 * DAY, 22 * DAY])
    looks = look_at_mix(counts, ends, steps=DAY)
    assert looks.drifted.tolist() == [False, True]
    assert looks.index[0] == pytest.approx(0.0)


def test_the_mix_of_a_quiet_fortnight_is_the_same_mix_at_every_look() -> None:
    quiet = traffic(28, a_second=58.0, rng=np.random.default_rng(2))
    ends = np.arange(14 * DAY + 1, 28 * DAY + 1)
    kinds = quiet.events[:, 1:8]
    looks = [look_at_mix(kinds, ends, steps=steps) for steps in LASTING]
    assert not any(each.drifted.any() for each in looks)
    assert all(each.judged[WEEK:].all() for each in looks)


@pytest.mark.prove
def test_twenty_quiet_fortnights_raise_no_alert_at_any_rate() -> None:
    found = {rate: [alerts_in_quiet_days(rate, seed) for seed in range(20)] for rate in RATES}
    print("\nalerts in 20 quiet fortnights, looked at every five minutes")  # noqa: T201  the table
    for rate, alerts in found.items():
        print(f"| {rate:,.0f} | {sum(alerts)} |")  # noqa: T201  the table itself
    assert all(not any(alerts) for alerts in found.values())


@pytest.mark.prove
def test_planted_shifts_of_a_fifth_are_alerts_within_ten_minutes() -> None:
    print("\nof 20 planted shifts: within 10 minutes, 1 hour, 2 hours")  # noqa: T201  the table
    within: dict[tuple[str, float, float], int] = {}
    for name, by in SHIFTS:
        for rate in RATES:
            waited = [minutes_to_alert(name, by, rate, seed) for seed in range(20)]
            seen = [
                sum(one is not None and one <= most for one in waited) for most in (10, 60, 120)
            ]
            print(f"| {name} x{by} | {rate:,.0f} | {seen} |")  # noqa: T201  the table itself
            within[name, by, rate] = seen[0]
    assert all(within[name, by, 5_800.0] >= 19 for name, by in SHIFTS)
