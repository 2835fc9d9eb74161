"""How much of what a source sends carries what it must? (L2, pure)"""

from collections.abc import Mapping

LEAST = 10  # events in all; a share of fewer says nothing
# Codes of refusals of events that lack what their kind requires, or hold something else there.
INCOMPLETE = frozenset(
    {
        "course_required",
        "invalid_context",
        "invalid_field",
        "invalid_statement",
        "invalid_text",
        "module_required",
        "value_required",
    }
)


def complete_share(stored: int, refused: Mapping[str, int]) -> float | None:
    """Return which share of the events carried every required field; None of fewer than ten.

    `refused` is how many events were refused with each code; what is refused for another reason
    carried its fields.
    """
    lacking = sum(count for code, count in refused.items() if code in INCOMPLETE)
    whole = stored + sum(refused.values()) - lacking
    return whole / (whole + lacking) if whole + lacking >= LEAST else None
