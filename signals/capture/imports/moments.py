"""L1: when, or in what order? Reads a column of times or of places in an order."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.dateparse import parse_date, parse_datetime
from numpy.typing import NDArray

from signals.capture.contract import FUTURE, micros

EARLIEST = micros(datetime(1990, 1, 1, tzinfo=UTC))
MILLISECONDS_FROM = 1e11  # as seconds this would be the year 5138
MICROSECONDS_FROM = 1e14

Flags = list[tuple[str, NDArray[np.bool_]]]


def read_moments(
    column: pa.ChunkedArray, *, timed: bool, now: datetime
) -> tuple[NDArray[np.int64], Flags]:
    """Return int64 keys (microseconds since 1970, or the order) and what is wrong with which.

    Times are ISO text, timestamps, or seconds, milliseconds or microseconds since 1970.
    """
    whole = column.combine_chunks()
    if not timed:
        numbers = _numbers(whole)
        missing = np.isnan(numbers)
        keys = np.where(missing, 0, numbers * 1000).astype(np.int64)
        return keys, [("the order is not a number", missing)]
    times = _times(whole)
    missing = np.isnan(times)
    keys = np.where(missing, 0, times).astype(np.int64)
    return keys, [
        ("the time cannot be read", missing),
        ("the time lies in the future", keys > micros(now + FUTURE)),
        ("the time is before 1990", keys < EARLIEST),
    ]


def _numbers(column: pa.Array) -> NDArray[np.float64]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = column.to_pylist()
        return np.array([_number(text) for text in texts], np.float64)
    numbers: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")


def _times(column: pa.Array) -> NDArray[np.float64]:
    """Return microseconds since 1970, NaN where there are none."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        exact = column.cast(pa.timestamp("us")).cast(pa.int64())
        return _numbers(pc.fill_null(exact.cast(pa.float64(), safe=False), float("nan")))
    numbers = _numbers(column)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = column.to_pylist()
        for place in np.flatnonzero(np.isnan(numbers)):
            numbers[place] = _iso(texts[place])
    size = np.abs(numbers)
    factor = np.where(size >= MICROSECONDS_FROM, 1.0, np.where(size >= MILLISECONDS_FROM, 1e3, 1e6))
    return np.where(np.isfinite(numbers), numbers * factor, np.nan)


def _iso(text: str | None) -> float:
    """Return microseconds of an ISO date or time, without a zone in UTC; NaN where it is none."""
    try:
        at = parse_datetime(text or "")
        if at is None:
            day = parse_date(text or "")
            at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    except ValueError:
        return float("nan")
    if at is None:
        return float("nan")
    return float(micros(at if at.tzinfo else at.replace(tzinfo=UTC)))
