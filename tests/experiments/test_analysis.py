import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import numpy as np
import pytest

from experiments import lifecycle
from experiments.api import list_experiments, readout, take_due_looks
from experiments.data import ExperimentRefusedError
from experiments.models import Assignment, Experiment, Snapshot
from experiments.stats.means import Sample, difference
from experiments.stats.sequential import critical_values
from signals import api as signals
from signals.data import ArmMoments, Asked
from tests.experiments.plans import plan
from tests.experiments.world import START, UMA, day, started, tampering

KEY = "short-first"
Numbers = tuple[float, ...]  # n, sum, sum of squares, and those of before


def arm_moments(arm: str, numbers: Numbers, *, cohort: str = "") -> ArmMoments:
    n, total, squares, before, before_squares, products = (*numbers, 0.0, 0.0, 0.0)[:6]
    return ArmMoments(arm, int(n), total, squares, before, before_squares, products, cohort=cohort)


@dataclass
class Measured:
    """What signals would answer, and what it was asked."""

    exposed: dict[str, int] = field(default_factory=dict)
    exposed_later: dict[str, int] = field(default_factory=dict)  # after the first look
    surfaces: set[int] = field(default_factory=set)
    arms: dict[str, dict[str, Numbers]] = field(default_factory=dict)
    asked: list[tuple[str, str, int, datetime]] = field(default_factory=list)

    def exposed_counts(self, experiment: str, *, as_of: datetime) -> dict[str, int]:
        later = self.exposed_later if as_of > day(14) else {}
        return {arm: n + later.get(arm, 0) for arm, n in self.exposed.items()}

    def measured(
        self,
        experiment: str,
        asked: Sequence[Asked],
        *,
        surfaces: Collection[int],
        as_of: datetime,
        cohort: str | None = None,
    ) -> dict[Asked, list[ArmMoments]]:
        self.surfaces |= set(surfaces)
        self.asked += [(experiment, one.metric, one.window_days, as_of) for one in asked]
        return {
            one: [
                arm_moments(arm, numbers, cohort=cohort or "")
                for arm, numbers in self.arms.get(one.metric, {}).items()
            ]
            for one in asked
        }


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    answers = Measured()
    monkeypatch.setattr(signals, "exposed_counts", answers.exposed_counts)
    monkeypatch.setattr(signals, "measured", answers.measured)
    return answers


def ones(n: int, of: int) -> Numbers:
    """A metric that is 1 for `of` of n learners and 0 for the others."""
    return n, float(of), float(of)


def healthy(
    measured: Measured,
    *,
    clicked: tuple[int, int] = (80, 120),
    lessons: tuple[int, int] = (300, 310),
) -> None:
    measured.exposed = {"generic": 1000, "model": 1010}
    measured.arms = {
        "ctr": {"generic": ones(1000, clicked[0]), "model": ones(1010, clicked[1])},
        "modules_completed": {"generic": ones(500, lessons[0]), "model": ones(500, lessons[1])},
    }


def look_taken(measured: Measured, *, days: float = 14) -> None:
    started()
    healthy(measured)
    take_due_looks(now=day(days))


def test_before_the_first_look_there_is_n_a_date_and_the_visible_effect(
    db: None, measured: Measured
) -> None:
    started()
    healthy(measured)
    found = readout(KEY, now=day(10))
    assert found.effects == ()
    assert found.waiting is not None
    assert (found.waiting.look, found.waiting.looks) == (1, 3)
    assert found.waiting.next_look == day(14).date()
    assert found.n == {"generic": 1000, "model": 1010}
    assert set(found.waiting.detectable) == {"ctr", "modules_completed"}
    assert "Look 1 of 3 is on 15 October 2026" in found.sentence
    assert not Snapshot.objects.exists()


def test_before_the_first_look_nothing_tells_the_arms_apart(db: None, measured: Measured) -> None:
    started()
    healthy(measured, clicked=(80, 120))
    one = asdict(readout(KEY, now=day(13.9)))
    swapped = dict(zip(("generic", "model"), (ones(1000, 118), ones(1010, 82)), strict=True))
    measured.arms["ctr"] = swapped
    other = asdict(readout(KEY, now=day(13.9)))
    assert json.dumps(one, default=str) == json.dumps(other, default=str)
    for mean in (0.08, 120 / 1010, 120 / 1010 - 0.08):
        assert f"{mean:.4f}" not in json.dumps(one, default=str)


def test_the_visible_effect_is_that_of_the_bound_and_the_pooled_variance(
    db: None, measured: Measured
) -> None:
    started()
    healthy(measured)
    found = readout(KEY, now=day(10)).waiting
    bound = critical_values((0.5, 0.75, 1.0), alpha=0.05)[0]
    share = 200 / 2010
    variance = share * (1 - share) * 2010 / 2009
    expected = (bound + 0.8416212) * (variance * (1 / 1000 + 1 / 1010)) ** 0.5
    assert found is not None
    assert found.detectable["ctr"] == pytest.approx(expected, rel=1e-6)


def test_a_look_is_taken_when_its_day_has_come_and_not_before(db: None, measured: Measured) -> None:
    started()
    healthy(measured)
    assert take_due_looks(now=day(13.99)) == []
    assert [look.look for look in take_due_looks(now=day(14))] == [1]
    assert take_due_looks(now=day(15)) == []
    assert [look.look for look in take_due_looks(now=day(40))] == [2, 3]
    assert readout(KEY, now=day(40)).waiting is None


def test_a_late_look_reads_what_was_known_at_its_moment(db: None, measured: Measured) -> None:
    look_taken(measured, days=20)
    assert measured.asked[:2] == [
        (KEY, "ctr", 28, day(14)),
        (KEY, "modules_completed", 14, day(14)),
    ]
    assert {as_of for _key, _metric, _days, as_of in measured.asked} == {day(14)}


def test_a_late_look_counts_who_was_exposed_by_its_moment(db: None, measured: Measured) -> None:
    measured.exposed_later = {"model": 900}  # a broken split, but after the look
    look_taken(measured, days=20)
    found = readout(KEY, now=day(20))
    assert found.trustworthy
    assert found.n == {"generic": 1000, "model": 1010}


def test_only_lists_of_the_experiments_own_surfaces_are_asked_for(
    db: None, measured: Measured
) -> None:
    look_taken(measured)
    assert measured.surfaces == {1}


def test_a_look_is_kept_as_it_was_computed(db: None, measured: Measured) -> None:
    look_taken(measured)
    before = readout(KEY, now=day(14))
    stored = json.dumps(Snapshot.objects.get().results, sort_keys=True)
    healthy(measured, clicked=(500, 1), lessons=(1, 400))
    measured.exposed = {"generic": 2000, "model": 2000}
    take_due_looks(now=day(15))
    after = readout(KEY, now=day(15))
    assert (after.effects, after.n, after.sentence) == (before.effects, before.n, before.sentence)
    assert json.dumps(Snapshot.objects.get().results, sort_keys=True) == stored


def test_an_effect_has_its_base_and_an_interval_at_the_confidence_of_the_look(
    db: None, measured: Measured
) -> None:
    look_taken(measured)
    found = readout(KEY, now=day(14))
    assert found.confidence == pytest.approx(0.99695, abs=1e-4)
    assert [effect.metric for effect in found.effects] == ["ctr", "modules_completed"]
    clicks = found.effects[0]
    assert (clicks.control_mean, clicks.n_control) == (0.08, 1000)
    assert clicks.difference == pytest.approx(120 / 1010 - 0.08)
    error = (0.08 * 0.92 / 999 + 0.118812 * 0.881188 / 1009) ** 0.5
    assert clicks.high - clicks.low == pytest.approx(2 * 2.9626 * error, rel=0.005)
    assert clicks.reading == "not clear"  # p is .004: too little for a first look
    assert 0.001 < clicks.p_value < 0.01


def test_the_last_look_needs_less_than_the_first(db: None, measured: Measured) -> None:
    look_taken(measured, days=28)
    found = readout(KEY, now=day(28))
    assert found.looks_taken == 3
    assert found.effects[0].reading == "better"
    assert "Model is better than generic on click-through per learner." in found.sentence
    assert "8.0% with “generic” (1,000)" in found.sentence
    assert "11.9% with “model” (1,010 learners)" in found.sentence
    assert "+3.9 points (95.6% interval +1.2 to +6.6 points): better" in found.sentence


def test_where_the_tracks_disagree_progression_decides(db: None, measured: Measured) -> None:
    started()
    healthy(measured, clicked=(80, 180), lessons=(400, 300))
    take_due_looks(now=day(14))
    found = readout(KEY, now=day(14))
    assert [effect.reading for effect in found.effects] == ["better", "worse"]
    assert found.sentence.startswith("Do not ship model: modules completed in 14 days went down")


def test_no_difference_is_not_called_one_and_says_what_it_could_have_seen(
    db: None, measured: Measured
) -> None:
    started()
    healthy(measured, clicked=(80, 81))
    take_due_looks(now=day(14))
    sentence = readout(KEY, now=day(14)).sentence
    assert sentence.startswith("No difference between model and generic is shown yet.")
    assert "would have to differ by" in sentence


@pytest.mark.parametrize("days", [3, 14])
def test_a_broken_split_shows_no_effect_and_says_so(
    db: None, measured: Measured, days: float
) -> None:
    started()
    healthy(measured)
    measured.exposed = {"generic": 1000, "model": 700}
    take_due_looks(now=day(days))
    found = readout(KEY, now=day(days))
    assert not found.trustworthy
    assert found.effects == ()
    assert "The split is broken: 1,000 with “generic” and 700 with “model”" in found.sentence
    assert not Snapshot.objects.filter(results__trustworthy=True).exists()


def test_an_arm_that_lost_some_of_those_drawn_for_it_shows_no_effect(
    db: None, measured: Measured
) -> None:
    started()
    healthy(measured)
    measured.exposed = {"generic": 1000, "model": 940}  # as a split alone chance might do that
    drawn = [(arm, n) for arm in ("generic", "model") for n in range(1000)]
    experiment = Experiment.objects.get()
    Assignment.objects.bulk_create(
        Assignment(
            experiment=experiment,
            learner_id=place,
            variant=arm,
            assigned_at=START,
        )
        for place, (arm, _) in enumerate(drawn)
    )
    take_due_looks(now=day(14))
    found = readout(KEY, now=day(14))
    assert (found.trustworthy, found.effects) == (False, ())
    assert "One arm lost more of its learners than the other" in found.sentence
    measured.exposed = {"generic": 940, "model": 940}
    with tampering():
        Snapshot.objects.all().delete()
    take_due_looks(now=day(14))
    assert readout(KEY, now=day(14)).trustworthy


def test_what_learners_did_before_is_taken_off_the_noise(db: None, measured: Measured) -> None:
    started()
    healthy(measured)
    rng = np.random.default_rng(5)
    diligence = rng.gamma(2, 1, (2, 500))
    before, after = rng.poisson(diligence), rng.poisson(diligence * [[1.0], [1.1]])
    measured.arms["modules_completed"] = {
        arm: (500.0, *map(float, (y.sum(), y @ y, x.sum(), x @ x, x @ y)))
        for arm, x, y in zip(("generic", "model"), before, after, strict=True)
    }
    take_due_looks(now=day(14))
    found = readout(KEY, now=day(14))
    (paired,) = (each for each in found.effects if each.metric == "modules_completed")
    arms = [Sample(500, float(y.sum()), float(y @ y)) for y in after]
    plain = difference(*arms, alpha=1 - found.confidence)
    slope = np.cov(before.ravel(), after.ravel())[0, 1] / before.ravel().var(ddof=1)
    shift = before[1].mean() - before[0].mean()
    assert paired.difference == pytest.approx(plain.difference - slope * shift)
    assert paired.high - paired.low < 0.9 * float(plain.high - plain.low)
    assert (paired.control_mean, paired.variant_mean) == (after[0].mean(), after[1].mean())
    assert found.sentence.count("once what they did before is taken off") == 1


@pytest.mark.parametrize(
    ("clicked", "lessons", "days", "said"),
    [
        ((80, 140), (300, 330), 14, "By the order of verdicts: ship."),
        ((80, 140), (300, 200), 14, "By the order of verdicts: roll back."),
        ((80, 140), (300, 290), 14, "go on to the next look, because modules completed in 14 days"),
        ((80, 140), (300, 290), 28, "people decide, because modules completed in 14 days"),
        ((80, 82), (300, 330), 28, "By the order of verdicts: people decide."),
    ],
)
def test_a_look_says_what_follows_from_it(
    db: None,
    measured: Measured,
    clicked: tuple[int, int],
    lessons: tuple[int, int],
    days: int,
    said: str,
) -> None:
    started()
    healthy(measured, clicked=clicked, lessons=lessons)
    take_due_looks(now=day(days))
    assert said in readout(KEY, now=day(days)).sentence


def test_an_exploratory_experiment_is_never_advised_to_ship(db: None, measured: Measured) -> None:
    started(exploratory=True)
    healthy(measured, clicked=(80, 140), lessons=(300, 330))
    take_due_looks(now=day(14))
    assert Snapshot.objects.get().results["advice"] == "review"


def test_a_plan_changed_behind_its_back_shows_no_effect(db: None, measured: Measured) -> None:
    look_taken(measured)
    with tampering():
        Experiment.objects.update(mde=0.9)
    found = readout(KEY, now=day(14))
    assert (found.trustworthy, found.effects) == (False, ())
    assert "changed after it was registered" in found.sentence


def test_of_fewer_than_ten_learners_nothing_is_shown(db: None, measured: Measured) -> None:
    started()
    measured.exposed = {"generic": 9, "model": 12}
    measured.arms = {"ctr": {"generic": ones(9, 4), "model": ones(12, 6)}}
    take_due_looks(now=day(14))
    found = readout(KEY, now=day(14))
    assert found.effects == ()
    assert found.n == {"generic": 0, "model": 10}
    assert found.sentence.startswith("Too few learners to read anything at look 1 of 3.")
    assert "Click-through per learner: nothing to read at this look." in found.sentence
    assert "fewer than 10 of the 3,000 learners planned" in found.sentence


def test_what_is_shown_of_learners_is_rounded(db: None, measured: Measured) -> None:
    started()
    measured.exposed = {"generic": 1003, "model": 1008}
    measured.arms = {"ctr": {"generic": ones(1003, 80), "model": ones(1008, 90)}}
    take_due_looks(now=day(14))
    found = readout(KEY, now=day(14))
    assert found.n == {"generic": 1005, "model": 1010}
    assert (found.effects[0].n_control, found.effects[0].n_variant) == (1005, 1010)
    assert "1,003" not in found.sentence
    assert Snapshot.objects.get().results["n"] == {"generic": 1003, "model": 1008}


def test_a_stopped_experiment_takes_no_more_looks(db: None, measured: Measured) -> None:
    started()
    healthy(measured)
    lifecycle.stop(UMA, key=KEY, reason="over", now=day(3))
    assert take_due_looks(now=day(40)) == []
    assert "Stopped before its first look" in readout(KEY, now=day(40)).sentence


def test_an_exploratory_experiment_says_what_it_is_for(db: None, measured: Measured) -> None:
    started(exploratory=True, planned_per_arm=100)
    healthy(measured)
    found = readout(KEY, now=day(1))
    assert found.exploratory
    assert found.sentence.endswith("so it may teach and never ships by itself.")


def test_an_empty_experiment_reads_as_empty(db: None, measured: Measured) -> None:
    started()
    found = readout(KEY, now=day(1))
    assert found.waiting is not None
    assert found.waiting.detectable == {}
    assert "fewer than 10 with “generic” and fewer than 10 with “model”" in found.sentence


def test_a_draft_says_that_nothing_is_measured(db: None, measured: Measured) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    assert readout(KEY, now=START).sentence == "Not started: nothing is measured yet."


def test_an_unknown_experiment_is_refused(db: None) -> None:
    with pytest.raises(ExperimentRefusedError, match="no experiment nothing"):
        readout("nothing", now=START)


def test_the_list_tells_where_each_experiment_stands(db: None, measured: Measured) -> None:
    look_taken(measured)
    (line,) = list_experiments(now=day(15))
    assert (line.state, line.looks_taken, line.looks, line.switched_on) == ("running", 1, 3, True)
    assert line.next_look == day(21).date()
