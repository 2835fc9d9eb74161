"""Which kind of signal is a verb of xAPI? (L1; pure)"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewVerbRule:
    """Which kind statements with a verb become; with an empty one they are known and not kept."""

    verb: str
    activity_type: str  # empty: of every type that has no rule of its own
    kind: str
    take_in: bool = False  # what came before the rule and waits, too


@dataclass(frozen=True, slots=True)
class VerbRuleRow:
    """A rule in force."""

    verb: str
    activity_type: str
    kind: str
    taking_in: bool


@dataclass(frozen=True, slots=True)
class UnmappedRow:
    """A verb that no rule knows and ten learners used, and in how many statements it came."""

    verb: str
    activity_type: str
    statements: int
    by_source: tuple[tuple[str, int], ...]  # title, statements; most first
    last_at: datetime


@dataclass(frozen=True, slots=True)
class HiddenVerbs:
    """Verbs of a source that fewer than ten learners used: counted, and not told."""

    source: str
    verbs: int
    statements: int | None  # rounded to 5; None for fewer than ten


@dataclass(frozen=True, slots=True)
class VerbPreview:
    """What a rule would make of the newest statements that can still be read.

    Counts are rounded to 5, and None where fewer than ten learners used the verb in them: a verb
    may be an address that names one.
    """

    looked_at: int
    matched: int | None
    becomes: int | None = None  # events of the kind
    lacking: int | None = None  # would count as platform.used: they lack what the kind needs
    unusable: int | None = None  # name no single learner, or a course the catalogue does not know
    waiting: int | None = None  # of all sources: would be taken in
