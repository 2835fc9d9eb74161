"""What has an agent spent today, and may it go on? (L5) Reserved before a call, settled after it.

Reserving means that many processes together stay below the cap: whoever asks takes the most a call
can cost off what is left, and gives back what it did not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from personalize.llm.base import BackendError, Budget, Completion, Prompt, most_tokens
from personalize.llm.choice import Setting
from personalize.models import AgentDay

WEEK = 7
MILLION = 1_000_000  # tokens a price is of, and parts of the money a cost is counted in


class SpentError(BackendError):
    """The cap of the day leaves too little for another call."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """What was taken off the day's money for one call."""

    agent: str
    day: date
    millionths: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What an agent asked for on one day."""

    day: date
    calls: int
    failures: int
    tokens_in: int
    tokens_out: int
    cost: float


def reserve(
    agent: str, chosen: Setting, prompt: Prompt, budget: Budget, *, now: datetime
) -> Reserved:
    """Take the most a call can cost off the day. Raises SpentError where too little is left."""
    day = now.astimezone(UTC).date()
    most = cost(chosen, *most_tokens(prompt, budget))
    with transaction.atomic():
        AgentDay.objects.bulk_create([AgentDay(agent=agent, day=day)], ignore_conflicts=True)
        row = AgentDay.objects.select_for_update().get(agent=agent, day=day)
        if most and row.cost_millionths + most > round(chosen.cap_a_day * MILLION):
            raise SpentError("The money of the day is spent.")
        row.cost_millionths += most
        row.calls += 1
        row.save(update_fields=["cost_millionths", "calls"])
    return Reserved(agent, day, most)


def settle(reserved: Reserved, chosen: Setting, came: Completion | None) -> None:
    """Write down what a call took; nothing is given back where nobody said what it was."""
    told = came is not None and came.tokens_in + came.tokens_out > 0
    tokens = (came.tokens_in, came.tokens_out) if came is not None else (0, 0)
    owed = cost(chosen, *tokens) if told else reserved.millionths
    AgentDay.objects.filter(agent=reserved.agent, day=reserved.day).update(
        cost_millionths=F("cost_millionths") + owed - reserved.millionths,
        failures=F("failures") + int(came is None),
        tokens_in=F("tokens_in") + tokens[0],
        tokens_out=F("tokens_out") + tokens[1],
    )


def cost(chosen: Setting, tokens_in: int, tokens_out: int) -> int:
    """Return what so many tokens cost, in millionths of the money, never too little."""
    exact = tokens_in * chosen.price_in + tokens_out * chosen.price_out
    return int(exact) + (exact > int(exact))


def days(agent: str, *, limit: int = WEEK) -> tuple[Spent, ...]:
    """Return the newest days on which an agent called, newest first."""
    rows = AgentDay.objects.filter(agent=agent).order_by("-day")[:limit]
    return tuple(
        Spent(
            row.day,
            row.calls,
            row.failures,
            row.tokens_in,
            row.tokens_out,
            row.cost_millionths / MILLION,
        )
        for row in rows
    )


def week(agent: str, *, now: datetime) -> tuple[Spent, ...]:
    """Return the last seven days in UTC, today first; a day without a call has zeros."""
    today = now.astimezone(UTC).date()
    known = {spent.day: spent for spent in days(agent)}
    return tuple(
        known.get(day, Spent(day, 0, 0, 0, 0, 0.0))
        for day in (today - timedelta(days=ago) for ago in range(WEEK))
    )
