"""Which features and agents run, who answers for them, and how are they switched?"""

from collections.abc import Collection
from datetime import date, datetime

from personalize.experience import agents as agents_seen
from personalize.experience.agents import AgentState
from personalize.experience.register import duties as register_duties
from personalize.experience.register import running as register_running
from personalize.experience.register.running import Entry as RegisterEntry
from personalize.llm import addresses as llm_addresses
from personalize.llm import choice as agent_choice
from personalize.llm.choice import Setting as AgentChoice
from signals.data import Actor

__all__ = [
    "AgentChoice",
    "AgentState",
    "RegisterEntry",
    "agent_addresses",
    "agent_backends",
    "agents",
    "assign_feature",
    "may_answer_features",
    "may_set_agents",
    "may_switch_features",
    "register_entries",
    "register_undeclared",
    "set_agent",
    "switch_agent",
    "switch_feature",
]


def may_set_agents(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides which language model an agent uses."""
    return agent_choice.may_change(roles)


def agents(*, now: datetime) -> tuple[AgentState, ...]:
    """Return every agent that may use a language model, what it may spend and what it spent."""
    return agents_seen.told(now=now)


def agent_backends() -> tuple[tuple[str, str], ...]:
    """Return what agents can be given: (key, words)."""
    return agents_seen.backends()


def agent_addresses() -> tuple[str, ...]:
    """Return the addresses language models may stand at, as an operator listed them."""
    return llm_addresses.listed()


def set_agent(actor: Actor, agent: str, wanted: AgentChoice, *, reason: str, now: datetime) -> None:
    """Say what an agent may use from now on; PermissionDenied, ValidationError, KeyError."""
    agent_choice.change(actor, agent, wanted, reason=reason, now=now)


def switch_agent(actor: Actor, agent: str, *, on: bool, reason: str, now: datetime) -> None:
    """Switch an agent off or on; PermissionDenied, ValidationError (by field), KeyError."""
    agent_choice.switch(actor, agent, on=on, reason=reason, now=now)


def register_entries(*, now: datetime) -> tuple[RegisterEntry, ...]:
    """Return every feature that chooses or says something, as it runs."""
    return register_running.entries(now=now)


def register_undeclared() -> tuple[str, ...]:
    """Return what runs and stands in no feature of the register."""
    return register_running.undeclared()


def may_answer_features(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles says who answers for a feature."""
    return register_duties.may_answer(roles)


def may_switch_features(roles: Collection[str], *, off: bool) -> bool:
    """Say whether somebody with these roles may close a feature, or open it again."""
    return register_duties.may_switch(roles, off=off)


def assign_feature(
    actor: Actor, feature: str, *, owner: str, review_by: date, reason: str, now: datetime
) -> None:
    """Say who answers for a feature; PermissionDenied, ValidationError (by field), KeyError."""
    register_duties.assign(actor, feature, owner=owner, review_by=review_by, reason=reason, now=now)


def switch_feature(actor: Actor, feature: str, *, off: bool, reason: str, now: datetime) -> bool:
    """Close a feature at once, or open it; False where it stands so. Errors as `assign_feature`."""
    return register_duties.switch(actor, feature, off=off, reason=reason, now=now)
