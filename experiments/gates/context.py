"""What does a launch check see? The plan, its off-switch and the surfaces there are."""

from collections.abc import Callable
from dataclasses import dataclass

from experiments.data import Finding, Plan


@dataclass(frozen=True, slots=True)
class Taken:
    """The part of the plan's namespace that another experiment holds."""

    key: str
    hash: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Reach:
    """What the days behind say of a plan, in learners of each arm."""

    reached: int  # in as many days as it runs
    needed: int  # for its effect, as learners were seen to differ


def _nothing() -> None:
    """Stand for a platform of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Context:
    """The experiment that wants to start."""

    plan: Plan
    switch: str  # name of the flag that can switch it off
    switch_exists: bool
    surfaces: tuple[str, ...]  # keys of those the product has
    taken: tuple[Taken, ...] = ()
    rankers: tuple[str, ...] = ()  # by which lists can be ordered
    ranker: str = ""  # by which the list of the plan's surface is ordered today
    ordered_by: tuple[str, ...] = ()  # experiments that decide that list already
    models: tuple[str, ...] = ()  # arms of the live model and of its challenger; none without one
    reach: Callable[[], Reach | None] = _nothing  # takes a while: asked by the last gates alone


Gate = Callable[[Context], Finding | None]
