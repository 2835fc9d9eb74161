"""Which backend does each agent use, and who decided that? (L5) Rows with a reason, and ledger."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from personalize.llm import addresses
from personalize.llm.registry import BACKENDS, OFFLINE
from personalize.models import AgentSetting
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_CHANGE = "admin"
DEADLINE_MS = (200, 10_000)  # a page waits for it
TOKENS = (16, 1_000)
MONEY_MOST = 1_000_000.0

# Agents that may use a language model, in words; every one works without.
AGENTS = {
    "answers": "Answers from the text of a course",
    "briefs": "The opening of a content brief",
}
# Agents that have the same switch and use none.
WITHOUT_MODEL = {"metadata": "Metadata and quality of courses"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What an agent may use."""

    on: bool = True
    backend: str = OFFLINE
    base_url: str = ""
    model: str = ""
    deadline_ms: int = 1_500
    tokens: int = 200
    price_in: float = 0.0
    price_out: float = 0.0
    cap_a_day: float = 0.0


USUAL = Setting()


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of what an agent may use."""

    setting: Setting
    reason: str
    created_by: str
    created_at: datetime


def setting(agent: str) -> Setting:
    """Return what is in force for an agent. Raises KeyError for one there is not."""
    row = AgentSetting.objects.filter(agent=_known(agent)).first()
    return _setting(row) if row else USUAL


def changes(agent: str, *, limit: int = 10) -> tuple[Changed, ...]:
    """Return the newest changes of an agent, newest first."""
    rows = AgentSetting.objects.filter(agent=_known(agent))[:limit]
    return tuple(Changed(_setting(row), row.reason, row.created_by, row.created_at) for row in rows)


def may_change(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides what agents use."""
    return MAY_CHANGE in roles


def change(actor: Actor, agent: str, wanted: Setting, *, reason: str, now: datetime) -> None:
    """Put a setting in force at once, with a ledger entry.

    Raises PermissionDenied without the role, ValidationError (by field), KeyError for an unknown
    agent.
    """
    _allowed(actor)
    _checked(_of_agent(agent, wanted) | _of_setting(wanted) | _of_reason(reason))
    with transaction.atomic():
        _put(actor, agent, _locked(agent), wanted, reason=reason, now=now)


def switch(actor: Actor, agent: str, *, on: bool, reason: str, now: datetime) -> None:
    """Switch an agent off, or on as it was; always possible, whatever became of its server.

    Raises PermissionDenied without the role, ValidationError (by field), KeyError for an unknown
    agent.
    """
    _allowed(actor)
    _checked(_of_reason(reason))
    with transaction.atomic():
        before = _locked(agent)
        if before.on != on:
            _put(actor, agent, before, replace(before, on=on), reason=reason, now=now)


def _checked(found: dict[str, str]) -> None:
    if found:
        raise ValidationError(found)


def _of_agent(agent: str, wanted: Setting) -> dict[str, str]:
    if agent in WITHOUT_MODEL and wanted.backend != OFFLINE:
        return {"backend": "This agent uses no language model."}
    return {}


def _of_reason(reason: str) -> dict[str, str]:
    return {} if reason.strip() else {"reason": "Say why: others will read it."}


def _of_setting(wanted: Setting) -> dict[str, str]:
    """Return by field what cannot work or may not be."""
    found: dict[str, str] = {}
    kind = BACKENDS.get(wanted.backend)
    if kind is None:
        found["backend"] = "Choose one of the list."
    elif kind.remote:
        found |= _of_server(wanted)
    if not DEADLINE_MS[0] <= wanted.deadline_ms <= DEADLINE_MS[1]:
        found["deadline_ms"] = (
            f"Say {DEADLINE_MS[0] / 1000:g} to {DEADLINE_MS[1] / 1000:g} seconds."
        )
    if not TOKENS[0] <= wanted.tokens <= TOKENS[1]:
        found["tokens"] = f"Say {TOKENS[0]} to {TOKENS[1]} tokens."
    for name in ("price_in", "price_out", "cap_a_day"):
        if not 0 <= getattr(wanted, name) <= MONEY_MOST:
            found[name] = "Say an amount, 0 or more."
    return found


def _of_server(wanted: Setting) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        addresses.check(wanted.base_url)
    except addresses.NotAllowedError as refusal:
        found["base_url"] = str(refusal)
    if not wanted.model.strip():
        found["model"] = "Name the model the server should use."
    priced = wanted.price_in > 0 or wanted.price_out > 0
    if priced and wanted.cap_a_day <= 0:
        found["cap_a_day"] = "What costs money needs a cap a day."
    return found


def _allowed(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM and not may_change(actor.roles):
        raise PermissionDenied("Only administrators decide which language model an agent uses.")


def _locked(agent: str) -> Setting:
    """Return what is in force; it stays so until the transaction ends."""
    row = AgentSetting.objects.select_for_update().filter(agent=_known(agent)).first()
    return _setting(row) if row else USUAL


def _put(
    actor: Actor, agent: str, before: Setting, after: Setting, *, reason: str, now: datetime
) -> None:
    AgentSetting.objects.create(
        agent=agent,
        reason=reason.strip()[:200],
        created_by=actor.name[:80],
        created_at=now,
        **asdict(after),
    )
    signals.append_ledger(
        actor=actor,
        action="agent.changed",
        subject=agent,
        detail={"before": asdict(before), "after": asdict(after), "reason": reason.strip()},
        now=now,
    )


def _known(agent: str) -> str:
    if agent not in AGENTS | WITHOUT_MODEL:
        raise KeyError(agent)
    return agent


def _setting(row: AgentSetting) -> Setting:
    return Setting(**{each.name: getattr(row, each.name) for each in fields(Setting)})
