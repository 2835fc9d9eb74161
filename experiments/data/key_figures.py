"""What are the key figures of the product, against the comparison group? (measurement; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FEW, UNEVEN = "few", "uneven"  # why a figure is not shown


@dataclass(frozen=True, slots=True)
class KeyLift:
    """A key figure of those who take part beside the permanent comparison group.

    share is the difference as a share of the group's level, with a 95% interval; held and others
    are learners, rounded to 5. Where `why` is set there is no number.
    """

    metric: str
    until: datetime
    held: int = 0
    others: int = 0
    held_level: float = 0.0
    level: float = 0.0
    share: float = 0.0
    low: float = 0.0
    high: float = 0.0
    reading: str = "not clear"  # better, worse, not clear
    why: str = ""  # FEW, UNEVEN


@dataclass(frozen=True, slots=True)
class KeyTarget:
    """What is wanted of a figure, and who answers for it; of a key figure a lift (see above).

    target None is no target; is_usual says that nobody set one, so it is the product's own.
    """

    metric: str
    target: float | None
    owner: str = ""
    reason: str = ""
    created_by: str = ""
    created_at: datetime | None = None
    is_usual: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may be wanted of a figure: `usual` where nobody says otherwise, and what is no slip."""

    usual: float | None
    least: float
    most: float
    says: str  # to who says something else


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures people say targets of: key figures here, those of models in personalize."""

    of: str  # what they are of, in words
    kept_as: str  # before the name of each in the table
    action: str  # in the ledger
    wanted: Mapping[str, Wanted]
