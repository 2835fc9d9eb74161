"""Do a unit's attributes meet a condition? GrowthBook's targeting language (pure).

A condition is JSON after MongoDB's queries: {"country": {"$in": ["US"]}, "$not": {...}}. What is
wrong with it (an unknown operator, a broken pattern) makes it false and never an error: a plan
that cannot be understood lets nobody in.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.stats.versions import sortable

Groups = Mapping[str, Sequence[Any]]
Compared = Callable[[Any, Any], bool]


def meets(attributes: Any, condition: Mapping[str, Any], *, groups: Groups | None = None) -> bool:
    """Say whether attributes (JSON) meet every part of a condition; groups are saved lists."""
    known = groups or {}
    return all(_part(attributes, key, wanted, known) for key, wanted in condition.items())


def _part(attributes: Any, key: str, wanted: Any, groups: Groups) -> bool:
    if key == "$or":
        return _any_of(attributes, wanted, groups)
    if key == "$nor":
        return not _any_of(attributes, wanted, groups)
    if key == "$and":
        return all(meets(attributes, one, groups=groups) for one in wanted)
    if key == "$not":
        return not meets(attributes, wanted, groups=groups)
    return _fits(wanted, _at(attributes, key), groups)


def _any_of(attributes: Any, conditions: Sequence[Mapping[str, Any]], groups: Groups) -> bool:
    return not conditions or any(meets(attributes, one, groups=groups) for one in conditions)


def _at(attributes: Any, path: str) -> Any:
    found = attributes
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def _is_operators(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and all(key.startswith("$") for key in wanted)


def _fits(wanted: Any, value: Any, groups: Groups) -> bool:
    """Say whether one attribute is as wanted: by operators, or equal."""
    if _is_operators(wanted):
        return all(_holds(name, value, expected, groups) for name, expected in wanted.items())
    if isinstance(wanted, bool):
        return value is not None and bool(value) == wanted
    if isinstance(wanted, (int, float)):
        return _number(value) == wanted
    if isinstance(wanted, str):
        return _text(value) == wanted
    return _same(value, wanted)


def _holds(name: str, value: Any, expected: Any, groups: Groups) -> bool:
    if name in _COMPARISONS:
        return _COMPARISONS[name](value, expected)
    if name in _NESTED:
        return _NESTED[name](value, expected, groups)
    return False


def _same(one: Any, other: Any) -> bool:
    """Say whether two JSON values are one; True is no 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _number(value: Any) -> float:
    """Return a JSON value as a number, as JavaScript does; not a number equals nothing."""
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else None


def _ordered(compare: Compared) -> Compared:
    """Compare texts as texts, anything with a number as numbers."""

    def holds(value: Any, expected: Any) -> bool:
        if isinstance(value, str) and isinstance(expected, str):
            return compare(value, expected)
        return compare(_number(value), _number(expected))

    return holds


def _versions(compare: Compared) -> Compared:
    return lambda value, expected: compare(sortable(value), sortable(expected))


def _plain(value: Any) -> Any:
    return value


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _listed(fold: Callable[[Any], Any], *, inside: bool) -> Compared:
    """Say whether the value, or one of its values, is in a list; of no list nothing is true."""

    def holds(value: Any, expected: Any) -> bool:
        if not isinstance(expected, list):
            return False
        return _is_in(value, expected, fold) == inside

    return holds


def _is_in(value: Any, members: Sequence[Any], fold: Callable[[Any], Any] = _plain) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(_same(fold(one), fold(member)) for one in values for member in members)


def _pattern(flags: int, *, found: bool) -> Compared:
    def holds(value: Any, expected: Any) -> bool:
        try:
            return bool(re.search(expected, value, flags)) == found
        except (TypeError, re.error):
            return False

    return holds


def _exists(value: Any, expected: Any) -> bool:
    return (value is not None) == bool(expected)


def _is_type(value: Any, expected: Any) -> bool:
    kinds: tuple[tuple[str, Any], ...] = (
        ("null", type(None)),
        ("boolean", bool),
        ("number", (int, float)),
        ("string", str),
        ("array", list),
        ("object", Mapping),
    )
    found = next((name for name, kind in kinds if isinstance(value, kind)), "unknown")
    return bool(found == expected)


def _size(value: Any, expected: Any, groups: Groups) -> bool:
    return isinstance(value, list) and _fits(expected, len(value), groups)


def _element(value: Any, expected: Any, groups: Groups) -> bool:
    if not isinstance(value, list):
        return False
    if _is_operators(expected):
        return any(_fits(expected, one, groups) for one in value)
    return any(meets(one, expected, groups=groups) for one in value)


def _all(fold: Callable[[Any], Any]) -> Callable[[Any, Any, Groups], bool]:
    def holds(value: Any, expected: Any, groups: Groups) -> bool:
        return isinstance(value, list) and all(
            any(_fits(fold(wanted), fold(one), groups) for one in value) for wanted in expected
        )

    return holds


def _in_group(value: Any, expected: Any, groups: Groups) -> bool:
    return _is_in(value, groups.get(expected, ()))


_COMPARISONS: Mapping[str, Compared] = {
    "$eq": _same,
    "$ne": lambda value, expected: not _same(value, expected),
    "$lt": _ordered(operator.lt),
    "$lte": _ordered(operator.le),
    "$gt": _ordered(operator.gt),
    "$gte": _ordered(operator.ge),
    "$veq": _versions(operator.eq),
    "$vne": _versions(operator.ne),
    "$vlt": _versions(operator.lt),
    "$vlte": _versions(operator.le),
    "$vgt": _versions(operator.gt),
    "$vgte": _versions(operator.ge),
    "$in": _listed(_plain, inside=True),
    "$nin": _listed(_plain, inside=False),
    "$ini": _listed(_folded, inside=True),
    "$nini": _listed(_folded, inside=False),
    "$regex": _pattern(0, found=True),
    "$regexi": _pattern(re.IGNORECASE, found=True),
    "$notRegex": _pattern(0, found=False),
    "$notRegexi": _pattern(re.IGNORECASE, found=False),
    "$exists": _exists,
    "$type": _is_type,
}
_NESTED: Mapping[str, Callable[[Any, Any, Groups], bool]] = {
    "$not": lambda value, expected, groups: not _fits(expected, value, groups),
    "$size": _size,
    "$elemMatch": _element,
    "$all": _all(_plain),
    "$alli": _all(_folded),
    "$inGroup": _in_group,
    "$notInGroup": lambda value, expected, groups: not _in_group(value, expected, groups),
}
