"""What do staff see of agents? (L5) What each may use, whether it can, and what it spent."""

from dataclasses import dataclass
from datetime import datetime

from experiments import api as experiments
from personalize.experience.surfaces import SURFACES
from personalize.llm import addresses, choice, spending
from personalize.llm.choice import Changed, Setting
from personalize.llm.registry import BACKENDS
from personalize.llm.spending import Spent


@dataclass(frozen=True, slots=True)
class AgentState:
    """One agent as it is in force."""

    key: str
    title: str
    models: bool  # it may use a language model
    setting: Setting
    remote: bool  # it asks a server
    problem: str  # why that server is not asked any more; empty where nothing keeps it from it
    off_switch: str  # the switch that closes its surface for everybody; empty: only staff see it
    closed: bool  # by that switch
    changes: tuple[Changed, ...]  # newest first
    week: tuple[Spent, ...]  # seven days in UTC, today first

    @property
    def calls(self) -> int:
        """Return how often it asked a server in the week."""
        return sum(day.calls for day in self.week)

    @property
    def failures(self) -> int:
        """Return how many of those calls gave nothing."""
        return sum(day.failures for day in self.week)

    @property
    def cost(self) -> float:
        """Return what the week cost, in the deployment's money."""
        return sum(day.cost for day in self.week)


def told(*, now: datetime) -> tuple[AgentState, ...]:
    """Return every agent with a switch, those that may use a language model first."""
    every = choice.AGENTS | choice.WITHOUT_MODEL
    return tuple(_told(key, title, now=now) for key, title in every.items())


def backends() -> tuple[tuple[str, str], ...]:
    """Return what agents can be given: (key, words)."""
    return tuple((key, kind.sentence) for key, kind in BACKENDS.items())


def _told(key: str, title: str, *, now: datetime) -> AgentState:
    surface = SURFACES.get(key)  # none: only staff see what it writes
    setting, switch = choice.setting(key), surface.off_switch if surface else ""
    remote = BACKENDS[setting.backend].remote
    return AgentState(
        key=key,
        title=title,
        models=key in choice.AGENTS,
        setting=setting,
        remote=remote,
        problem=_problem(setting) if remote else "",
        off_switch=switch,
        closed=bool(switch) and experiments.on_for_everybody(switch),
        changes=choice.changes(key),
        week=spending.week(key, now=now),
    )


def _problem(setting: Setting) -> str:
    try:
        addresses.check(setting.base_url)
    except addresses.NotAllowedError as refusal:
        return str(refusal)
    return ""
