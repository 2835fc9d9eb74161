"""L1: what came of it? Scores, success, completion, response, duration."""

from signals.capture.xapi.valid.values import (
    Check,
    InvalidError,
    boolean,
    duration,
    extensions,
    number,
    part_of,
    text,
)


def _scaled(value: object, place: str) -> None:
    number(value, place)
    if isinstance(value, (int, float)) and not -1 <= value <= 1:
        raise InvalidError(place, "This must be from -1 to 1.")


def score(value: object, place: str) -> None:
    """A score: raw lies within min and max."""
    checks = {"scaled": _scaled, "raw": number, "min": number, "max": number}
    found = part_of(value, place, checks)
    low, raw, high = (_float(found.get(name)) for name in ("min", "raw", "max"))
    if low is not None and high is not None and low > high:
        raise InvalidError(f"{place}.max", "max is less than min.")
    if raw is not None and low is not None and raw < low:
        raise InvalidError(f"{place}.raw", "raw is less than min.")
    if raw is not None and high is not None and raw > high:
        raise InvalidError(f"{place}.raw", "raw is more than max.")


def _float(value: object) -> float | None:
    return value if isinstance(value, (int, float)) else None


_RESULT: dict[str, Check] = {
    "score": score,
    "success": boolean,
    "completion": boolean,
    "response": text,
    "duration": duration,
    "extensions": extensions,
}


def result(value: object, place: str) -> None:
    """A result."""
    part_of(value, place, _RESULT)
