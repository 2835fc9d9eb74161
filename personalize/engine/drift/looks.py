"""What did a look at everything watched find? (L3) Arrays in, plain figures out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.drift import (
    DAY,
    DRIFT_ALERT,
    LASTING,
    REFERENCE,
    WEEK,
    Looks,
    MixLooks,
    look_all,
    look_at_mix,
)
from personalize.engine.drift.features import Series

TREND_DAYS = 14
SHOWN_LEAST = 10  # events of a day, of a part that is named on a page

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moved:
    """A part beyond its limit in one window; `steps` of five minutes."""

    part: str
    steps: int
    change: float
    score: float
    limit: float


@dataclass(frozen=True, slots=True)
class PartNow:
    """A part of a feature over the newest day, and over the same day of both weeks before."""

    part: str
    now: float  # share or rate; of how much arrives, relative to the weeks before
    then: float
    change: float
    judged: bool
    beyond: bool  # by a change that matters, in a window of six hours or a day


@dataclass(frozen=True, slots=True)
class Look:
    """What the newest look found of one feature."""

    feature: str
    days: float  # of counts behind it
    moved: tuple[Moved, ...]
    index: float | None  # population stability index of the newest day; None: not judged
    mixed: bool  # the mix as a whole is another one
    parts: tuple[PartNow, ...]
    trend: tuple[float | None, ...]  # the greatest change of a part, day by day, oldest first
    calm: bool  # nothing of it is far from what it was, in windows of six hours and a day
    at: datetime


def look(series: Sequence[Series], *, at: datetime) -> tuple[Look, ...]:
    """Look at everything watched as it stands at the end of the counts, which is `at`."""
    counts = np.hstack([each.counts for each in series])
    base = np.hstack([each.base for each in series])
    ends = np.array([len(counts)], np.int64)
    days = np.maximum(len(counts) - DAY * np.arange(TREND_DAYS)[::-1], 0)
    windows = look_all(counts, base, ends)
    (by_day,) = look_all(counts, base, days, windows=(DAY,))
    found, column = [], 0
    for each in series:
        columns = slice(column, column + len(each.parts))
        found.append(_of(each, windows, by_day, columns, at=at))
        column += len(each.parts)
    return tuple(found)


def _of(
    series: Series, windows: Sequence[Looks], by_day: Looks, columns: slice, *, at: datetime
) -> Look:
    parts = _parts(series, windows, columns)
    mixes = _mixes(series)
    return Look(
        feature=series.feature,
        days=round(len(series.counts) / DAY, 1),
        moved=_moved(series, windows, columns),
        index=float(mixes[-1].index[0]) if mixes and mixes[-1].judged[0] else None,
        mixed=any(each.drifted[0] for each in mixes),
        parts=parts,
        trend=_trend(by_day, columns),
        calm=_is_calm(windows, columns) and not any(each.drifted[0] for each in mixes),
        at=at,
    )


def _mixes(series: Series) -> list[MixLooks]:
    if not series.is_mix or not series.parts:
        return []
    ends = np.array([len(series.counts)], np.int64)
    return [look_at_mix(series.counts, ends, steps=steps) for steps in LASTING]


def _moved(series: Series, windows: Sequence[Looks], columns: slice) -> tuple[Moved, ...]:
    return tuple(
        Moved(
            part=series.parts[at],
            steps=looks.steps,
            change=round(float(looks.change[0, columns][at]), 4),
            score=round(float(looks.score[0, columns][at]), 1),
            limit=round(float(looks.limit[0, 0]), 1),
        )
        for looks in windows
        for at in np.flatnonzero(looks.drifted[0, columns])
    )


def _is_calm(windows: Sequence[Looks], columns: slice) -> bool:
    """Say whether no part is far off in long windows, among those that can be judged at all."""
    lasting = [looks for looks in windows if looks.steps in LASTING]
    far = [
        looks.judged[0, columns] & (np.abs(looks.change[0, columns]) >= DRIFT_ALERT)
        for looks in lasting
    ]
    judged = any(looks.judged[0, columns].any() for looks in lasting)
    return judged and not np.any(far)


def _parts(series: Series, windows: Sequence[Looks], columns: slice) -> tuple[PartNow, ...]:
    now, then = _day(series.counts, 0), _day(series.counts, WEEK) + _day(series.counts, REFERENCE)
    base = _day(series.base, 0), _day(series.base, WEEK) + _day(series.base, REFERENCE)
    day = next(looks for looks in windows if looks.steps == DAY)
    beyond = np.any([looks.drifted[0, columns] for looks in windows[-len(LASTING) :]], axis=0)
    return tuple(
        PartNow(
            part=name,
            now=round(float(now[at] / max(base[0][at], 1)), 5),
            then=round(float(then[at] / max(base[1][at], 1)), 5),
            change=round(float(day.change[0, columns][at]), 4),
            judged=bool(day.judged[0, columns][at]),
            beyond=bool(beyond[at]),
        )
        for at, name in enumerate(series.parts)
        if max(now[at], then[at]) >= SHOWN_LEAST
    )


def _day(table: Table, ago: int) -> Table:
    """Return the sums of the day that ended so many steps before the end."""
    stop = max(len(table) - ago, 0)
    found: Table = table[max(stop - DAY, 0) : stop].sum(axis=0)
    return found


def _trend(by_day: Looks, columns: slice) -> tuple[float | None, ...]:
    changes = np.where(by_day.judged[:, columns], np.abs(by_day.change[:, columns]), -1.0)
    if not changes.shape[1]:
        return (None,) * len(changes)
    return tuple(round(float(most), 4) if most >= 0 else None for most in changes.max(axis=1))
