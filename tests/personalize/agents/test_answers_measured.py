"""How good are answers over the demo's catalogue? Held on questions nobody tuned with.

The figures and what they mean are in docs/answers.md; the floors here are a little below them.
"""

from collections import Counter
from time import perf_counter

import numpy as np
import pytest

from personalize.agents.answers.answer import Kind
from personalize.agents.answers.asked import read
from personalize.agents.answers.segments import Segments
from personalize.agents.answers.weighing import COEFFICIENTS, INTERCEPT, weigh
from tests.personalize.agents.demo_lessons import asked, lessons
from tests.personalize.agents.fitting import fitted
from tests.personalize.agents.questions.reading import Part, answerable, unanswerable

pytestmark = pytest.mark.slow  # the catalogue is read and indexed once


def passages(course: str, question: str, *, most: int = 5) -> list[tuple[int, set[str]]]:
    """Return the best passages: (position of the module, sentences of the paragraph)."""
    segments = lessons()[course].segments
    order = weigh(read(question, segments.language), segments).order
    found = list(dict.fromkeys(segments.paragraph_of[order].tolist()))[:most]
    rows = [np.flatnonzero(segments.paragraph_of == one).tolist() for one in found]
    return [
        (segments.places[own[0]].position, {segments.places[row].sentence for row in own})
        for own in rows
    ]


def test_the_passage_that_answers_is_among_the_first_five() -> None:
    held = [
        any(
            position == one.module and any(said in gold for said in sentences for gold in one.gold)
            for position, sentences in passages(one.course, one.ask)
        )
        for one in answerable(Part.TEST)
    ]
    assert np.mean(held) >= 0.75


def test_the_coefficients_are_those_the_questions_for_tuning_give() -> None:
    intercept, coefficients = fitted()
    assert intercept == pytest.approx(INTERCEPT, abs=0.001)
    assert coefficients == pytest.approx(COEFFICIENTS, abs=0.001)


def test_sentences_of_an_answer_are_grouped_by_paragraph_the_best_first() -> None:
    several = 0
    for one in answerable(Part.TUNE)[:40]:
        segments = lessons()[one.course].segments
        best = int(weigh(read(one.ask, segments.language), segments).order[0])
        cited = asked(one.course, one.ask).cited
        rows = [segments.places.index(place) for place in cited]
        paragraphs = segments.paragraph_of[rows].tolist()
        assert paragraphs[:1] in ([], [segments.paragraph_of[best]])
        assert rows == sorted(
            rows, key=lambda row: (paragraphs.index(_paragraph(segments, row)), row)
        )
        several += len(set(paragraphs)) < len(paragraphs)
    assert several, "some answers have two sentences of one paragraph"


def _paragraph(segments: Segments, row: int) -> int:
    return int(segments.paragraph_of[row])


def test_what_can_be_asked_next_is_answered_when_it_is_asked() -> None:
    answers = [(one.course, asked(one.course, one.ask)) for one in answerable(Part.TEST)]
    offered = [(course, next_) for course, found in answers for next_ in found.follow_ups]
    assert all(asked(course, next_).kind is Kind.ANSWERED for course, next_ in offered)
    answered = [found for _course, found in answers if found.kind is Kind.ANSWERED]
    assert np.mean([bool(found.follow_ups) for found in answered]) >= 0.5


def test_what_the_lessons_do_not_say_is_mostly_refused_and_what_they_say_is_not() -> None:
    wrongly_answered = [
        asked(one.course, one.ask).kind is Kind.ANSWERED for one in unanswerable(Part.TEST)
    ]
    wrongly_refused = [
        asked(one.course, one.ask).kind is not Kind.ANSWERED for one in answerable(Part.TEST)
    ]
    assert np.mean(wrongly_answered) <= 0.2
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
