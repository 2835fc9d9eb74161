"""Which sentences has a course, and where do they stand? (L5) Read once for each state of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from personalize.agents.answers.answer import Place
from personalize.algorithms.retrieval.bm25 import Bm25, index
from personalize.algorithms.retrieval.sentences import sentences
from personalize.algorithms.retrieval.words import words
from signals import catalogue

HELD = 256  # courses whose sentences a process keeps


@dataclass(frozen=True, slots=True)
class Segments:
    """The sentences of one course with what they are found by."""

    places: tuple[Place, ...]
    modules: tuple[Place, ...]  # beginnings, in order
    module_of: NDArray[np.int32]  # of each sentence, a row of `modules`
    words_of: tuple[tuple[str, ...], ...]  # of each sentence
    by_sentence: Bm25
    by_module: Bm25


def of_course(course_id: int) -> Segments:
    """Return the sentences of a course as the catalogue has them now. Raises django.db.Error."""
    return _of_course(course_id, catalogue.version())


@lru_cache(maxsize=HELD)
def _of_course(course_id: int, version: int) -> Segments:
    texts = catalogue.module_texts(course_id)
    modules = tuple(
        Place(course_id, module.module_id, module.position, module.title, 0, "")
        for module in catalogue.modules(course_id)
    )
    return of_texts(modules, texts)


def of_texts(modules: tuple[Place, ...], texts: Mapping[int, str]) -> Segments:
    """Return the sentences of modules whose texts are given by module_id."""
    places: list[Place] = []
    module_of: list[int] = []
    for row, module in enumerate(modules):
        for place, sentence in enumerate(sentences(texts.get(module.module_id, "")), start=1):
            places.append(
                Place(
                    module.course_id,
                    module.module_id,
                    module.position,
                    module.title,
                    place,
                    sentence,
                )
            )
            module_of.append(row)
    words_of = tuple(words(place.sentence) for place in places)
    whole = [
        (*words(module.title), *chain.from_iterable(_of_module(row, module_of, words_of)))
        for row, module in enumerate(modules)
    ]
    return Segments(
        places=tuple(places),
        modules=modules,
        module_of=np.array(module_of, np.int32),
        words_of=words_of,
        by_sentence=index(words_of),
        by_module=index(whole),
    )


def _of_module(
    row: int, module_of: list[int], words_of: tuple[tuple[str, ...], ...]
) -> list[tuple[str, ...]]:
    return [own for of, own in zip(module_of, words_of, strict=True) if of == row]


def forget() -> None:
    """Read courses again on next use, in this process."""
    _of_course.cache_clear()
