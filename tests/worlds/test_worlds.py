"""Does the product find what there is to find, nothing where there is nothing, and stop harm?

Worlds whose truth is known and no model's: `demo/lab`. What the product does here are its own
functions on arrays (`product.py`); the figures are in docs/proofs.md.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from demo.lab import days
from demo.lab.courses import Ints
from demo.lab.days import SHOWN, Lab
from demo.lab.events import NONE
from demo.lab.truths import RIVALS, TRUTHS
from experiments.stats.verdict import SHIP
from signals.data import Touch
from tests.worlds.labs import Played, play, the_product
from tests.worlds.product import Product

QUIET = 45
LEARNERS = dict.fromkeys(TRUTHS, 600) | {"clickbait": 1_000}  # harm is told by modules
SEEDS, RIVAL_SEEDS = 20, 3
NOT_SHOWN_LEAST = 0.95
FEW, SHORT = 240, 16  # in the suite


class Guided(Product):
    """Shows the variant what the truth says they want most, and everybody else anything."""

    lab: Lab

    def learn(self, *, seed: int) -> None:
        """Learn nothing: this one knows."""
        self.rng = np.random.default_rng(seed)

    def __call__(self, who: Ints, second: NDArray[np.float64], day: int) -> Ints:
        """Answer with what is liked most, or with anything."""
        goal = self.lab.people.goals[who, 0]
        liked = self.wanted(who, goal)
        anything = self.rng.random(liked.shape)
        order = np.argsort(-np.where(self.arms[who, None], liked, anything), axis=1)
        return order[:, :SHOWN]

    def wanted(self, who: Ints, goal: Ints) -> NDArray[np.float64]:
        """Return how much each would like each course."""
        truth = TRUTHS[self.lab.truth]
        return truth(self.lab.people, self.courses, who, goal, self.rng)


class Baited(Guided):
    """Shows the variant what they cannot pass by."""

    def wanted(self, who: Ints, goal: Ints) -> NDArray[np.float64]:
        """Return what glitters."""
        own = self.courses.field == self.lab.people.flavour[who, None]
        found: NDArray[np.float64] = (own & self.courses.short).astype(np.float64)
        return found


def guided(lab: Lab, seed: int) -> Product:
    return _knowing(Guided, lab, seed)


def baited(lab: Lab, seed: int) -> Product:
    return _knowing(Baited, lab, seed)


def _knowing(kind: type[Guided], lab: Lab, seed: int) -> Product:
    plain = the_product(lab, seed)
    made = kind(plain.courses, plain.learners, plain.plan, plain.first_id)
    made.lab = lab
    return made


def test_a_list_that_knows_what_people_want_is_shown_to_lift() -> None:
    found = play("goal-driven", seed=1, learners=400, quiet=10, made=guided)
    assert found.shown
    assert found.looks[-1].clicks.low > 0
    assert found.looks[-1].verdict == SHIP


def test_a_list_of_bait_is_stopped_by_what_it_costs() -> None:
    found = play("clickbait", seed=1, learners=400, quiet=10, made=baited)
    assert found.halted
    assert not found.shown
    assert found.clicked_more


@pytest.fixture(scope="module")
def trained() -> Product:
    """A small world after the first night of training."""
    lab = days.begin("goal-driven", n=FEW, days=SHORT, seed=1)
    product = the_product(lab, 1)
    for day in range(SHORT):
        product.take(days.live(lab, None), day)
    product.learn(seed=1)
    return product


def test_the_model_answers_its_arm_and_what_most_take_answers_the_other(trained: Product) -> None:
    who = np.flatnonzero(trained.touch.any(axis=1))
    lists = trained(who, np.full(len(who), 40_000.0), SHORT)
    own, others = lists[trained.arms[who]], lists[~trained.arms[who]]
    assert (lists != NONE).all()
    assert others.tolist() == [trained.generic(one) for one in who[~trained.arms[who]]]
    assert len({tuple(one) for one in own.tolist()}) > len(own) / 2


def test_no_list_holds_what_somebody_is_in_or_has_done(trained: Product) -> None:
    who = np.flatnonzero(trained.touch.any(axis=1))
    lists = trained(who, np.full(len(who), 40_000.0), SHORT)
    taken = np.isin(trained.touch[who], (Touch.ENROLLED, Touch.COMPLETED))
    assert taken.any()
    assert not np.take_along_axis(taken, lists, axis=1).any()


def row(truth: str, seed: int, found: Played) -> str:
    """Return a run as a line of the table."""
    last = found.last
    said = "shown" if found.shown else "not shown"
    ended = f"stopped on day {found.stopped}" if found.stopped else found.looks[-1].verdict
    return f"| {truth} | {seed} | {last.clicks} | {last.modules} | {said} | {ended} |"


def played(truth: str, seeds: int, capsys: pytest.CaptureFixture[str]) -> list[Played]:
    """Play a world by so many seeds and print what each came to."""
    found = []
    for seed in range(1, seeds + 1):
        found.append(play(truth, seed=seed, learners=LEARNERS[truth], quiet=QUIET))
        with capsys.disabled():
            print(row(truth, seed, found[-1]), flush=True)  # noqa: T201  what is asked for
    return found


@pytest.mark.prove
@pytest.mark.parametrize("truth", RIVALS)
def test_where_knowing_somebody_helps_the_lift_is_shown(
    truth: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert all(found.shown for found in played(truth, RIVAL_SEEDS, capsys))


@pytest.mark.prove
def test_where_nothing_can_help_no_lift_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found = played("null", SEEDS, capsys)
    assert sum(not one.shown for one in found) >= NOT_SHOWN_LEAST * SEEDS


@pytest.mark.prove
def test_clicks_that_cost_progression_are_rolled_back_every_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = played("clickbait", SEEDS, capsys)
    assert not any(one.shipped for one in found)
    assert all(one.halted for one in found)
