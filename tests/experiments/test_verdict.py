"""Is the order of verdicts the promised one, whatever the readings?"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from experiments.stats.verdict import (
    EXTEND,
    INVALID,
    REVIEW,
    ROLL_BACK,
    SHIP,
    Advice,
    Reading,
    advise,
)

CLICKS = Reading("ctr", "engagement", success=True, guarded=False, low=0.01, high=0.03, margin=0.0)
MODULES = Reading(
    "modules_completed",
    "progression",
    success=False,
    guarded=True,
    low=-0.05,
    high=0.1,
    margin=0.12,
)
EXPECTED = ("ctr", "modules_completed")


def said(
    *readings: Reading,
    sound: bool = True,
    powered: bool = True,
    broken: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
) -> Advice:
    return advise(
        readings, expected=EXPECTED, sound=sound, powered=powered, broken=broken, doubts=doubts
    )


def test_a_gain_with_nothing_lost_ships_even_before_the_last_look() -> None:
    assert said(CLICKS, MODULES, powered=False) == Advice(SHIP, ("ctr",))


def test_a_broken_split_is_said_before_everything_else() -> None:
    worse = replace(MODULES, low=-0.5, high=-0.2)
    assert said(CLICKS, worse, sound=False) == Advice(INVALID, ())


def test_progression_that_fell_rolls_back_whatever_engagement_gained() -> None:
    worse = replace(MODULES, low=-0.5, high=-0.01)
    assert said(CLICKS, worse) == Advice(ROLL_BACK, ("modules_completed",))


def test_progression_counts_though_the_plan_forgot_to_guard_it() -> None:
    worse = replace(MODULES, guarded=False, low=-0.5, high=-0.01)
    assert said(CLICKS, worse).verdict == ROLL_BACK


def test_a_gain_beside_a_possible_loss_asks_for_a_second_person() -> None:
    doubtful = replace(MODULES, low=-0.3, high=0.1)
    assert said(CLICKS, doubtful) == Advice(REVIEW, ("modules_completed",), second_approver=True)
    assert said(CLICKS, doubtful, powered=False).verdict == EXTEND


def test_a_metric_that_could_not_be_read_is_not_taken_for_unharmed() -> None:
    assert said(CLICKS) == Advice(REVIEW, ("modules_completed",), second_approver=True)


def test_no_gain_goes_on_until_the_plan_is_through_and_then_to_people() -> None:
    unclear = replace(CLICKS, low=-0.01)
    assert said(unclear, MODULES, powered=False) == Advice(EXTEND, ())
    assert said(unclear, MODULES) == Advice(REVIEW, ())


ends = st.floats(-1, 1).map(lambda x: round(x, 3))
readings = st.builds(
    lambda metric, track, success, guarded, ends, margin: Reading(
        metric, track, success, guarded, min(ends), max(ends), margin
    ),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["engagement", "progression", "guardrail"]),
    st.booleans(),
    st.booleans(),
    st.tuples(ends, ends),
    st.floats(0, 0.5),
)


def test_a_broken_guardrail_is_acted_on_whatever_was_gained() -> None:
    assert said(CLICKS, MODULES, broken=(ROLL_BACK,)) == Advice(ROLL_BACK, ())
    assert said(CLICKS, MODULES, broken=(ROLL_BACK, INVALID)).verdict == INVALID


def test_a_doubt_stops_silent_shipping_and_asks_for_a_second_person() -> None:
    doubts = ("New learners lose.",)
    assert said(CLICKS, MODULES, doubts=doubts) == Advice(REVIEW, (), second_approver=True)
    assert said(CLICKS, MODULES, doubts=doubts, powered=False).verdict == EXTEND


def test_doubts_take_nothing_back_that_harm_or_a_broken_split_says() -> None:
    worse = replace(MODULES, low=-0.5, high=-0.2)
    assert said(CLICKS, worse, doubts=("It fades.",)).verdict == ROLL_BACK
    assert said(CLICKS, worse, sound=False, doubts=("It fades.",)).verdict == INVALID


broken_ones = st.lists(st.sampled_from([INVALID, ROLL_BACK]), max_size=2)
doubts = st.lists(st.just("It fades."), max_size=1)


@given(st.lists(readings, max_size=3), st.booleans(), st.booleans(), broken_ones, doubts)
def test_the_order_is_exhaustive_and_the_first_that_holds_wins(
    given_readings: list[Reading],
    sound: bool,
    powered: bool,
    broken: list[str],
    doubtful: list[str],
) -> None:
    """Against the order of the mission, written down a second time as a list of questions."""
    protected = [each for each in given_readings if each.protected]
    gained = any(each.success and each.better for each in given_readings)
    clean = "a" in {each.metric for each in given_readings} and all(
        each.not_inferior for each in protected
    )
    asked = [
        (INVALID, not sound or INVALID in broken),
        (ROLL_BACK, ROLL_BACK in broken or any(each.worse for each in protected)),
        (SHIP, gained and clean and not doubtful),
        (EXTEND, not powered),
        (REVIEW, True),
    ]
    advice = advise(
        given_readings,
        expected=("a",),
        sound=sound,
        powered=powered,
        broken=broken,
        doubts=doubtful,
    )
    assert advice.verdict == next(verdict for verdict, holds in asked if holds)
    assert advice.second_approver == (advice.verdict in {EXTEND, REVIEW} and gained)


@given(st.lists(readings, max_size=3), st.booleans(), st.booleans())
def test_nothing_ships_that_harmed_or_may_have_harmed_what_is_protected(
    given_readings: list[Reading], sound: bool, powered: bool
) -> None:
    advice = advise(given_readings, expected=("a",), sound=sound, powered=powered)
    protected = [each for each in given_readings if each.protected]
    if any(each.worse for each in protected):
        assert advice.verdict == (ROLL_BACK if sound else INVALID)
    if advice.verdict == SHIP:
        assert sound
        assert all(each.not_inferior and not each.worse for each in protected)
        assert any(each.success and each.better for each in given_readings)
        assert "a" in {each.metric for each in given_readings}
