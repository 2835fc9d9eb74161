"""How do the cases of a file of vectors come out? Counted by section, failures and skips named."""

from collections.abc import Mapping
from dataclasses import dataclass, field

VERDICTS = ("passed", "failed", "skipped")


@dataclass
class Report:
    """What came out, by section."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    by_section: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    skipped_because: dict[str, str] = field(default_factory=dict)  # section -> reason

    def judge(self, section: str, name: str, *, found: object, wanted: object) -> None:
        """Count a case: passed where what was found equals what was wanted."""
        reason = "" if found == wanted else f"{found!r}, not {wanted!r}"
        self.add(section, name, reason=reason)

    def add(self, section: str, name: str, *, reason: str) -> None:
        """Count a case: passed where there is no reason why it failed."""
        self._count(section, "failed" if reason else "passed")
        if reason:
            self.failures.append({"id": section, "title": name, "reason": reason[:500]})

    def skip(self, section: str, cases: int, *, reason: str) -> None:
        """Count cases that are out of scope, and say why."""
        self._count(section, "skipped", cases)
        self.skipped_because[section] = reason

    def _count(self, section: str, verdict: str, cases: int = 1) -> None:
        setattr(self, verdict, getattr(self, verdict) + cases)
        self.by_section.setdefault(section, dict.fromkeys(VERDICTS, 0))[verdict] += cases


def difference(found: Mapping[str, object], wanted: Mapping[str, object], *, within: float) -> str:
    """Return the first figure that is further off than `within` (absolute or relative), or ''."""
    for name, expected in wanted.items():
        if name not in found:
            return f"{name} is not computed"
        pairs = zip(_flat(found[name]), _flat(expected), strict=True)
        for got, want in pairs:
            if not abs(got - want) <= within * max(1.0, abs(want)):
                return f"{name}: {found[name]!r}, not {expected!r}"
    return ""


def _flat(value: object) -> list[float]:
    if isinstance(value, (list, tuple)):
        return [float(one) for one in value]
    return [float(value)]  # type: ignore[arg-type]
