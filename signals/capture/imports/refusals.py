"""L1: what of a file was not taken, and why? Counted by reason, with the first examples."""

from dataclasses import dataclass, field

EXAMPLES = 5
EXAMPLE_LENGTH = 120


@dataclass(slots=True)
class _Reason:
    count: int = 0
    examples: list[dict[str, object]] = field(default_factory=list)


@dataclass(slots=True)
class Refusals:
    """Refused rows and parts of rows by reason."""

    _reasons: dict[str, _Reason] = field(default_factory=dict)

    def add(self, reason: str, *, row: int, value: object = "", count: int = 1) -> None:
        """Count a refusal; `row` counts from 1, the header aside."""
        entry = self._reasons.setdefault(reason, _Reason())
        entry.count += count
        if len(entry.examples) < EXAMPLES:
            entry.examples.append({"row": row, "value": str(value)[:EXAMPLE_LENGTH]})

    def total(self) -> int:
        """Return how many there are."""
        return sum(entry.count for entry in self._reasons.values())

    def report(self) -> list[dict[str, object]]:
        """Return the reasons, most frequent first."""
        return [
            {"reason": reason, "count": entry.count, "examples": entry.examples}
            for reason, entry in sorted(self._reasons.items(), key=lambda pair: -pair[1].count)
        ]
