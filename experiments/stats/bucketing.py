"""Which bucket is a unit in? Deterministic, salted, independent across salts (pure)."""

from hashlib import blake2b

_KEY_BYTES = 64  # BLAKE2b takes no longer key
_UNUSED_BITS = 11  # a float holds 53 of the 64 bits; more would round some units up to 1.0
_SPAN = 1 << 53


def bucket(*, unit: int | str, salt: str) -> float:
    """Return the unit's place in [0, 1) under this salt (keyed BLAKE2b, 53 bits).

    A number and its decimal text are the same unit: ids arrive as both.
    """
    key = salt.encode()
    if len(key) > _KEY_BYTES:  # hashed, never cut: two long salts may begin alike
        key = blake2b(key).digest()
    digest = blake2b(str(unit).encode(), digest_size=8, key=key).digest()
    return (int.from_bytes(digest, "big") >> _UNUSED_BITS) / _SPAN


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
