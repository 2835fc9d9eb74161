"""People at the controls: what is an alert? A rule that looks, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

BAD, WARN = "bad", "warn"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a rule found; about tells it from others of the same rule."""

    title: str
    detail: str
    about: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked at every minute. BAD is told by e-mail and webhook too, WARN on pages only."""

    key: str
    title: str
    level: str
    page: str  # name of the tower's address where it is looked into
    part: str  # key of access.PAGES: who may see it
    find: Callable[[datetime], Iterable[Found]]
