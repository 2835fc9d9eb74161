"""What does one learner get from the experiments there are? (measurement; pure)"""

from dataclasses import dataclass
from enum import IntEnum


class Team(IntEnum):
    """Whose an item of a drafted list is; written into logs, never renumbered."""

    BOTH = 0  # what both rankers begin with belongs to neither
    CONTROL = 1
    VARIANT = 2


@dataclass(frozen=True, slots=True)
class Drafted:
    """One list of two rankers; `teams` says whose each item is."""

    items: tuple[int, ...]
    teams: tuple[Team, ...]


@dataclass(frozen=True, slots=True)
class Drafting:
    """The running experiment that wants a learner's list drafted from two rankers."""

    experiment_id: int
    control: str
    variant: str
    salt: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """What the experiments decide for one learner on one surface.

    `variants` maps experiment key to variant; `holdout` is the permanent comparison group, which
    no experiment enters. `drafting` wants the list from two rankers, and `ranker` is the one that
    an experiment has shipped; empty where none has.
    """

    holdout: bool
    variants: dict[str, str]
    drafting: Drafting | None = None
    ranker: str = ""

    def variant(self, experiment: str) -> str | None:
        """Return the variant of an experiment, or None when the learner is not in it."""
        return self.variants.get(experiment)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a flag or an experiment gives a learner; reason is one of OpenFeature's."""

    key: str
    value: bool | str  # of a flag whether it is on, of an experiment the arm
    variant: str
    reason: str  # STATIC, SPLIT, DISABLED, DEFAULT
    kind: str = "flag"  # or experiment
    exposed: bool = False  # counted as shown by this answer
