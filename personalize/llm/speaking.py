"""How does an agent come by words? (L5) The conductor: what is chosen, the budget, the call.

Nobody waits for a server that failed a moment ago: for half a minute its agent does without.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from personalize.llm import spending
from personalize.llm.base import BackendError, Budget, Completion, Prompt
from personalize.llm.choice import Setting, setting
from personalize.llm.registry import BACKENDS, create

REST_S = 30  # seconds without a call after a failure
_AWAY = "llm-away:"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a language model wrote; unchecked."""

    text: str
    by: str  # the model, as an operator named it


class SilentError(Exception):
    """The agent was meant to have a language model, and has none just now."""


def is_on(agent: str) -> bool:
    """Say whether an agent is switched on at all."""
    return setting(agent).on


def speak(agent: str, prompt: Prompt, *, now: datetime) -> Spoken | None:
    """Return what the agent's language model writes, None where it is to do without one.

    Raises:
        SilentError: away, too slow, or its money is spent.
    """
    chosen = setting(agent)
    if not BACKENDS[chosen.backend].remote:
        return None
    resting = f"{_AWAY}{agent}:{chosen.base_url}"
    if cache.get(resting):
        raise SilentError
    budget = Budget(chosen.deadline_ms / 1000, chosen.tokens)
    try:
        reserved = spending.reserve(agent, chosen, prompt, budget, now=now)
    except spending.SpentError as error:
        raise SilentError from error
    came = _called(chosen, prompt, budget)
    spending.settle(reserved, chosen, came)
    if came is None:
        cache.set(resting, 1, REST_S)
        raise SilentError
    return Spoken(came.text, chosen.model)


def _called(chosen: Setting, prompt: Prompt, budget: Budget) -> Completion | None:
    backend = create(
        chosen.backend, base_url=chosen.base_url, model=chosen.model, key=settings.LLM_API_KEY
    )
    try:
        return backend.complete(prompt, budget)
    except BackendError as error:
        log.warning("A language model gave nothing: %s", error)
        return None
