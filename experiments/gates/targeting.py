"""For whom is it? A condition that can be read and that somebody meets, or everybody (measurement).

Whether anybody meets it is tried out: on learners who have the values it names, others, and none.
A condition whose learners would be too many to try is let pass; it is counted when it is sized.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from experiments.data import Finding
from experiments.gates.context import Context
from experiments.stats.targeting import meets

ANY_OF = ("$or", "$nor", "$and")
ABSENT = object()
MOST_TRIED = 5_000
PATTERNS = frozenset({"$regex", "$regexi", "$notRegex", "$notRegexi"})


def check(context: Context) -> Finding | None:
    """Refuse a condition that is no JSON object, and patterns."""
    text = context.plan.targeting
    try:
        condition = json.loads(text) if text else {}
        if isinstance(condition, dict) and not _patterns(condition):
            return None if _meets_somebody(condition) else _finding_of_nobody(text)
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    return Finding(
        gate="targeting",
        title="For whom it is cannot be read",
        detail=(
            'Write the condition as a JSON object, such as {"country": "de"}, or leave it out. '
            "Patterns ($regex) are not taken: who is asked could make them run for minutes."
        ),
        evidence={"targeting": text},
    )


def _patterns(condition: object) -> bool:
    """Say whether a pattern is anywhere in a condition."""
    if isinstance(condition, dict):
        named = any(key in PATTERNS for key in condition)
        return named or any(_patterns(value) for value in condition.values())
    return isinstance(condition, list) and any(_patterns(value) for value in condition)


def _finding_of_nobody(text: str) -> Finding:
    return Finding(
        gate="targeting",
        title="It takes in nobody",
        detail=(
            "No learner can meet this condition: look for a list without entries, two values for "
            "one attribute, and operators that are spelt otherwise. Mend it, or leave it out."
        ),
        evidence={"targeting": text},
    )


def _meets_somebody(condition: Mapping[str, Any]) -> bool:
    """Say whether some learner meets a condition, as far as that can be tried."""
    named: dict[str, list[Any]] = defaultdict(list)
    for path, value in _values(condition):
        named[path].append(value)
    tried = {path: _around(values) for path, values in named.items()}
    if prod(len(values) for values in tried.values()) > MOST_TRIED:
        return True
    return any(
        _meets(dict(zip(tried, chosen, strict=True)), condition)
        for chosen in product(*tried.values())
    )


def _meets(chosen: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    attributes: dict[str, Any] = {}
    for path, value in chosen.items():
        *above, last = path.split(".")
        place = attributes
        for name in above:
            place = place.setdefault(name, {})
        if value is not ABSENT:
            place[last] = value
    try:
        return meets(attributes, condition)
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        return False


def _values(condition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the attributes a condition names, each with the values it is compared with."""
    for key, wanted in condition.items():
        if key in ANY_OF:
            for one in wanted:
                yield from _values(one)
        elif key == "$not":
            yield from _values(wanted)
        else:
            yield key, ABSENT
            for value in _compared(wanted):
                yield key, value


def _compared(wanted: Any) -> Iterator[Any]:
    yield wanted
    for value in wanted.values() if isinstance(wanted, dict) else ():
        yield from _compared(value)
    for value in wanted if isinstance(wanted, list) else ():
        yield from _compared(value)


def _around(values: list[Any]) -> list[Any]:
    """Return these values, what lies beside them, lists of them, and something else."""
    found = [ABSENT, "something else", True, False, *values]
    for value in values:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            beside = [value - 1, value + 1]
            found += [*beside, *([one] for one in beside), [0] * int(min(max(value, 0), 20))]
        if isinstance(value, str):
            found += [f"{value}0", "", "0", "9999"]
        found.append([value])
    return list({f"{type(one)} {one!r}": one for one in found}.values())  # True is no 1
