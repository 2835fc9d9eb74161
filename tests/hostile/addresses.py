"""Which addresses are there? Each of the urlconf, its parameters filled rightly and wrongly."""

import re
from uuid import UUID

from django.urls import get_resolver

from tests.controltower.test_matrix import named
from tests.hostile.chance import Chance
from tests.hostile.inputs import quoted

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)")
PLAIN = {"int": "1", "slug": "data", "uuid": str(UUID(int=7)), "str": "x", "path": "a/b"}


def routes() -> dict[str, str]:
    """Return every address of the product by its name, parameters as `<type:name>`."""
    found = {}
    for name, at in named(get_resolver().url_patterns):
        plain = GROUP.sub(r"<\1>", at).replace("^", "").replace("/?$", "").replace("$", "")
        found[name] = "/" + re.sub(r"\\(.)", r"\1", plain)
    return found


def filled(
    route: str, rng: Chance, values: dict[str, list[str]], words: list[str], *, wrong: float
) -> str:
    """Return an address: each parameter one that is there, one that could be, or no such thing."""

    def one(found: re.Match[str]) -> str:
        kind, name = found[1] or "str", found[2]
        if rng.random() < wrong:
            return quoted(rng.one(words), rng)
        known = values.get(name) or [PLAIN.get(kind, "x")]
        if name == "key" and "experiments" in route:
            known = values.get("experiment", known)
        return rng.one(known if rng.random() < 0.8 else [PLAIN.get(kind, "x")])

    return PARAMETER.sub(one, route)
