"""Which bucket is a unit in? Deterministic, salted, independent across salts (pure)."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

_KEY_BYTES = 64  # BLAKE2b takes no longer key
_UNUSED_BITS = 11  # a float holds 53 of the 64 bits; more would round some units up to 1.0
_SPAN = 1 << 53
_SALTS = 4_096  # kept: two an experiment


def bucket(*, unit: int | str, salt: str) -> float:
    """Return the unit's place in [0, 1) under this salt (keyed BLAKE2b, 53 bits).

    A number and its decimal text are the same unit: ids arrive as both.
    """
    keyed = _keyed(salt).copy()
    keyed.update(str(unit).encode())
    return (int.from_bytes(keyed.digest(), "big") >> _UNUSED_BITS) / _SPAN


@lru_cache(maxsize=_SALTS)
def _keyed(salt: str) -> blake2b:
    """Return the hash with its key taken in; copying that halves the time of a decision."""
    key = salt.encode()
    if len(key) > _KEY_BYTES:  # hashed, never cut: two long salts may begin alike
        key = blake2b(key).digest()
    return blake2b(digest_size=8, key=key)


def in_share(*, unit: int | str, salt: str, share: float) -> bool:
    """Say whether the unit is in the first `share` (0..1); growing it keeps who was in."""
    return share >= 1 or bucket(unit=unit, salt=salt) < share


def choose(
    *, unit: int | str, salt: str, arms: tuple[str, ...], shares: tuple[float, ...]
) -> str | None:
    """Return the arm whose range holds the unit, or None beyond the last range.

    shares are parallel to arms and sum to at most 1.
    """
    place = bucket(unit=unit, salt=salt)
    end = 0.0
    for arm, share in zip(arms, shares, strict=True):
        end += share
        if place < end:
            return arm
    # The shares of a full split may add up to 1 - 1e-16: nobody falls through that crack.
    return arms[-1] if end > 1 - 1e-9 else None


# GrowthBook's public specification (SDK specification 0.8.0), so that its SDKs bucket alike. Its
# hash v1 is dependent across experiments: offered for plans that began elsewhere, never by default.

Range = tuple[float, float]  # from, up to but not including

_FNV_OFFSET, _FNV_PRIME, _32_BITS = 0x811C9DC5, 0x01000193, 0xFFFFFFFF
_NEARLY_WHOLE = 0.01  # weights that miss 1 by more are replaced by equal ones


def _fnv1a32(text: str) -> int:
    value = _FNV_OFFSET
    for letter in text.encode():
        value = ((value ^ letter) * _FNV_PRIME) & _32_BITS
    return value


def growthbook_hash(*, seed: str, value: str, version: int) -> float | None:
    """Return GrowthBook's place in [0, 1), or None for a version there is not (1 and 2 exist)."""
    if version == 2:
        return (_fnv1a32(str(_fnv1a32(seed + value))) % 10_000) / 10_000
    if version == 1:
        return (_fnv1a32(value + seed) % 1_000) / 1_000
    return None


def in_range(place: float, within: Sequence[float]) -> bool:
    """Say whether a place is in [from, to)."""
    return within[0] <= place < within[1]


def in_namespace(*, value: str, namespace: Sequence[str | float]) -> bool:
    """Say whether a unit is in its part of a namespace (name, from, to): never in two parts."""
    name, start, end = namespace
    place = growthbook_hash(seed=f"__{name}", value=value, version=1)
    return place is not None and in_range(place, (float(start), float(end)))


def equal_weights(arms: int) -> list[float]:
    """Return weights of that many arms, none for fewer than one."""
    return [1 / arms for _ in range(arms)]


def bucket_ranges(
    arms: int, *, coverage: float = 1.0, weights: Sequence[float] | None = None
) -> list[Range]:
    """Return each arm's range; coverage leaves the end of each free, so growing it moves nobody.

    Weights that are not one an arm, or do not sum to 1, are replaced by equal ones.
    """
    covered = min(max(coverage, 0.0), 1.0)
    used = list(weights) if weights is not None else []
    if len(used) != arms or abs(sum(used) - 1) > _NEARLY_WHOLE:
        used = equal_weights(arms)
    starts = [sum(used[:arm]) for arm in range(arms)]
    return [(start, start + covered * weight) for start, weight in zip(starts, used, strict=True)]


def choose_range(place: float, ranges: Sequence[Sequence[float]]) -> int:
    """Return the number of the first range that holds a place, or -1."""
    return next((arm for arm, within in enumerate(ranges) if in_range(place, within)), -1)
