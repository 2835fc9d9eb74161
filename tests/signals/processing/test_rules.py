"""Each rule of quality finds what it is there for, and lets ordinary learning pass."""

from types import ModuleType

import numpy as np
import pytest

from signals.capture import contract
from signals.processing import activity as flags
from signals.processing.activity import Activity, Mask, Surroundings
from signals.processing.normalize import Stored
from signals.processing.quality import Verdict, judge
from signals.processing.rules import registry
from signals.processing.rules.crawler import is_crawler
from signals.processing.rules.registry import MODULES, RULES
from signals.processing.rules.rule import Effect, Rule, Severity
from signals.processing.rules.test_account import looks_like_test
from signals.processing.sessions import Session, sessions
from tests.signals.processing.lives import (
    AROUND,
    CLICKED,
    COURSE_DONE,
    DONE,
    ENROLLED,
    MONDAY,
    SHOWN,
    STARTED,
    VIEWED,
    WATCHED,
    activity,
    event,
)

BY_NAME = {rule.name: rule for rule in RULES}
HOUR = 3600.0
SPEC = {  # the rules of the mission, one by one
    "unknown_course", "unknown_learner", "in_the_future", "too_old", "late", "duplicate",
    "crawler", "test_account", "staff", "accidental_click", "too_fast", "too_long",
    "identical_intervals", "quick_completion", "beyond_length", "score_out_of_range",
    "recommended",
}  # fmt: skip


def found(name: str, of: Activity, around: Surroundings = AROUND) -> list[bool]:
    rule = BY_NAME[name]
    assert rule.find is not None
    marked: list[bool] = rule.find(of, around).tolist()
    return marked


def every(seconds: float, n: int, *, start: float = 0.0, kind: int = VIEWED) -> Activity:
    """Return n actions at equal intervals, going round ten courses."""
    return activity(*(event(start + seconds * i, kind, course=i % 10, number=i) for i in range(n)))


def test_there_is_a_rule_for_each_line_of_the_mission() -> None:
    assert set(BY_NAME) == SPEC


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_says_who_does_what_about_it(rule: Rule) -> None:
    assert rule.title
    assert rule.owner
    assert rule.action.endswith(".")
    assert rule.version >= 1
    ways = (rule.find is not None, bool(rule.refusals), rule.copies)
    assert sum(ways) == 1
    assert (rule.tell is None) == (rule.find is None)
    assert (rule.effect is Effect.REFUSED) == bool(rule.refusals)


def test_a_name_or_code_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="its own"):
        registry.collect((*MODULES, MODULES[0]))


def test_a_new_rule_is_one_file_and_one_line() -> None:
    def on_mondays(of: Activity, _: Surroundings) -> Mask:
        monday: Mask = of.days() == MONDAY // 86_400_000_000
        return monday

    module = ModuleType("on_mondays")
    module.RULE = Rule(  # type: ignore[attr-defined]
        code=99,
        name="on_mondays",
        version=1,
        title="On a Monday",
        severity=Severity.LOW,
        owner="analyst",
        action="Wait for Tuesday.",
        effect=Effect.NO_WEIGHT,
        find=on_mondays,
        tell=lambda _, found: f"{found.sum()} on a Monday",
    )
    rules = registry.collect((*MODULES, module))
    verdict = judge(activity(event(0, course=1), event(90_000, course=2)), AROUND, rules=rules)
    assert verdict.weights.tolist() == [False, True]
    assert [doubt.course for doubt in verdict.doubtful] == [1]
    assert [(finding.rule, finding.told) for finding in verdict.findings] == [(99, "1 on a Monday")]


def test_flags_are_those_of_capture() -> None:
    names = [name for name in vars(flags) if name.startswith("FLAG_")]
    assert len(names) == 4
    assert [getattr(flags, name) for name in names] == [getattr(contract, name) for name in names]


def test_an_opening_left_within_three_seconds_for_good_is_a_slip() -> None:
    clicked, viewed = event(0, CLICKED, course=1), event(0.4, course=1)
    back = event(2.9, SHOWN)
    assert found("accidental_click", activity(clicked, viewed, back)) == [True, True, False]


@pytest.mark.parametrize(
    "told",
    [
        [event(0, course=1), event(3.1, SHOWN)],
        [event(0, course=1), event(2, SHOWN), event(900, course=1)],
        [event(0, course=1), event(1.5, ENROLLED, course=1), event(2, SHOWN)],
    ],
    ids=["stayed", "came back to it later", "enrolled at once"],
)
def test_what_was_meant_is_no_slip(told: list[Stored]) -> None:
    assert not any(found("accidental_click", activity(*told)))


def test_an_earlier_honest_look_stays_when_the_last_one_was_a_slip() -> None:
    of = activity(
        event(0, course=1), event(60, course=2), event(600, course=1), event(602, course=2)
    )
    assert found("accidental_click", of) == [False, False, True, False]
    assert judge(of, AROUND).doubtful == ()


def test_nothing_after_the_last_opening_is_no_way_back() -> None:
    assert found("accidental_click", activity(event(0, course=1))) == [False]


def test_more_than_sixty_a_minute_for_minutes_is_no_hand() -> None:
    assert all(found("too_fast", every(0.5, 240)))
    assert not any(found("too_fast", every(1.0, 240)))


def test_one_busy_minute_is_a_queue_that_was_emptied() -> None:
    assert not any(found("too_fast", every(0.5, 100)))


def test_two_busy_minutes_apart_are_not_sustained() -> None:
    first = [event(0.5 * i, course=1, number=i) for i in range(100)]
    later = [event(600 + 0.5 * i, course=1, number=1000 + i) for i in range(100)]
    assert not any(found("too_fast", activity(*first, *later)))


def test_seventeen_hours_in_a_day_are_too_long_and_fifteen_are_not() -> None:
    long = every(1200, 52)  # 17 hours
    assert all(found("too_long", long))
    assert not any(found("too_long", every(1200, 46)))
    assert "17 hours" in str(BY_NAME["too_long"].tell(long, np.ones(52, bool)))  # type: ignore[misc]


def test_a_night_across_midnight_belongs_to_two_days() -> None:
    assert not any(found("too_long", every(1200, 54, start=15 * HOUR)))  # 9 hours, then 9


def test_twelve_equal_intervals_are_a_program() -> None:
    assert all(found("identical_intervals", every(7.0, 13)))
    assert not any(found("identical_intervals", every(7.0, 12)))


def test_people_are_not_that_regular() -> None:
    rng = np.random.default_rng(2)
    moments = np.cumsum(rng.gamma(2.0, 10.0, size=2000))
    people = activity(*(event(float(at), course=1, number=i) for i, at in enumerate(moments)))
    assert not any(found("identical_intervals", people))


def test_a_class_enrolled_in_one_moment_is_no_program() -> None:
    of = activity(*(event(0, ENROLLED, course=i % 10, number=i) for i in range(40)))
    assert not any(found("identical_intervals", of))
    assert not any(found("too_fast", of))


def test_a_lesson_of_half_an_hour_done_in_a_minute_is_marked_and_counts() -> None:
    of = activity(event(0, STARTED, course=1, module=11), event(60, DONE, course=1, module=11))
    assert found("quick_completion", of) == [False, True]
    assert judge(of, AROUND).weights.tolist() == [True, True]


@pytest.mark.parametrize(
    "of",
    [
        activity(event(0, STARTED, course=1, module=11), event(200, DONE, course=1, module=11)),
        activity(event(0, DONE, course=1, module=11)),  # nothing says when it began
        activity(event(0, ENROLLED, course=1), event(1801, COURSE_DONE, course=1)),
        activity(
            event(0, STARTED, course=1, module=11, flags=2),
            event(0, DONE, course=1, module=11, flags=2),
        ),  # a backfill
    ],
    ids=["in time", "no beginning", "course in time", "backfill"],
)
def test_completions_in_time_are_not_marked(of: Activity) -> None:
    assert not any(found("quick_completion", of))


def test_a_course_of_five_hours_done_in_ten_minutes_is_marked() -> None:
    of = activity(event(0, ENROLLED, course=1), event(600, COURSE_DONE, course=1))
    assert found("quick_completion", of) == [False, True]


def test_watching_more_than_there_is_is_marked() -> None:
    long = event(0, WATCHED, course=1, module=11, value=2800.0)
    rounded = event(1, WATCHED, course=1, module=11, value=2000.0)
    unknown = event(2, WATCHED, course=1, module=999, value=80_000.0)
    assert found("beyond_length", activity(long, rounded, unknown)) == [True, False, False]


@pytest.mark.parametrize(("name", "flag"), [("late", 1), ("recommended", 4), ("crawler", 16)])
def test_what_capture_flagged_is_found(name: str, flag: int) -> None:
    of = activity(event(0, course=1, flags=flag), event(9, course=1))
    assert found(name, of) == [True, False]


@pytest.mark.parametrize(
    ("name", "kind"), [("staff", "staff"), ("test_account", "test"), ("crawler", "bot")]
)
def test_accounts_of_a_kind_train_nothing(name: str, kind: str) -> None:
    of = activity(event(0, course=1), event(900, course=2))
    around = Surroundings(learner_kind=kind)
    assert found(name, of, around) == [True, True]
    assert not any(found(name, of))
    assert judge(of, around).weight == 0.0


def test_most_of_it_by_a_program_discredits_the_rest_and_a_little_does_not() -> None:
    human = [event(10_000 + 331.0 * i * i, course=i, number=i) for i in range(10)]
    robot = [event(7.0 * i, course=i % 10, number=100 + i) for i in range(40)]
    discredited = judge(activity(*human, *robot), AROUND)
    assert discredited.score == pytest.approx(0.2)
    assert discredited.weight == 0.0
    assert not discredited.weights.any()
    more = [event(90_000 + 331.0 * i * i, course=i % 10, number=200 + i) for i in range(60)]
    kept = judge(activity(*human, *more, *robot), AROUND)
    assert (kept.weight, int(kept.weights.sum())) == (1.0, 70)


def test_findings_are_by_day_and_source_and_say_nothing_of_anybody() -> None:
    of = activity(
        event(0, course=1, flags=1),
        event(1, course=1, flags=1, source=2),
        event(90_000, course=1, flags=1),
    )
    verdict: Verdict = judge(of, AROUND)
    day = MONDAY // 86_400_000_000
    told = [(f.rule, f.day, f.source, f.events) for f in verdict.findings]
    late = BY_NAME["late"].code
    assert told == [(late, day, 1, 1), (late, day, 2, 1), (late, day + 1, 1, 1)]
    assert all(f.told for f in verdict.findings)


@pytest.mark.parametrize(
    "name",
    ["test-17", "qa_bot", "e2e.runner", "maria.test@school.org", "u@example.com", "load-test4",
     "TESTUSER12", "a@b.test", "playwright"],
)  # fmt: skip
def test_test_accounts_give_themselves_away(name: str) -> None:
    assert looks_like_test(name)


@pytest.mark.parametrize(
    "name",
    ["ada", "u-17", "testa.rossi@scuola.it", "contest-winner", "latest-1", "protestant7", "qamar",
     "f.testori", "demo-0004", "attestation", "4711", "m.detest@uni.example.edu",
     "learner-8a1b2c3d-e2e7-4f00-9a00-0123456789ab", "e2e12345-0000-4000-8000-000000000000"],
)  # fmt: skip
def test_names_that_only_hold_the_letters_do_not(name: str) -> None:
    assert not looks_like_test(name)


def test_who_says_nothing_of_themselves_is_no_crawler() -> None:
    assert not is_crawler("")
    assert is_crawler("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")


def test_thirty_minutes_of_silence_end_a_session() -> None:
    of = activity(event(0, course=1), event(1800, course=2), event(3601, SHOWN))
    began = MONDAY / 1e6
    assert sessions(of) == [
        Session(began, began + 1800, events=2, actions=2, courses=2),
        Session(began + 3601, began + 3601, events=1, actions=0, courses=0),
    ]
    assert sessions(activity()) == []
