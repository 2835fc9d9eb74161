"""Too few signals: what follows from the stated goal and interests? (L4)

The policy adds goal and interests by itself, and fusion.trust says how much of a say what history
there is has beside them.
"""

SIGNALS_ENOUGH = 3  # courses of history from which a list is said to be the model's


def applies(signals: int) -> bool:
    """Say whether there is too little history for the model alone."""
    return signals < SIGNALS_ENOUGH


def can_start(*, signals: int, goal: str, interests: tuple[str, ...]) -> bool:
    """Say whether there is anything to start from; else the list is the popular one."""
    return bool(signals or goal or interests)
