"""Which places of the product can an experiment act on? Named by the app above (measurement).

A plan names surfaces by their keys; the lists a learner was shown carry the code of theirs.
"""

from collections.abc import Iterable, Mapping

_codes: dict[str, int] = {}


def name_surfaces(codes: Mapping[str, int]) -> None:
    """Keep the key and code of every surface; the app that owns them calls this as it starts."""
    _codes.clear()
    _codes.update(codes)


def known() -> frozenset[str]:
    """Return the keys of all surfaces."""
    return frozenset(_codes)


def codes_of(keys: Iterable[str]) -> frozenset[int]:
    """Return the codes of these surfaces; one that was taken out of the product has no lists."""
    return frozenset(_codes[key] for key in keys if key in _codes)
