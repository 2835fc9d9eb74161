"""What follows from how each kind of learner fares in an arm? The same for every guardrail (pure).

Beyond a bound is not enough: what was so without the variant is said, and not laid at its door.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from experiments.data import Holding
from experiments.stats.verdict import ROLL_BACK


class Judged(Protocol):
    """One kind of learner in the variant beside the control."""

    @property
    def title(self) -> str:
        """Return who they are, as a sentence begins with them."""

    @property
    def by_arm(self) -> Mapping[str, float | None]:
        """Return what was found of each arm, to be kept."""

    def beyond(self, *, alpha: float) -> bool:
        """Say whether the variant is shown to be beyond the bound."""

    def further(self, *, alpha: float) -> bool:
        """Say whether it is shown to be further off than the control."""


Kind = TypeVar("Kind", bound=Judged)


@dataclass(frozen=True, slots=True)
class Words:
    """How a guardrail says what it found; `advice` tells what to do where the variant is to blame.

    `nothing` is said where nobody is shown to be beyond the bound, `nobody` where none were judged.
    """

    key: str
    title: str
    advice: str
    nothing: str
    nobody: str


def judge(
    kinds: Sequence[Kind],
    words: Words,
    *,
    alpha: float,
    said: Callable[[Sequence[Kind]], str],
) -> Holding:
    """Return what a guardrail says of all kinds of learners, who share its alpha."""
    each_alpha = alpha / max(len(kinds), 1)
    beyond = [kind for kind in kinds if kind.beyond(alpha=each_alpha)]
    blamed = [kind for kind in beyond if kind.further(alpha=each_alpha)]
    evidence = {kind.title: kind.by_arm for kind in kinds}
    if blamed:
        return Holding(
            words.key,
            words.title,
            ok=False,
            says=f"{said(blamed)} {words.advice}",
            verdict=ROLL_BACK,
            evidence=evidence,
        )
    says = words.nothing if kinds else words.nobody
    if beyond:
        says = f"{said(beyond)} The variant is not shown to have caused it; look into it."
    return Holding(words.key, words.title, ok=True, says=says, evidence=evidence)
