"""How sure is a share, and the difference of two? (L3, pure) 95% intervals of counts.

Wilson (1927) for one share, Newcombe (1998, method 10) for the difference of two.
"""

from math import sqrt

Z = 1.959963984540054


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the least and greatest share that `hits` of `n` leave likely; 0..1 of nothing."""
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def difference(hits: int, n: int, other_hits: int, other_n: int) -> tuple[float, float]:
    """Return the least and greatest difference of two shares, the first minus the other."""
    if n == 0 or other_n == 0:
        return -1.0, 1.0
    low, high = wilson(hits, n)
    other_low, other_high = wilson(other_hits, other_n)
    share, other = hits / n, other_hits / other_n
    return (
        share - other - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        share - other + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )
