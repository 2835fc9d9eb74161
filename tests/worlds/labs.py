"""A world from its first day to the end of an experiment, for one seed."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.lab import days
from demo.lab.days import Lab
from experiments.stats.verdict import ROLL_BACK, SHIP
from tests.worlds import experiment
from tests.worlds.experiment import LOOKS, Look
from tests.worlds.product import Product


@dataclass(frozen=True, slots=True)
class Played:
    """What an experiment came to; it ends where what may not fall did."""

    looks: tuple[Look, ...]
    stopped: int | None  # day of the experiment on which the daily watch stopped it
    last: Look  # as of the end, whenever that was

    @property
    def halted(self) -> bool:
        """Say whether the rollout ended before anybody could ship: by the watch, or by a look."""
        first = next((look for look in self.looks if look.verdict in {SHIP, ROLL_BACK}), None)
        return first.verdict == ROLL_BACK if first else self.stopped is not None

    @property
    def shipped(self) -> bool:
        """Say whether a look said to ship."""
        return any(look.verdict == SHIP for look in self.looks)

    @property
    def shown(self) -> bool:
        """Say whether a look showed a lift of clicks that cost nothing."""
        return not self.halted and any(look.better for look in self.looks)

    @property
    def clicked_more(self) -> bool:
        """Say whether clicks rose, whatever it cost."""
        return self.last.better


def the_product(lab: Lab, seed: int) -> Product:
    """Return the product before it knows anybody."""
    plan = experiment.the_plan(seed)
    return Product(lab.courses, lab.people.n, plan, first_id=1 + seed * 1_000_000)


def play(
    truth: str,
    *,
    seed: int,
    learners: int,
    quiet: int,
    made: Callable[[Lab, int], Product] = the_product,
) -> Played:
    """Play a world: so many days without the product, then the experiment to its last look.

    The product trains when the experiment begins; what learners do from then on reaches it with
    their histories.
    """
    lab = days.begin(truth, n=learners, days=quiet + LOOKS[-1], seed=seed)
    product = made(lab, seed)
    for day in range(quiet):
        product.take(days.live(lab, None), day)
    product.learn(seed=seed)
    looks: list[Look] = []
    for passed in range(LOOKS[-1]):
        product.take(days.live(lab, product), quiet + passed)
        today = passed + 1
        if experiment.fell(product, start=quiet, day=today):
            number = next(number for number, day in enumerate(LOOKS) if today <= day)
            last = experiment.look(product, number, start=quiet, day=today)
            return Played(tuple(looks), today, last)
        if today in LOOKS:
            looks.append(experiment.look(product, LOOKS.index(today), start=quiet, day=today))
            if looks[-1].verdict == ROLL_BACK:
                break
    return Played(tuple(looks), None, looks[-1])
