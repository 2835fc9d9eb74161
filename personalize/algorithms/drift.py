"""Is what arrives still like the weeks before? (L3, pure) Counts in five-minute steps.

A number of a window (a share, a rate, how much came) is held against the same hours one week and
two weeks before, so that nights, mornings and weekends are no news. Two questions are asked of it.
Has it moved at once? Windows of an hour and less, with the level of the six hours before taken off:
what a day has more or less than its weekday usually has stands in both. Is it another number
by now? Windows of six hours and of a day as they are.

Both must be a change that matters (DRIFT_ALERT) and one that is beyond chance. What chance does is
not assumed but read off how much earlier weeks differed from one another: counts that come in
bunches (`bunched`, a factor of the variance of a count) and levels that move (`moves`, a variance
that no number of events takes away). The second is mixed with a usual one (Smyth 2004), since two
weeks have shown few days. The limit counts every look of thirty days and every series watched.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

STEP_MINUTES: Final = 5
HOUR: Final = 12  # steps
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
SUDDEN: Final = (1, 2, HOUR)  # steps of a window, held against the hours before as well
LASTING: Final = (6 * HOUR, DAY)
WINDOWS: Final = SUDDEN + LASTING
BEFORE: Final = 6 * HOUR  # steps before a window whose level is taken off
REFERENCE: Final = 2 * WEEK
KEPT: Final = 6 * WEEK  # steps that are read: more than these teach nothing of today

DRIFT_ALERT: Final = 0.15  # relative change that matters
DRIFT_PSI: Final = 0.1  # of a whole mix
PSI_ABOVE_USUAL: Final = 10.0  # times what the two weeks before differ from one another
PSI_COUNTED: Final = 1_000  # fewer say nothing of a mix
LEAST: Final = 30.0  # bunches expected in a window; of fewer nothing is said
ALIKE: Final = 0.75  # the lesser week of the reference is at least this part of the other
FALSE_ALERTS: Final = 0.01  # expected in thirty days, over all series, windows and looks
USUAL_MOVES: Final = 0.03**2
USUAL_DAYS: Final = 10.0  # how many days of evidence the usual counts for
OUTLYING: Final = 0.3  # a difference of weeks counts as this at most (an outage is no rhythm),
OUTLYING_ERRORS: Final = 4.0  # or as so many standard errors of what usually comes
MEDIAN_OF_SQUARE: Final = 0.455  # of a standard normal
BALANCE: Final = 1e-4  # where moves and bunching tell about alike; weights of the fit
SMALLEST_SHARE: Final = 1e-4  # of a mix, so that a part nobody has makes no infinite index

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Ends = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Looks:
    """What looks at some moments found in windows of one length; arrays (looks, series)."""

    steps: int  # of the window
    change: Floats  # relative, against what was expected
    against: Floats  # the same, with no level taken off: against the same hours alone
    score: Floats  # how many standard errors
    limit: Floats  # beyond which it is no chance
    judged: Marks  # False: too little came, or too little is known of earlier weeks

    @property
    def drifted(self) -> Marks:
        """Say where a change matters and is beyond chance."""
        big = np.abs(self.change) >= DRIFT_ALERT
        kept = self.against * np.sign(self.change) >= DRIFT_ALERT / 2  # a return is no departure
        found: Marks = self.judged & big & kept & (np.abs(self.score) >= self.limit)
        return found


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over a window and over what it is held against; (steps + 1, series) each."""

    events: Floats  # running sums of the numerator
    base: Floats  # of the denominator

    def over(self, ends: Ends, steps: int) -> tuple[Floats, Floats]:
        """Return numerator and denominator of the `steps` before each end; 0 before the first."""
        begins, stops = np.maximum(ends - steps, 0), np.maximum(ends, 0)
        return self.events[stops] - self.events[begins], self.base[stops] - self.base[begins]


@dataclass(frozen=True, slots=True)
class _Noise:
    """How much chance does; (looks, series), and the evidence behind it in days."""

    bunched: Floats
    moves: Floats
    evidence: Floats  # (looks, 1)


def look(events: Floats, base: Floats, ends: Ends, *, steps: int) -> Looks:
    """Look at windows of `steps` that end before the steps `ends`.

    `events` and `base` are (steps, series): the number watched is their quotient. For how much
    came, base is 1 in each step.
    """
    sums = _Sums(_running(events), _running(base))
    sudden = steps <= HOUR
    observed, expected, known = _held_against(sums, ends, steps)
    level, reach = np.zeros_like(observed), steps
    inverse = 1 / np.maximum(expected, 1)
    if sudden:
        before, expected_before, known_before = _held_against(sums, ends - steps, BEFORE)
        level, reach = _log_of(before, expected_before), steps + BEFORE
        inverse, known = inverse + 1 / np.maximum(expected_before, 1), known & known_before
    against = _log_of(observed, expected)
    moved = against - level
    noise = _noise(sums, ends, steps)
    error = np.sqrt(noise.bunched * 1.5 * inverse + 1.5 * noise.moves)
    enough = (expected >= LEAST * noise.bunched) & (ends - REFERENCE - reach >= 0)[:, None] & known
    return Looks(
        steps=steps,
        change=np.expm1(moved),
        against=np.expm1(against),
        score=2 * np.expm1(moved / 2) / error,
        limit=_limit(noise.evidence, series=events.shape[1], sudden=sudden),
        judged=enough & np.isfinite(moved),
    )


def look_all(
    events: Floats, base: Floats, ends: Ends, *, windows: tuple[int, ...] = WINDOWS
) -> tuple[Looks, ...]:
    """Look at windows of every length."""
    return tuple(look(events, base, ends, steps=steps) for steps in windows)


def _running(values: Floats) -> Floats:
    return np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])


def _log_of(observed: Floats, expected: Floats) -> Floats:
    found: Floats = np.log((observed + 0.5) / (expected + 0.5))
    return found


def _held_against(sums: _Sums, ends: Ends, steps: int) -> tuple[Floats, Floats, Marks]:
    """Return what came, what was to be expected of both weeks before, and whether they agree."""
    observed, base = sums.over(ends, steps)
    one, base_one = sums.over(ends - WEEK, steps)
    two, base_two = sums.over(ends - 2 * WEEK, steps)
    expected = base * (one + two) / np.maximum(base_one + base_two, 1)
    first, second = one * np.maximum(base_two, 1), two * np.maximum(base_one, 1)
    alike: Marks = np.minimum(first, second) >= ALIKE * np.maximum(first, second)
    return observed, expected, alike & (base_one > 0) & (base_two > 0)


def _noise(sums: _Sums, ends: Ends, steps: int) -> _Noise:
    """Fit what chance does to the differences between each week and the one before it.

    The square of a difference is expected to be bunched / n + 2 moves: two unknowns, one line. The
    day before a look is left out: what is just beginning must not count as usual.
    """
    apart_by = max(1, steps // 4)  # windows that overlap more tell the same again
    every = np.arange(0, len(sums.events), apart_by, dtype=np.int64)
    difference, inverse = _differences(sums, every, steps)
    squares = np.minimum(difference**2, _outlying(difference, inverse)) / inverse
    steady = 1 / inverse
    weights = np.where(np.isfinite(difference), 1 / (1 + BALANCE * steady) ** 2, 0.0)
    squares = np.where(weights > 0, squares, 0.0)
    first = np.maximum(ends - KEPT, WEEK + steps + (BEFORE if steps <= HOUR else 0))
    last = np.maximum(ends - DAY, first)
    first, last = (np.minimum(one // apart_by, len(every) - 1) for one in (first, last))

    def total(values: Floats) -> Floats:
        run = _running(weights * values)
        found: Floats = run[last] - run[first]
        return found

    ones = np.ones_like(steady)
    n, s, u = total(ones), total(steady), total(squares)
    ss, su = total(steady * steady), total(steady * squares)
    n, ss = np.maximum(n, 1e-12), np.maximum(ss, 1e-12)
    slope = np.maximum((n * su - s * u) / np.maximum(n * ss - s * s, 1e-12), 0.0)
    bunched = (u - slope * s) / n
    slope = np.where(bunched < 1, np.maximum((su - s) / ss, 0.0), slope)
    seen = ((last - first) * apart_by / DAY)[:, None]
    apart = seen * (DAY / HOUR / 2 if steps <= HOUR else 1.0)
    moves = (USUAL_DAYS * USUAL_MOVES + apart * slope / 2) / (USUAL_DAYS + apart)
    return _Noise(np.maximum(bunched, 1.0), moves, USUAL_DAYS + apart)


def _differences(sums: _Sums, every: Ends, steps: int) -> tuple[Floats, Floats]:
    """Return how each window differs from that of the week before, and 1 / n of that."""

    def apart(ends: Ends, wide: int) -> tuple[Floats, Floats]:
        now, base_now = sums.over(ends, wide)
        then, base_then = sums.over(ends - WEEK, wide)
        usable = np.minimum(now, then) >= 1
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.log(now / base_now) - np.log(then / base_then)
            inverse = 1 / now + 1 / then
        return np.where(usable, moved, np.nan), np.where(usable, inverse, 1.0)

    moved, inverse = apart(every, steps)
    if steps <= HOUR:
        level, inverse_before = apart(every - steps, BEFORE)
        moved, inverse = moved - level, inverse + inverse_before
    return 4 * np.tanh(moved / 4), inverse


def _outlying(difference: Floats, inverse: Floats) -> Floats:
    """Return the most that the square of each difference counts as."""
    compared = np.isfinite(difference)
    usual = np.zeros(difference.shape[1])
    for at in np.flatnonzero(compared.any(axis=0)):
        rows = compared[:, at]
        usual[at] = np.median(difference[rows, at] ** 2 / inverse[rows, at]) / MEDIAN_OF_SQUARE
    found: Floats = np.maximum(OUTLYING**2, OUTLYING_ERRORS**2 * usual * inverse)
    return found


def _limit(evidence: Floats, *, series: int, sudden: bool) -> Floats:
    """Return how many standard errors are beyond chance, whatever is looked at in thirty days."""
    looks = 30 * (DAY if sudden else DAY / HOUR)  # long windows hardly change within the hour
    tests = looks * series * len(WINDOWS)
    found: Floats = student.isf(FALSE_ALERTS / tests / 2, evidence)
    return found


def index(now: Floats, then: Floats) -> Floats:
    """Return the population stability index of mixes; (..., parts) counts in, (...) out."""
    p, q = _shares(now), _shares(then)
    found: Floats = np.sum((p - q) * np.log(p / q), axis=-1)
    return found


def _shares(counts: Floats) -> Floats:
    total = np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    shares: Floats = np.maximum(counts / total, SMALLEST_SHARE)
    return shares


@dataclass(frozen=True, slots=True)
class MixLooks:
    """What looks at a whole mix found; (looks,) each."""

    index: Floats
    usual: Floats  # between the two weeks before, in the same hours
    judged: Marks

    @property
    def drifted(self) -> Marks:
        """Say where the mix as a whole is another one, far beyond what weeks differ."""
        found: Marks = self.judged & (
            self.index >= np.maximum(DRIFT_PSI, PSI_ABOVE_USUAL * self.usual)
        )
        return found


def look_at_mix(counts: Floats, ends: Ends, *, steps: int) -> MixLooks:
    """Look at a whole mix, (steps, parts), in windows of `steps`: a part that is new counts too."""
    sums = _Sums(_running(counts), np.zeros((len(counts) + 1, counts.shape[1])))
    now, _ = sums.over(ends, steps)
    one, _ = sums.over(ends - WEEK, steps)
    two, _ = sums.over(ends - 2 * WEEK, steps)
    fewest = np.minimum(np.minimum(now.sum(axis=1), one.sum(axis=1)), two.sum(axis=1))
    judged = (fewest >= PSI_COUNTED) & (ends - REFERENCE - steps >= 0)
    return MixLooks(index(now, one + two), index(one, two), judged)
