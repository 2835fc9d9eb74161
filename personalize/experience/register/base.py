"""What is written of a feature in the register? (L5; the form, without any feature)"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Risk(StrEnum):
    """How the EU AI Act (2024/1689) would treat a feature, taken strictly where it is arguable."""

    HIGH = "high"  # Annex III, 3: it evaluates learning, or steers it by what was evaluated
    LIMITED = "limited"  # Art. 50: people must be able to tell what they are dealing with
    MINIMAL = "minimal"  # neither


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature; what it is for and who can step in are texts that learners read too.

    covers: what runs as part of it: "surface:KEY", "agent:KEY", "backend:KEY", "member:KEY" and
    "proposes:MODULE" of personalize.agents. What no feature covers is shown as undeclared.
    """

    key: str
    title: "StrPromise"
    purpose: "StrPromise"
    oversight: "StrPromise"
    risk: Risk
    why: str  # it is of this class
    kinds: tuple[str, ...]  # of signals, as the contract names them
    beside: str  # what else it uses
    readers: str
    switch: str  # the flag that closes it for everybody, at once; empty: the switch of its agent
    covers: tuple[str, ...]
    surface: str = ""  # key of the experiment's surface that opens it; empty for none
    agent: str = ""  # key under which a language model is chosen for it
    learns: bool = False  # its numbers come from the trained model that serves
