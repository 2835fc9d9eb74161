"""What is watched for drift, and how many of it came? (L3) Counts in, arrays of steps out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.drift import KEPT
from personalize.engine.drift import answered
from signals import api
from signals.data import MIX_STEP_S, Mix, MixPart

MOST_PARTS = 12  # of a mix; what is rarer counts as OTHER
OTHER = "other"
SHOWN, CLICKED = "rec.shown", "rec.clicked"

Table = NDArray[np.float64]


class Feature(StrEnum):
    """What is watched; the values are stored."""

    VOLUME = "volume"  # how much arrives
    KIND = "kind"  # what learners do
    FIELD = "field"  # what the courses are about
    CLICKS = "clicks"  # how many lists are clicked
    LANGUAGE = "language"
    DEVICE = "device"
    SURFACE = "surface"  # where lists are shown
    ANSWERS = "answers"  # where lists come from


# Newer data is no remedy for a sender that fell silent, or for lists no model makes any more.
RETRAINED_FOR = frozenset(
    {Feature.KIND, Feature.FIELD, Feature.CLICKS, Feature.LANGUAGE, Feature.DEVICE}
)
MIXES: Mapping[Feature, Mix] = MappingProxyType(
    {
        Feature.KIND: Mix.KIND,
        Feature.FIELD: Mix.FIELD,
        Feature.LANGUAGE: Mix.LANGUAGE,
        Feature.DEVICE: Mix.DEVICE,
        Feature.SURFACE: Mix.SURFACE,
    }
)


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one feature: counts by step and part, and what each is divided by."""

    feature: Feature
    parts: tuple[str, ...]
    counts: Table  # (steps, parts)
    base: Table

    @property
    def is_mix(self) -> bool:
        """Say whether the parts are parts of one whole."""
        return self.feature not in {Feature.VOLUME, Feature.CLICKS}


def read(*, until: datetime, answered_to: datetime) -> tuple[Series, ...]:
    """Return what came in the six weeks before `until`, a boundary of steps, feature by feature.

    Where answers are not counted up to there yet, they are left out.
    """
    last = int(until.timestamp()) // MIX_STEP_S
    since = datetime.fromtimestamp((last - KEPT) * MIX_STEP_S, UTC)
    arrived = api.arrived(since=since, until=until)
    first = min((int(part.steps[0]) for part in arrived), default=last)
    steps = last - first
    by_mix = {mix: [part for part in arrived if part.mix is mix] for mix in Mix}
    tables = {feature: _table(by_mix[mix], first, steps) for feature, mix in MIXES.items()}
    names, kinds = tables[Feature.KIND]
    series = [_mix(feature, *_fewer(*table)) for feature, table in tables.items()]
    volume = kinds.sum(axis=1, keepdims=True)
    series.append(Series(Feature.VOLUME, ("events",), volume, np.ones_like(volume)))
    series.append(_clicks(names, kinds))
    if answered_to >= until:
        series.append(_mix(Feature.ANSWERS, *answered.counts(first=first, steps=steps)))
    order = list(Feature)
    return tuple(sorted(series, key=lambda one: order.index(one.feature)))


def _table(parts: Sequence[MixPart], first: int, steps: int) -> tuple[tuple[str, ...], Table]:
    counts = np.zeros((steps, len(parts)))
    for column, part in enumerate(parts):
        counts[part.steps - first, column] = part.counts
    return tuple(part.part for part in parts), counts


def _fewer(names: tuple[str, ...], counts: Table) -> tuple[tuple[str, ...], Table]:
    """Put together what is rarest, so that what is watched stays readable and quick to look at."""
    if len(names) <= MOST_PARTS:
        return names, counts
    order = np.argsort(-counts.sum(axis=0), kind="stable")
    kept, rest = order[: MOST_PARTS - 1], order[MOST_PARTS - 1 :]
    together = counts[:, rest].sum(axis=1, keepdims=True)
    return (*(names[at] for at in kept), OTHER), np.hstack([counts[:, kept], together])


def _mix(feature: Feature, names: tuple[str, ...], counts: Table) -> Series:
    base = np.repeat(counts.sum(axis=1, keepdims=True), counts.shape[1], axis=1)
    return Series(feature, names, counts, base)


def _clicks(names: tuple[str, ...], kinds: Table) -> Series:
    """Return clicked lists among shown ones."""

    def of(kind: str) -> Table:
        none = np.zeros((len(kinds), 1))
        return kinds[:, [names.index(kind)]] if kind in names else none

    return Series(Feature.CLICKS, ("clicked",), of(CLICKED), of(SHOWN))
