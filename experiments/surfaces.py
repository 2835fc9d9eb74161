"""Which places, rankers and models of the product can an experiment act on? Named by the app above.

A plan names surfaces by their keys; the lists a learner was shown carry the code of theirs. The
first ranker is the one that orders lists where no experiment has shipped another (measurement).
"""

from collections.abc import Callable, Iterable, Mapping

Arms = Callable[[], tuple[str, ...]]

_codes: dict[str, int] = {}
_rankers: dict[str, str] = {}
_models: Arms = tuple


def name_surfaces(codes: Mapping[str, int]) -> None:
    """Keep the key and code of every surface; the app that owns them calls this as it starts."""
    _codes.clear()
    _codes.update(codes)


def name_rankers(sentences: Mapping[str, str]) -> None:
    """Keep the rankers by name, with what each does in words; called as `name_surfaces` is."""
    _rankers.clear()
    _rankers.update(sentences)


def rankers() -> Mapping[str, str]:
    """Return the rankers by name with their sentences, the usual one first."""
    return dict(_rankers)


def name_models(arms: Arms) -> None:
    """Keep who says the arms of the live model and of the one that waits; called likewise."""
    global _models
    _models = arms


def models() -> tuple[str, ...]:
    """Return the arm of the live model and that of its challenger; none where none waits."""
    return _models()


def known() -> frozenset[str]:
    """Return the keys of all surfaces."""
    return frozenset(_codes)


def codes_of(keys: Iterable[str]) -> frozenset[int]:
    """Return the codes of these surfaces; one that was taken out of the product has no lists."""
    return frozenset(_codes[key] for key in keys if key in _codes)
