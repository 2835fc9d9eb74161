"""Which counts of people may be shown? The one rule for every learner-derived cell (L2, pure)."""

K = 10  # fewer learners than this are never shown, in any cell
STEP = 5  # what is shown is rounded to this, so that two pages cannot be subtracted to one person
MEAN_STEP = 0.1  # exact means of whole numbers give the count back, and a later one a rating


def publishable(learners: int) -> int | None:
    """Return the count rounded to the nearest 5, or None when it stands for fewer than 10."""
    return rounded(learners) if learners >= K else None


def rounded(count: int) -> int:
    """Return a count as it is shown, to the nearest 5."""
    return STEP * round(count / STEP)


def rounded_mean(mean: float) -> float:
    """Return a mean or a spread as it is shown, to the nearest tenth."""
    return round(round(mean / MEAN_STEP) * MEAN_STEP, 6)
