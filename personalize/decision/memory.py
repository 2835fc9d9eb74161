"""What did this learner see last, and how often? (L4) In the cache: losing it costs nothing.

Two keys a learner: how often each course was shown without being opened, and the last list of each
surface with the time at which consent was read for it. A slow or absent cache is left alone for a
second; then nobody has seen anything.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from time import monotonic
from typing import TypeVar, cast

import numpy as np
import orjson
import redis
from django.conf import settings
from numpy.typing import NDArray

TIMEOUT_S = 0.05
REST_S = 1.0  # how long a failing cache is left alone
SEEN_DAYS = 30
SEEN_KEPT = 60  # courses whose showings are counted
LIST_HOURS = 24
WHO_S = 60
ITEMS_KEPT = 12

T = TypeVar("T")
_ARRAYS = orjson.OPT_SERIALIZE_NUMPY

_resting_until = 0.0


@dataclass(frozen=True, slots=True)
class LastList:
    """A remembered personal list; times are seconds since the epoch, lists are parallel."""

    learner_id: int
    served_at: float
    consent_at: float
    model: str | None
    goal: str
    signals: int
    course_ids: NDArray[np.int32]
    module_ids: NDArray[np.int32] | None
    slots: tuple[str, ...]
    codes: NDArray[np.int32]  # (k, w), as in decision/parts.py
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Remember:
    """What one answer leaves behind."""

    learner_id: int
    external_id: str | None
    place: str  # surface and unit
    last: LastList | None
    seen: dict[int, int]


def seen(learner_id: int) -> dict[int, int]:
    """Return how often each course was shown to this learner lately."""
    raw = _try(lambda client: client.get(_seen_key(learner_id)))
    return {int(key): int(count) for key, count in orjson.loads(raw).items()} if raw else {}


def shown_again(
    before: dict[int, int], shown: Iterable[int], touched: NDArray[np.int32]
) -> dict[int, int]:
    """Return the counts after one more showing; a course the learner opened is forgotten."""
    counts = dict(before)
    for course_id in shown:
        counts[course_id] = counts.pop(course_id, 0) + 1  # moved to the end: the newest stay
    for course_id in touched.tolist():
        counts.pop(course_id, None)
    return dict(list(counts.items())[-SEEN_KEPT:])


def last_list(learner_id: int | None, *, external_id: str | None, place: str) -> LastList | None:
    """Return the last personal list; the learner may be known by their external id alone."""
    if learner_id is None:
        raw = _try(lambda client: client.get(_who_key(external_id or "")))
        if not raw:
            return None
        learner_id = int(raw)
    found = _try(lambda client: client.get(_last_key(learner_id, place)))
    return _read(found) if found else None


def remember(entries: Iterable[Remember]) -> None:
    """Write what answers left behind, in one round trip."""

    def write(client: "redis.Redis") -> None:
        pipe = client.pipeline(transaction=False)
        for entry in entries:
            pipe.set(_seen_key(entry.learner_id), _counts(entry.seen), ex=SEEN_DAYS * 86_400)
            if entry.last is not None:
                key = _last_key(entry.learner_id, entry.place)
                pipe.set(
                    key,
                    orjson.dumps(entry.last, default=_plain, option=_ARRAYS),
                    ex=LIST_HOURS * 3_600,
                )
            if entry.external_id is not None:
                pipe.set(_who_key(entry.external_id), entry.learner_id, ex=WHO_S)
        pipe.execute()

    _try(write)


def forget(learner_id: int, places: Iterable[str]) -> int:
    """Delete everything about a learner; return how many keys there were.

    Raises redis.RedisError: who erases must know that it did not happen.
    """
    keys = [_seen_key(learner_id), *(_last_key(learner_id, place) for place in places)]
    return int(_client().delete(*keys))


def held(learner_id: int, places: Iterable[str]) -> int:
    """Return how many keys there are about a learner. Raises redis.RedisError."""
    keys = [_seen_key(learner_id), *(_last_key(learner_id, place) for place in places)]
    return int(_client().exists(*keys))


def drop(learner_id: int, places: Iterable[str]) -> None:
    """Forget the remembered lists of these surfaces: a refusal acts on the next answer."""
    keys = [_last_key(learner_id, place) for place in places]
    _try(lambda client: client.delete(*keys))


def take_back(entries: Iterable[Remember]) -> None:
    """Delete what `remember` wrote of these; for learners who left or objected meanwhile."""
    keys = [
        key
        for entry in entries
        for key in (_seen_key(entry.learner_id), _last_key(entry.learner_id, entry.place))
    ]
    if keys:
        _try(lambda client: client.delete(*keys))


def wake() -> None:
    """Ask the cache again at once, through a new connection."""
    global _resting_until
    _resting_until = 0.0
    _client.cache_clear()


def _seen_key(learner_id: int) -> str:
    return f"northway:seen:{learner_id}"


def _last_key(learner_id: int, place: str) -> str:
    return f"northway:last:{learner_id}:{place}"


def _who_key(external_id: str) -> str:
    digest = blake2b(
        external_id.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16
    ).hexdigest()
    return f"northway:who:{digest}"


def _counts(counts: dict[int, int]) -> bytes:
    return orjson.dumps(counts, option=orjson.OPT_NON_STR_KEYS)


def _plain(array: NDArray[np.generic]) -> object:
    """Return a slice of an array, which orjson cannot read in place, as a list."""
    return array.tolist()


def _read(raw: bytes | str) -> LastList:
    data = orjson.loads(raw)
    modules = data["module_ids"]
    return LastList(
        **{
            **data,
            "course_ids": np.array(data["course_ids"], dtype=np.int32),
            "module_ids": None if modules is None else np.array(modules, dtype=np.int32),
            "slots": tuple(data["slots"]),
            "codes": np.array(data["codes"], dtype=np.int32),
            "values": np.array(data["values"], dtype=np.float64),
        }
    )


@cache
def _client() -> "redis.Redis":
    return redis.Redis.from_url(
        str(cast("dict[str, object]", settings.CACHES["default"])["LOCATION"]),
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
    )


def _try(ask: Callable[["redis.Redis"], T]) -> T | None:
    global _resting_until
    if monotonic() < _resting_until:
        return None
    try:
        return ask(_client())
    except redis.RedisError:
        _resting_until = monotonic() + REST_S
        return None
