"""Which counts of people may be shown? The one rule for every learner-derived cell (L2, pure)."""

K = 10  # fewer learners than this are never shown, in any cell
STEP = 5  # what is shown is rounded to this, so that two pages cannot be subtracted to one person


def publishable(learners: int) -> int | None:
    """Return the count rounded to the nearest 5, or None when it stands for fewer than 10."""
    return rounded(learners) if learners >= K else None


def rounded(count: int) -> int:
    """Return a count as it is shown, to the nearest 5."""
    return STEP * round(count / STEP)
