"""Noise planted in a simulated world is found, and the model is as good as without it."""

from pathlib import Path

import numpy as np
import pytest

from personalize.algorithms.base import History, Interactions
from personalize.algorithms.blend import Blend
from personalize.algorithms.evaluate import Case, evaluate
from signals import api
from signals.data import TrainingRows
from signals.derive.activities import lives
from signals.models import Course, Learner, LearnerQuality
from signals.processing.quality import judge
from signals.processing.rules.accidental_click import find as slips_of
from tests.signals.derive.caught_up import derive_to_here
from tests.signals.noisy_world import (
    END,
    Noise,
    clean_world,
    deliver,
    open_school,
    patient,
    plant,
)

PEOPLE, DAYS = 600, 45
GOOD_ENOUGH = 0.95
WITHIN = 0.01

pytestmark = [pytest.mark.prove, pytest.mark.django_db(transaction=True)]

Pairs = dict[int, int]  # learner -> course held out


def held_out(rows: TrainingRows) -> Pairs:
    """Return the newest choice of everyone who chose twice."""
    chosen = rows.weights >= 0.5
    who, counts = np.unique(rows.learner_ids[chosen], return_counts=True)
    twice = set(who[counts > 1].tolist())
    pairs = zip(rows.learner_ids[chosen].tolist(), rows.course_ids[chosen].tolist(), strict=True)
    return {learner: course for learner, course in pairs if learner in twice}


def ndcg(rows: TrainingRows, targets: Pairs) -> float:
    """Fit what nights fit on these rows without the targets; return NDCG@10 of finding them."""
    courses = np.array(sorted(Course.objects.values_list("pk", flat=True)))
    kept = np.array(
        [
            targets.get(learner) != course
            for learner, course in zip(
                rows.learner_ids.tolist(), rows.course_ids.tolist(), strict=True
            )
        ]
    )
    ids, learners = np.unique(rows.learner_ids[kept], return_inverse=True)
    places = np.searchsorted(courses, rows.course_ids[kept]).astype(np.int32)
    train = Interactions(
        learners=learners.astype(np.int32),
        courses=places,
        times=rows.times[kept],
        weights=rows.weights[kept],
        n_learners=len(ids),
        n_courses=len(courses),
    )
    model = Blend().fit(train, rng=np.random.default_rng(5))
    cases = []
    for learner, course in sorted(targets.items()):
        own = train.learners == np.searchsorted(ids, learner)
        if learner in ids and own.any():
            target = np.array([np.searchsorted(courses, course)], np.int32)
            cases.append(Case(History(places[own], train.weights[own]), target))
    assert len(cases) > 100
    return evaluate(model, cases)["ndcg@10"]


def score(found: set[object], planted: set[object]) -> tuple[float, float]:
    """Return (precision, recall)."""
    hit = len(found & planted)
    return hit / max(len(found), 1), hit / max(len(planted), 1)


def numbers(names: frozenset[str]) -> set[object]:
    return {api.find_learner(name) for name in names}


def found_slips() -> set[object]:
    keys = dict(Course.objects.values_list("pk", "external_id"))
    ids = list(Learner.objects.filter(kind="real").values_list("learner_id", flat=True))
    found: set[object] = set()
    for life in lives(ids, now=END):
        if judge(life.activity, life.around).weight:
            for place in np.flatnonzero(slips_of(life.activity, life.around)).tolist():
                at = round(float(life.activity.at[place]), 3)
                found.add((life.learner_id, at, keys[int(life.activity.courses[place])]))
    return found


def test_planted_noise_is_found_and_costs_the_model_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = clean_world(tmp_path, monkeypatch, people=PEOPLE, days=DAYS)
    rng = np.random.default_rng(2026)
    noise: Noise = plant(clean, rng, days=DAYS)
    source = open_school()
    deliver(clean, source_id=source)
    without = api.training_rows()
    targets = held_out(without)
    derive_to_here("quality", now=END)
    accused = LearnerQuality.objects.filter(weight=0).count()

    deliver(noise.events, source_id=source)
    deliver(noise.crawled, source_id=source, crawler=True)
    unjudged = api.training_rows()
    derive_to_here("quality", now=END)
    judged = api.training_rows()

    robots = set(
        LearnerQuality.objects.filter(weight=0, learner_id__in=Learner.objects.filter(kind="real")
            .values("learner_id")).values_list("learner_id", flat=True)
    )  # fmt: skip
    told = {
        "programs": score(set(robots), numbers(noise.programs)),
        "test accounts": score(
            set(Learner.objects.filter(kind="test").values_list("learner_id", flat=True)),
            numbers(noise.tests),
        ),
        "accidental clicks": score(
            found_slips(),
            {(api.find_learner(name), at, course) for name, at, course in noise.slips},
        ),
    }
    reached = {
        "clean": ndcg(without, targets),
        "noise, judged": ndcg(judged, targets),
        "noise, as it came": ndcg(unjudged, targets),
    }
    with capsys.disabled():
        print_table(
            len(clean),
            noise,
            told,
            reached,
            [len(r.course_ids) for r in (without, judged, unjudged)],
        )

    assert accused == 0
    for precision, recall in told.values():
        assert (precision >= GOOD_ENOUGH, recall >= GOOD_ENOUGH) == (True, True)
    assert abs(reached["noise, judged"] / reached["clean"] - 1) <= WITHIN


def test_a_program_that_keeps_a_persons_pace_is_not_found() -> None:
    """The limit of rules about pace: it is written down in docs/quality.md, and held here."""
    source, rng = open_school(), np.random.default_rng(4)
    deliver(
        [
            event
            for number in range(20)
            for event in patient(f"y-{number}", END.replace(day=2), rng)
        ],
        source_id=source,
    )
    derive_to_here("quality", now=END)
    assert LearnerQuality.objects.filter(weight=0).count() == 0


def print_table(
    events: int,
    noise: Noise,
    told: dict[str, tuple[float, float]],
    reached: dict[str, float],
    rows: list[int],
) -> None:
    planted = (len(noise.programs), len(noise.tests), len(noise.slips))
    print(f"\n{events:,} events of {PEOPLE} people over {DAYS} days")  # noqa: T201
    for (what, (precision, recall)), n in zip(told.items(), planted, strict=True):
        print(f"| {what} | {n} | {precision:.1%} | {recall:.1%} |")  # noqa: T201
    for (what, value), n in zip(reached.items(), rows, strict=True):
        print(f"| {what} | {n:,} | {value:.4f} |")  # noqa: T201
