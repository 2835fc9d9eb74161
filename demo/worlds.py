"""Which worlds are there to play, and when does the product train while one is played? (demo)"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo import learners
from demo.state import Keeper, State
from demo.world import World

SEED = 20_260


@dataclass(frozen=True, slots=True)
class Plan:
    """A world: how many learners over how many days, and after which days the models are trained.

    In the first `quiet_days` nobody is shown recommendations. With a truth it is a lab (demo/lab).
    """

    name: str
    learners: int
    days: int
    prefix: str
    nights: tuple[int, ...]
    quiet_days: int = 0
    truth: str = ""


# Three weeks without lists, so that there are choices no list led to, which alone a model is judged
# by; then four with them. After 14, 21 and 28 days of lists the experiment is looked at.
QUICK = Plan("quick", 300, 49, "learner-", nights=(21, 28, 35, 42, 49), quiet_days=21)
# Two months of history as an LMS brings along, then the same month as the quick world.
FULL = Plan("full", 3000, 90, "member-", nights=(75, 90), quiet_days=60)


def rival(truth: str) -> Plan:
    """Return the plan of a world whose truth is one of `demo.lab.truths`.

    A month and a half of history, then the experiment that comes with the product to its last look.
    """
    return Plan(truth, 400, 73, "member-", nights=(45, 52, 59, 66, 73), quiet_days=45, truth=truth)


def begin(plan: Plan, world: World, *, end: datetime) -> State:
    """Return the world at its beginning, so that its last day ends at `end`."""
    return State(
        name=plan.name,
        seed=SEED,
        days=plan.days,
        epoch=end - timedelta(days=plan.days),
        learners=learners.population(
            world, n=plan.learners, days=plan.days, seed=SEED, prefix=plan.prefix
        ),
    )


def resume(plan: Plan, world: World, keeper: Keeper, *, end: datetime) -> State:
    """Return the world as far as it was played, or begun anew; saved either way."""
    state = keeper.load()
    if state is None:
        state = begin(plan, world, end=end)
        keeper.save(state)
    return state
