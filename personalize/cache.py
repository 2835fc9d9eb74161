"""How are values cached, and what happens while the cache is away? As JSON, and nothing.

Whoever can write to the cache must not run code here, so values are JSON. A page does without
what it cannot read; only deleting fails aloud, since a session or a person that was to be
forgotten must be.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, TypeVar

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

REST_S = 1.0  # how long a failing cache is left alone

T = TypeVar("T")


class JsonSerializer:
    """Django's Redis backend asks for these two; integers stay bare so that INCR works."""

    def dumps(self, value: Any) -> bytes | int:
        """Return the value as JSON; raise TypeError for what JSON has no word for."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value that was stored; an integer is JSON as well."""
        return json.loads(data)


class OptionalRedisCache(RedisCache):
    """Django's Redis cache, of which only `delete`, `delete_many` and `clear` need the server."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Take what Django gives a backend."""
        super().__init__(server, params)
        self._class = _Client


class _Client(RedisCacheClient):
    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._resting_until = 0.0

    def _try(self, ask: Callable[[], T], otherwise: T) -> T:
        if monotonic() < self._resting_until:
            return otherwise
        try:
            return ask()
        except redis.RedisError:
            self._resting_until = monotonic() + REST_S
            return otherwise

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return self._try(lambda: super(_Client, self).add(key, value, timeout), otherwise=False)

    def get(self, key: Any, default: Any) -> Any:
        return self._try(lambda: super(_Client, self).get(key, default), default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self._try(lambda: super(_Client, self).set(key, value, timeout), None)

    def touch(self, key: Any, timeout: Any) -> bool:
        return self._try(lambda: super(_Client, self).touch(key, timeout), otherwise=False)

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        return self._try(lambda: super(_Client, self).get_many(keys), {})

    def has_key(self, key: Any) -> bool:
        return self._try(lambda: super(_Client, self).has_key(key), otherwise=False)

    def incr(self, key: Any, delta: int) -> int:
        count: int | None = self._try(lambda: super(_Client, self).incr(key, delta), None)
        if count is None:
            raise ValueError(f"Key {key!r} not found.")  # as for one that ran out
        return count

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        self._try(lambda: super(_Client, self).set_many(data, timeout), None)
