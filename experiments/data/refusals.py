"""Why is something refused, and what is there to do about it? (measurement; pure)"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a launch check does not let a plan start; pages show it as it is."""

    gate: str
    title: str
    detail: str  # a sentence that says what to change
    evidence: Mapping[str, object] = field(default_factory=dict)


class ExperimentRefusedError(Exception):
    """A step an experiment may not take; the text says why and what to do next."""

    def __init__(self, message: str, *, findings: tuple[Finding, ...] = ()) -> None:
        """Keep the findings of the gates, where gates refused."""
        super().__init__(message)
        self.findings = findings
