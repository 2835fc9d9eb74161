"""People at the controls: what is a drill-down? A question, a query, a chart and its table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from controltower.access import Decision
from controltower.definitions import Definition

Cell = str | int | float | None
# How a column is written on the page; a file holds the plain value.
TEXT, COUNT, SHARE, CHANGE, POINTS, MONEY, MS, PLAIN, WHEN = (
    "text",
    "count",
    "share",
    "change",
    "points",  # between two shares
    "money",
    "ms",
    "plain",
    "when",  # a moment, kept as a file has it (ISO)
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; form is one of the above."""

    title: str
    form: str = TEXT


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was found: the figure (None: there is nothing to draw yet), its table, its answer."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    says: str  # the answer in a sentence, or why there is none yet
    figure: dict[str, Any] | None = None
    parts: Mapping[str, str] = field(default_factory=dict)  # to choose from: key -> title
    part: str = ""  # which of them this is

    @property
    def tells(self) -> bool:
        """Say whether any row has a value beside its name; else nothing is drawn or listed."""
        return any(cell is not None and cell != "" for row in self.rows for cell in row[1:])


@dataclass(frozen=True, slots=True)
class Drilldown:
    """One chart of the tower; read(part, now) reads rollups, registries and logs, never events."""

    question: str
    may: Decision
    read: Callable[[str, datetime], Drawn]
    definition: Definition  # its key is the address, its title the heading

    @property
    def key(self) -> str:
        """Return the address."""
        return self.definition.key

    @property
    def title(self) -> str:
        """Return the heading."""
        return self.definition.title
