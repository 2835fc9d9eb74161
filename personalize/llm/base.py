"""What is asked of a language model, and what may it cost? (L5) The protocol of every backend."""

from dataclasses import dataclass
from time import monotonic
from typing import Protocol

TOKENS_A_LETTER = 0.5  # more than any usual tokenizer needs: what is reserved is never too little


class BackendError(Exception):
    """A backend gave nothing that can be used: away, too slow, refused, or not understood."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is given, by who wrote it: only `instructions` are ours.

    Sources and question are quoted as data; what they ask of the model is not to be done, and
    whatever comes back is checked as if it had been.
    """

    instructions: str
    sources: tuple[str, ...]
    question: str

    @property
    def letters(self) -> int:
        """Return how long it is altogether."""
        return len(self.instructions) + len(self.question) + sum(map(len, self.sources))


@dataclass(frozen=True, slots=True)
class Budget:
    """What one answer may take."""

    deadline_s: float  # until the whole text is here
    tokens: int  # of the answer


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back, and what it took; tokens as the backend counts them."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0


class Backend(Protocol):
    """Writes a text from sources. One shared suite of tests holds for all of them."""

    name: str
    is_ai: bool  # what it writes is marked so

    def complete(self, prompt: Prompt, budget: Budget) -> Completion:
        """Return a text within the budget. Raises BackendError, and nothing else."""
        ...


class Clock:
    """How much of a deadline is left."""

    def __init__(self, seconds: float) -> None:
        """Begin to count."""
        self._until = monotonic() + seconds

    def left_s(self) -> float:
        """Return the seconds left. Raises BackendError when there are none."""
        left = self._until - monotonic()
        if left <= 0:
            raise BackendError("It took longer than its deadline.")
        return left


def most_tokens(prompt: Prompt, budget: Budget) -> tuple[int, int]:
    """Return the most tokens a call can be charged for: (of the prompt, of the answer)."""
    return int(prompt.letters * TOKENS_A_LETTER) + 64, budget.tokens
