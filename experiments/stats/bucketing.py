"""Which bucket is a unit in? Deterministic, salted, independent across salts (pure)."""

from hashlib import blake2b

_SPAN = 1 << 64


def bucket(*, unit: int | str, salt: str) -> float:
    """Return the unit's place in [0, 1) under this salt (BLAKE2b, 64 bits)."""
    key = salt.encode()[:64]
    digest = blake2b(str(unit).encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "big") / _SPAN


def in_share(*, unit: int | str, salt: str, share: float) -> bool:
    """Say whether the unit is in the first `share` (0..1); growing it keeps who was in."""
    return bucket(unit=unit, salt=salt) < share
