"""Which of two version numbers is the later one? As GrowthBook's targeting compares them (pure)."""

import re

_DROPPED = re.compile(r"^v|\+.*$")
_SEPARATOR = re.compile(r"[-.]")
_NUMBER = re.compile(r"^[0-9]+$")
_DIGITS = 5
_AFTER_ALL_LETTERS = "~"  # a release comes after its previews


def sortable(version: object) -> str:
    """Return a text that sorts as the version does; what is no version sorts as 0."""
    if isinstance(version, (int, float)) and not isinstance(version, bool):
        version = str(version)
    if not isinstance(version, str) or not version:
        version = "0"
    parts = _SEPARATOR.split(_DROPPED.sub("", version))
    if len(parts) == 3:
        parts.append(_AFTER_ALL_LETTERS)
    return "-".join(part.rjust(_DIGITS) if _NUMBER.match(part) else part for part in parts)
