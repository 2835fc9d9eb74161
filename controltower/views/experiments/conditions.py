"""People at the controls: for whom is a plan, in plain words? One attribute, is or is not, a value.

A plan keeps a condition in JSON that can say more than that; what this cannot show stays as it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

IS, IS_NOT, AT_LEAST, AT_MOST = "is", "is-not", "at-least", "at-most"
HOW: Mapping[str, str | Promise] = {
    IS: gettext_lazy("is"),
    IS_NOT: gettext_lazy("is not"),
    AT_LEAST: gettext_lazy("is at least"),
    AT_MOST: gettext_lazy("is at most"),
}
OPERATORS = {AT_LEAST: "$gte", AT_MOST: "$lte"}
NUMBERS = frozenset({"courses"})  # of what the product knows itself; whatever else is text


@dataclass(frozen=True, slots=True)
class Whom:
    """Learners of whom an attribute is, or is not, or is at least or at most, a value."""

    attribute: str
    how: str
    value: str

    @property
    def takes_a_number(self) -> bool:
        """Say whether only a number can be compared like this."""
        return self.how in OPERATORS or self.attribute in NUMBERS


def is_fitting(whom: Whom) -> bool:
    """Say whether the value is a number where it has to be."""
    return not whom.takes_a_number or _number(whom.value) is not None


def written(whom: Whom) -> str:
    """Return the condition of a plan."""
    value = _number(whom.value) if whom.takes_a_number else whom.value
    condition: dict[str, Any] = {whom.attribute: value}
    if whom.how == IS_NOT:
        condition = {"$not": condition}
    elif whom.how in OPERATORS:
        condition = {whom.attribute: {OPERATORS[whom.how]: value}}
    return json.dumps(condition)


def read(text: str) -> Whom | None:
    """Return a condition in the words above, or None where it says something else."""
    try:
        condition = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(condition, dict) or len(condition) != 1:
        return None
    ((key, wanted),) = condition.items()
    if key == "$not":
        found = read(json.dumps(wanted))
        return Whom(found.attribute, IS_NOT, found.value) if found and found.how == IS else None
    for how, operator in OPERATORS.items():
        if isinstance(wanted, dict) and list(wanted) == [operator]:
            return _whom(key, how, wanted[operator])
    return _whom(key, IS, wanted)


def typed(text: str) -> dict[str, str]:
    """Return a condition as it would have been typed; nothing where it cannot be."""
    whom = read(text) if text else None
    if whom is None:
        return {}
    return {"for_attribute": whom.attribute, "for_how": whom.how, "for_value": whom.value}


def _whom(attribute: str, how: str, value: object) -> Whom | None:
    if (
        attribute.startswith("$")
        or isinstance(value, bool)
        or not isinstance(value, str | float | int)
    ):
        return None
    found = Whom(attribute, how, str(value))
    return found if json.loads(written(found)) == json.loads(_as_it_was(found, value)) else None


def _as_it_was(whom: Whom, value: object) -> str:
    held = {OPERATORS[whom.how]: value} if whom.how in OPERATORS else value
    return json.dumps({whom.attribute: held})


def _number(text: str) -> float | int | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None
