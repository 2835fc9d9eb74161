"""Too few signals: what follows from the stated goal and interests? (L4)

The policy adds goal and interests by itself; what history there is counts less than a full one,
in proportion to how much of it there is.
"""

SIGNALS_ENOUGH = 3  # courses of history from which the model is trusted alone
THIN_HISTORY = 0.5  # what a history one course short of enough counts


def applies(signals: int) -> bool:
    """Say whether there is too little history for the model alone."""
    return signals < SIGNALS_ENOUGH


def trust(signals: int) -> float:
    """Return the share of its usual weight that a history this thin has."""
    return 1.0 if not applies(signals) else THIN_HISTORY * signals / (SIGNALS_ENOUGH - 1)


def can_start(*, signals: int, goal: str, interests: tuple[str, ...]) -> bool:
    """Say whether there is anything to start from; else the list is the popular one."""
    return bool(signals or goal or interests)
