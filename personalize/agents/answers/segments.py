"""Which sentences has a course, and where do they stand? (L5) Read once for each state of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from personalize.agents.answers.answer import Place
from personalize.agents.answers.asked import orders_a_machine
from personalize.algorithms.retrieval.bm25 import Bm25, index
from personalize.algorithms.retrieval.sentences import blocks
from personalize.algorithms.retrieval.words import words
from signals import catalogue

HELD = 256  # courses whose sentences a process keeps

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Segments:
    """The sentences of one course with what they are found by."""

    places: tuple[Place, ...]
    modules: tuple[Place, ...]  # beginnings, in order
    module_of: Rows  # of each sentence, a row of `modules`
    paragraph_of: Rows  # of each sentence
    asking: NDArray[np.bool_]  # sentences that end in a question mark
    words_of: tuple[tuple[str, ...], ...]  # of each sentence
    words_of_paragraph: tuple[frozenset[str], ...]
    words_of_module: tuple[frozenset[str], ...]
    words: frozenset[str]  # of the whole course
    language: str  # its stems are of
    by_sentence: Bm25
    by_near: Bm25  # each sentence with the one before and the one after it
    by_paragraph: Bm25
    by_module: Bm25


def of_course(course_id: int, language: str = "") -> Segments:
    """Return the sentences of a course as the catalogue has them now. Raises django.db.Error.

    language is the course's own, empty where it is not known.
    """
    return _of_course(course_id, language, catalogue.version())


@lru_cache(maxsize=HELD)
def _of_course(course_id: int, language: str, version: int) -> Segments:
    texts = catalogue.module_texts(course_id)
    modules = tuple(
        Place(course_id, module.module_id, module.position, module.title, 0, "")
        for module in catalogue.modules(course_id)
    )
    return of_texts(modules, texts, language)


def of_texts(modules: tuple[Place, ...], texts: Mapping[int, str], language: str = "") -> Segments:
    """Return the sentences of modules whose texts are given by module_id.

    A sentence that tells a machine what to do is no part of a lesson: it is numbered, and left out.
    """
    places: list[Place] = []
    module_of: list[int] = []
    paragraph_of: list[int] = []
    paragraphs = 0
    for row, module in enumerate(modules):
        place = 0
        for paragraph in _paragraphs(texts.get(module.module_id, "")):
            for sentence in paragraph:
                place += 1
                if orders_a_machine(sentence):
                    continue
                places.append(replace(module, place=place, sentence=sentence))
                module_of.append(row)
                paragraph_of.append(paragraphs)
            paragraphs += 1
    stems_of = language[:2] or "en"
    words_of = tuple(words(place.sentence, stems_of) for place in places)
    in_module = _gathered(words_of, module_of, len(modules))
    titled = [
        (*words(module.title, stems_of), *said)
        for module, said in zip(modules, in_module, strict=True)
    ]
    in_paragraph = _gathered(words_of, paragraph_of, paragraphs)
    return Segments(
        places=tuple(places),
        modules=modules,
        module_of=np.array(module_of, np.int64),
        paragraph_of=np.array(paragraph_of, np.int64),
        asking=np.array([_asks(place.sentence) for place in places], np.bool_),
        words_of=words_of,
        words_of_paragraph=tuple(frozenset(said) for said in in_paragraph),
        words_of_module=tuple(frozenset(said) for said in titled),
        words=frozenset(chain.from_iterable(titled)),
        language=stems_of,
        by_sentence=index(words_of),
        by_near=index(_with_neighbours(words_of, module_of)),
        by_paragraph=index(in_paragraph),
        by_module=index(titled),
    )


def _paragraphs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the sentences of each paragraph and of each list; code has none."""
    for block in blocks(text):
        if block.kind != "code":
            yield tuple(chain.from_iterable(block.parts))


def _asks(sentence: str) -> bool:
    return sentence.rstrip("\"'\u201d\u2019)»*").endswith(("?", "؟"))


def _gathered(
    words_of: Sequence[tuple[str, ...]], group_of: Sequence[int], groups: int
) -> list[tuple[str, ...]]:
    """Return the words of each group of sentences."""
    said: list[list[str]] = [[] for _ in range(groups)]
    for group, own in zip(group_of, words_of, strict=True):
        said[group] += own
    return [tuple(own) for own in said]


def _with_neighbours(
    words_of: Sequence[tuple[str, ...]], module_of: Sequence[int]
) -> list[tuple[str, ...]]:
    """Return the words of each sentence with those of its neighbours in the same module."""
    found = []
    for row, module in enumerate(module_of):
        near = range(max(row - 1, 0), min(row + 2, len(module_of)))
        found.append(
            tuple(chain.from_iterable(words_of[i] for i in near if module_of[i] == module))
        )
    return found


def forget() -> None:
    """Read courses again on next use, in this process."""
    _of_course.cache_clear()
