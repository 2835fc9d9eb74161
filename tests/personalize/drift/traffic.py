"""Traffic of a platform in five-minute steps, with what real traffic has: rhythm, moods, bunches.

Days have two humps, weekends are other days, the whole grows; a day is better or worse than its
weekday usually is, an hour than its time of day; events come in sessions, so that counts vary far
more than independent ones would. A shift may be planted from one step on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.drift import DAY, HOUR, WEEK

Floats = NDArray[np.float64]

WEEKDAYS = np.array([1.0, 1.02, 1.0, 0.97, 0.86, 0.6, 0.66])
GROWTH = 0.02  # a week
DAY_MOOD, HOUR_MOOD = 0.03, 0.02  # of how much comes, relative
MIX_DAY_MOOD, MIX_HOUR_MOOD = 0.02, 0.01  # of each part of a mix
EVENTS_A_SESSION = 15.0  # variance of a count, as a multiple of its mean
DEVICES = np.array([0.52, 0.38, 0.10])
KINDS = np.array([0.34, 0.22, 0.16, 0.12, 0.07, 0.05, 0.04])
SHOWN, CLICKED = 0.05, 0.08  # lists among events; lists that were clicked
CLICKS_BUNCHED = 2.0
SERIES = ("volume", *(f"kind {one}" for one in range(7)), "desktop", "mobile", "tablet", "clicks")


@dataclass(frozen=True, slots=True)
class Shift:
    """A planted change: one series is multiplied from a step on."""

    series: str
    by: float
    since: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of a platform: what is watched and what it is divided by, (steps, SERIES)."""

    events: Floats
    base: Floats


def bunched(mean: Floats, factor: float, rng: np.random.Generator) -> Floats:
    """Draw counts whose variance is `factor` times their mean."""
    shape = np.maximum(mean / (factor - 1), 1e-9)
    return rng.poisson(rng.gamma(shape, factor - 1)).astype(float)


def moods(steps: int, wide: int, day: float, hour: float, rng: np.random.Generator) -> Floats:
    """Return factors around 1: one a day, and one that is forgotten within about an hour."""
    days = np.repeat(rng.normal(0, day, (steps // DAY + 1, wide)), DAY, axis=0)[:steps]
    kept = np.exp(-1 / HOUR)
    drawn = rng.normal(0, hour * np.sqrt(1 - kept**2), (steps, wide))
    hours = np.zeros((steps, wide))
    for at in range(1, steps):
        hours[at] = kept * hours[at - 1] + drawn[at]
    return np.exp(days + hours)


def rhythm(steps: int) -> Floats:
    """Return how much comes by time of day and week, 1 on average on a weekday."""
    at = np.arange(steps)
    hour = (at % DAY) / HOUR
    humps = 0.12 + np.exp(-(((hour - 11) / 3.2) ** 2)) + 1.2 * np.exp(-(((hour - 20) / 2.6) ** 2))
    week = WEEKDAYS[(at // DAY) % 7] * (1 + GROWTH) ** (at / WEEK)
    found: Floats = humps / humps.mean() * week
    return found


def traffic(
    days: int, *, a_second: float, rng: np.random.Generator, shift: Shift | None = None
) -> Traffic:
    """Return `days` of a platform with `a_second` events a second on average."""
    steps = days * DAY
    planted = np.ones((steps, len(SERIES)))
    if shift is not None:
        planted[shift.since :, SERIES.index(shift.series)] = shift.by
    volume = 300 * a_second * rhythm(steps)
    volume = volume * moods(steps, 1, DAY_MOOD, HOUR_MOOD, rng)[:, 0] * planted[:, 0]
    kinds = _mix(volume, KINDS, planted[:, 1:8], rng)
    evening = 1 + 0.25 * np.sin(2 * np.pi * (np.arange(steps) % DAY) / DAY - 2.0)
    by_hour = DEVICES * np.stack([1 / evening, evening, evening], axis=1)
    devices = _mix(volume, by_hour, planted[:, 8:11], rng)
    shown = bunched(volume * SHOWN, 3.0, rng)
    rate = CLICKED * moods(steps, 1, MIX_DAY_MOOD, MIX_HOUR_MOOD, rng)[:, 0] * planted[:, 11]
    clicks = bunched(shown * rate, CLICKS_BUNCHED, rng)
    all_kinds, all_devices = kinds.sum(axis=1), devices.sum(axis=1)
    events = np.column_stack([all_kinds, kinds, devices, clicks])
    base = np.column_stack([np.ones(steps), *[all_kinds] * 7, *[all_devices] * 3, shown])
    return Traffic(events, base)


def _mix(volume: Floats, shares: Floats, planted: Floats, rng: np.random.Generator) -> Floats:
    parts = np.broadcast_to(shares, planted.shape)
    parts = parts * moods(len(volume), parts.shape[1], MIX_DAY_MOOD, MIX_HOUR_MOOD, rng)
    parts = parts / parts.sum(axis=1, keepdims=True)
    moved = planted != 1
    left = 1 - (parts * planted * moved).sum(axis=1, keepdims=True)  # what the others share
    others = (parts * ~moved).sum(axis=1, keepdims=True)
    parts = np.where(moved, parts * planted, parts * left / others)
    return bunched(volume[:, None] * parts, EVENTS_A_SESSION, rng)
