"""Is an experiment opened to more learners on evidence alone? Through the public functions."""

from collections.abc import Callable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from experiments import api
from experiments.data import ExperimentRefusedError
from experiments.drawing import draw
from experiments.guard import writing
from experiments.looks import expected, moment_of
from experiments.models import Experiment, Flag, RampStep, Snapshot
from experiments.running import Running, forget_caches, running_experiments
from signals import api as signals
from signals.data import SYSTEM, ArmMoments, Asked
from tests.experiments.plans import plan
from tests.experiments.test_watch import moments
from tests.experiments.world import CLEO, START, UMA, day, started

KEY = "short-first"
RAMP = (0.1, 0.25, 0.5, 1.0)
MANY = 40_000  # in an arm: enough to notice a loss of a tenth


def seen(
    monkeypatch: pytest.MonkeyPatch,
    *,
    variant: float = 1.2,
    n: tuple[int, int] = (MANY, MANY),
    ripe: float = 1.0,
) -> None:
    """Let signals answer: so many were exposed, and so many modules were completed."""
    exposed = dict(zip(("generic", "model"), n, strict=True))
    means = {"generic": 1.2, "model": variant}

    def measured(
        _experiment: str, asked: Sequence[Asked], **_: object
    ) -> dict[Asked, list[ArmMoments]]:
        assert {one.metric for one in asked} == {"modules_completed"}
        found = [
            ArmMoments(arm, *moments(means[arm], n=int(exposed[arm] * ripe))) for arm in exposed
        ]
        return dict.fromkeys(asked, found)

    def counts(_experiment: str, *, as_of: datetime) -> dict[str, int]:
        return exposed

    monkeypatch.setattr(signals, "measured", measured)
    monkeypatch.setattr(signals, "exposed_counts", counts)


def climbing(**changes: Any) -> None:
    started(ramp=RAMP, planned_per_arm=400_000, **changes)


def share() -> float:
    forget_caches()
    return running_experiments()[0].open_share


def test_it_begins_with_the_first_share_of_its_plan(db: None) -> None:
    climbing()
    flag = Flag.objects.get(name=f"experiment:{KEY}")
    assert (share(), flag.everyone, float(flag.percent or 0)) == (0.1, None, 10.0)
    (first,) = api.openings(KEY)
    assert (first.number, first.share, first.by, first.evidence) == (1, 0.1, "staff:uma", {})


def test_it_climbs_one_step_at_a_time_where_nothing_fell(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    climbing()
    seen(monkeypatch)
    shares = [api.widen(UMA, key=KEY, now=day(3 * number)) for number in (1, 2, 3)]
    assert shares == [0.25, 0.5, 1.0]
    assert share() == 1.0
    assert Flag.objects.get(name=f"experiment:{KEY}").everyone is True
    assert [opening.share for opening in api.openings(KEY)] == [1.0, 0.5, 0.25, 0.1]
    said = [entry.detail["share"] for entry in signals.ledger_rows(action_prefix="experiment.wid")]
    assert said == [1.0, 0.5, 0.25]
    with pytest.raises(ExperimentRefusedError, match="open to all learners already"):
        api.widen(UMA, key=KEY, now=day(30))


def test_the_evidence_is_kept_as_it_was_read(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    climbing()
    seen(monkeypatch)
    known = api.ramp_evidence(KEY, now=day(3))
    api.widen(UMA, key=KEY, now=day(3))
    seen(monkeypatch, variant=0.2)
    kept = api.openings(KEY)[0].evidence
    assert kept["says"] == known.says
    (watched,) = known.watched
    assert watched.noticed is not None
    assert kept["watched"][0]["noticed"] == watched.noticed  # type: ignore[index]
    assert f"a loss of {watched.noticed:.0%} or more would have been noticed" in known.says


NOT_YET: dict[str, tuple[dict[str, Any], float, str]] = {
    "too soon": ({}, 2.9, "lasts 3 days at least; this one has lasted 2"),
    "too few to notice a loss": ({"n": (900, 900)}, 9, "only a loss of"),
    "too few who could be measured": ({"ripe": 0.01}, 9, "400 of 40,000 learners an arm"),
    "too few to be read": ({"n": (9, 9)}, 9, "nothing can be read yet, fewer than 10 of"),
    "nobody": ({"n": (0, 0)}, 9, "nothing can be read yet"),
    "a loss": ({"variant": 0.9}, 9, "got worse: stop it"),
    "a broken split": ({"n": (MANY, MANY // 2)}, 9, "split is not as planned"),
}


@pytest.mark.parametrize("case", NOT_YET)
def test_without_evidence_it_stays_and_says_what_is_missing(
    db: None, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    answers, after, words = NOT_YET[case]
    climbing()
    seen(monkeypatch, **answers)
    for actor in (UMA, SYSTEM):
        with pytest.raises(ExperimentRefusedError, match=words):
            api.widen(actor, key=KEY, now=day(after))
    assert api.widen_by_evidence(now=day(after)) == []
    assert share() == 0.1


def test_a_small_plan_climbs_once_the_learners_of_the_step_were_measured(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(ramp=RAMP)  # 3,000 an arm: a tenth of them cannot show a loss of a tenth
    seen(monkeypatch, n=(290, 290))
    assert not api.ramp_evidence(KEY, now=day(9)).enough
    seen(monkeypatch, n=(300, 300))
    known = api.ramp_evidence(KEY, now=day(9))
    assert known.enough
    assert known.watched[0].noticed is not None
    assert known.watched[0].noticed > known.watched[0].margin


def test_the_clock_takes_the_steps_that_are_due_and_says_so(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    climbing()
    seen(monkeypatch)
    said = StringIO()
    settings.DEMO_CLOCK = True
    call_command("watch_experiments", now=day(4).isoformat(), stdout=said)
    assert f"{KEY}: open to 25.0% of learners" in said.getvalue()
    assert api.widen_by_evidence(now=day(5)) == []
    assert api.widen_by_evidence(now=day(8)) == [(KEY, 0.5)]


def test_a_plan_may_leave_every_step_to_a_person(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    climbing(widens_by_itself=False)
    seen(monkeypatch)
    assert api.widen_by_evidence(now=day(9)) == []
    assert api.widen(UMA, key=KEY, now=day(9)) == 0.25


def test_a_person_goes_back_without_evidence_and_forward_only_with_it(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    climbing()
    seen(monkeypatch)
    for number in (1, 2):
        api.widen(UMA, key=KEY, now=day(3 * number))
    api.narrow(UMA, key=KEY, share=0.1, reason="complaints", now=day(7))
    assert share() == 0.1
    assert api.openings(KEY)[0].reason == "complaints"
    with pytest.raises(ExperimentRefusedError, match="lasts 3 days"):
        api.widen(UMA, key=KEY, now=day(8))
    assert api.widen(UMA, key=KEY, now=day(10)) == 0.25


@pytest.mark.parametrize(("back", "reason"), [(0.25, "r"), (0.5, "r"), (0.05, "r"), (0.1, " ")])
def test_a_step_back_goes_to_a_smaller_share_of_the_plan_and_says_why(
    db: None, monkeypatch: pytest.MonkeyPatch, back: float, reason: str
) -> None:
    climbing()
    seen(monkeypatch)
    api.widen(UMA, key=KEY, now=day(3))
    with pytest.raises(ExperimentRefusedError):
        api.narrow(UMA, key=KEY, share=back, reason=reason, now=day(4))
    assert share() == 0.25


def test_after_a_pause_it_goes_on_where_it_was(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    climbing()
    seen(monkeypatch)
    api.widen(UMA, key=KEY, now=day(3))
    api.pause(UMA, key=KEY, reason="a holiday", now=day(4))
    with pytest.raises(ExperimentRefusedError, match="paused"):
        api.widen(UMA, key=KEY, now=day(9))
    api.resume(UMA, key=KEY, reason="it is over", now=day(9))
    assert share() == 0.25


def test_looks_count_from_the_opening_to_all_and_none_is_taken_on_the_way(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    climbing()  # looks after 14, 21 and 28 days
    seen(monkeypatch)
    held = Experiment.objects.get(key=KEY)
    assert moment_of(held, 1) == day(14 + 9)  # three steps of three days are left
    for on in (4, 30, 35):
        assert api.take_due_looks(now=day(on - 0.1)) == []
        api.widen(UMA, key=KEY, now=day(on))
    assert moment_of(held, 1) == day(35 + 14)
    assert moment_of(held, 3) == day(35 + 28)
    monkeypatch.setattr("experiments.looks._take", taken)
    assert api.take_due_looks(now=day(35 + 13.9)) == []
    assert [look.look for look in api.take_due_looks(now=day(35 + 14))] == [1]


def test_a_step_held_back_moves_the_looks_on_so_that_none_is_late_before_it_is_due(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    climbing()  # looks after 14, 21 and 28 days; four shares, a step lasts three days
    seen(monkeypatch)
    held = Experiment.objects.get(key=KEY)
    assert expected(held, 1, now=day(2)) == day(14 + 9)
    assert expected(held, 1, now=day(40)) == day(40 + 6 + 14)  # two more steps, and fourteen days
    for on in (41, 44, 47):
        api.widen(UMA, key=KEY, now=day(on))
    held.refresh_from_db()
    assert expected(held, 1, now=day(90)) == moment_of(held, 1) == day(47 + 14)


def taken(held: Experiment, number: int, *, now: datetime) -> Snapshot:
    return Snapshot(experiment=held, look=number, taken_at=now, results={"sentence": "Read."})


def _row(number: int, to: float, **fields: Any) -> Callable[[], object]:
    def act() -> None:
        held = Experiment.objects.get(key=KEY)
        values: dict[str, Any] = {"at": START, "by": "staff:uma"} | fields
        with writing(KEY):
            RampStep.objects.create(experiment=held, number=number, share=to, **values)

    return act


def _flag(**fields: Any) -> Callable[[], object]:
    return lambda: Flag.objects.filter(name=f"experiment:{KEY}").update(**fields)


GOOD = {"evidence": {"enough": True}}
ATTEMPTS: dict[str, Callable[[], object]] = {
    "a creator takes the step": lambda: api.widen(CLEO, key=KEY, now=day(9)),
    "an analyst takes it without evidence": lambda: api.widen(UMA, key=KEY, now=day(9)),
    "an analyst goes back to more": lambda: api.narrow(
        UMA, key=KEY, share=1.0, reason="r", now=day(9)
    ),
    "a row without a step": lambda: RampStep.objects.create(
        experiment=Experiment.objects.get(key=KEY), number=2, share=0.25, at=START, by="x", **GOOD
    ),
    "a row without evidence": _row(2, 0.25),
    "a row that leaves steps out": _row(2, 1.0, **GOOD),
    "a row of a share there is not": _row(2, 0.3, **GOOD),
    "a row out of order": _row(3, 0.25, **GOOD),
    "the first row again": _row(2, 0.1, reason="r"),
    "a row back without a reason": _row(2, 0.05),
    "the row of the start changed": lambda: RampStep.objects.update(share=1.0),
    "the row of the start forgotten": lambda: RampStep.objects.all().delete(),
    "the plan's ramp changed": lambda: Experiment.objects.update(ramp=[1.0]),
    "the flag switched on for everyone": _flag(everyone=True),
    "the flag set to 99.9%": _flag(percent=99.9),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_door_opens_it_further_without_evidence(
    db: None, monkeypatch: pytest.MonkeyPatch, attempt: str
) -> None:
    climbing()
    seen(monkeypatch, n=(900, 900))
    try:
        with transaction.atomic():
            ATTEMPTS[attempt]()
    except (ExperimentRefusedError, DatabaseError):
        refused = True
    else:
        refused = "flag" in attempt  # a flag may be set; it opens nothing the ramp has not
    assert refused
    assert share() == 0.1
    assert [opening.share for opening in api.openings(KEY)] == [0.1]


def at(open_share: float, unit: str, hashing: str) -> Running:
    wanted = plan(unit=unit, hash=hashing, ramp=RAMP)
    return Running(1, wanted, START, f"flag:experiment:{KEY}", open_share)


@given(
    number=st.integers(min_value=1, max_value=2**63 - 1),
    group=st.text(min_size=1, max_size=80),
    unit=st.sampled_from(["learner", "class", "cohort"]),
    hashing=st.sampled_from(["blake2b", "growthbook"]),
)
def test_no_step_moves_a_unit_that_is_in(number: int, group: str, unit: str, hashing: str) -> None:
    arms = [draw(number, at(step, unit, hashing), cluster=group) for step in RAMP]
    seen_first = next((arm for arm in arms if arm), None)
    since = arms.index(seen_first)
    assert set(arms[since:]) == {seen_first}


def test_the_list_asks_as_much_of_twenty_experiments_as_of_two(db: None) -> None:
    def listed(wanted: int) -> int:
        for number in range(Experiment.objects.count(), wanted):
            climbing(key=f"one-{number}")
        with CaptureQueriesContext(connection) as asked:
            rows = api.list_experiments(now=day(2))
        assert [row.next_look for row in rows] == [day(14 + 9).date()] * wanted
        return len(asked)

    assert listed(2) == listed(20)
