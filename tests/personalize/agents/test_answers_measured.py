"""How good are answers over the demo's catalogue? Held on questions nobody tuned with.

The figures and what they mean are in docs/answers.md; the floors here are a little below them.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from time import perf_counter

import numpy as np
import pytest

from demo.catalogue import read_courses
from personalize.agents.answers.answer import Answer, Kind, Place
from personalize.agents.answers.ask import answer
from personalize.agents.answers.asked import read
from personalize.agents.answers.segments import Segments, of_texts
from personalize.agents.answers.weighing import weigh
from tests.personalize.agents.questions.reading import Part, answerable, unanswerable

pytestmark = pytest.mark.slow  # the catalogue is read and indexed once


@dataclass(frozen=True, slots=True)
class Lessons:
    """One course of the demo."""

    segments: Segments
    texts: dict[int, str]  # by position
    language: str


@cache
def lessons() -> dict[str, Lessons]:
    found = {}
    for number, course in enumerate(read_courses(), start=1):
        texts = {place: module.text for place, module in enumerate(course.modules, start=1)}
        modules = tuple(
            Place(number, place, place, module.title, 0, "")
            for place, module in enumerate(course.modules, start=1)
        )
        found[course.key] = Lessons(of_texts(modules, texts), texts, course.language)
    return found


def asked(course: str, question: str) -> Answer:
    of = lessons()[course]
    return answer(read(question), of.segments, language=of.language)


def passages(course: str, question: str, *, most: int = 5) -> list[tuple[int, set[str]]]:
    """Return the best passages: (position of the module, sentences of the paragraph)."""
    segments = lessons()[course].segments
    order = weigh(read(question), segments).order
    found = list(dict.fromkeys(segments.paragraph_of[order].tolist()))[:most]
    rows = [np.flatnonzero(segments.paragraph_of == one).tolist() for one in found]
    return [
        (segments.places[own[0]].position, {segments.places[row].sentence for row in own})
        for own in rows
    ]


def test_the_passage_that_answers_is_among_the_first_five() -> None:
    held = [
        any(
            position == one.module and sentences & set(one.gold)
            for position, sentences in passages(one.course, one.ask)
        )
        for one in answerable(Part.TEST)
    ]
    assert np.mean(held) >= 0.75


def test_what_the_lessons_do_not_say_is_mostly_refused_and_what_they_say_is_not() -> None:
    wrongly_answered = [
        asked(one.course, one.ask).kind is Kind.ANSWERED for one in unanswerable(Part.TEST)
    ]
    wrongly_refused = [
        asked(one.course, one.ask).kind is not Kind.ANSWERED for one in answerable(Part.TEST)
    ]
    assert np.mean(wrongly_answered) <= 0.3
    assert np.mean(wrongly_refused) <= 0.15


def test_every_citation_contains_its_sentence() -> None:
    cited = [
        (one.course, place)
        for one in answerable(Part.TEST)
        for place in asked(one.course, one.ask).cited
    ]
    assert Counter(bool(place.sentence) for _, place in cited)[True] == len(cited) > 0
    for course, place in cited:
        text = " ".join(lessons()[course].texts[place.position].split())
        assert place.sentence in text


def test_an_answer_takes_far_less_than_two_seconds() -> None:
    one = answerable()[0]
    asked(one.course, one.ask)  # its course is read now
    began = perf_counter()
    asked(one.course, one.ask)
    assert perf_counter() - began < 2
