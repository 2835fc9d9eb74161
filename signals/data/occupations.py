"""What does an occupation ask for? (L1; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OccupationInfo:
    """One occupation; `skills` maps what it asks for to a weight above 0."""

    key: str
    title: str
    skills: Mapping[str, float]
    known_as: str = ""  # the title that was found, where it is another one
