"""Are the questions that judge answers fair: their gold in the text, two equal parts, all kinds?"""

import re
from collections import Counter

import pytest

from demo.catalogue import read_courses
from tests.personalize.agents.questions import reading
from tests.personalize.agents.questions.reading import Answerable, Part, Question, Why

COURSES = {course.key: course for course in read_courses()}
ASKED, REFUSED = reading.answerable(), reading.unanswerable()
ALL: tuple[Question, ...] = (*ASKED, *REFUSED)
WORDS = re.compile(r"\w+")
RUN = 4  # words
LONGEST = 300  # letters of a question that are read


def words(text: str) -> list[str]:
    return WORDS.findall(text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


@pytest.mark.parametrize("one", ASKED, ids=lambda one: f"{one.course}-{one.ask[:40]}")
def test_every_gold_sentence_stands_in_its_module_and_nowhere_else(one: Answerable) -> None:
    assert one.gold
    texts = {module.position: module.text for module in COURSES[one.course].modules}
    for sentence in one.gold:
        assert [at for at, text in texts.items() if sentence in text] == [one.module]


def test_questions_do_not_repeat_the_words_of_their_answers() -> None:
    repeated = {
        one.ask: found for one in ASKED if (found := runs(one.ask) & runs(" ".join(one.gold)))
    }
    assert repeated == {}


def test_there_are_enough_questions_over_enough_courses() -> None:
    assert len(ASKED) >= 150
    assert len(REFUSED) >= 100
    assert {one.course for one in ASKED} == COURSES.keys()
    assert len({one.course for one in REFUSED}) >= 30
    assert sum(one.synonym for one in ASKED) >= 60


def test_every_kind_of_question_to_be_refused_is_asked_often_enough() -> None:
    kinds = Counter(one.why for one in REFUSED)
    assert set(kinds) == set(Why)
    assert min(kinds.values()) >= 15


def test_no_question_is_asked_twice_or_longer_than_is_read() -> None:
    asks = Counter(one.ask for one in ALL)
    assert [ask for ask, times in asks.items() if times > 1] == []
    assert max(len(ask) for ask in asks) <= LONGEST


def test_both_parts_are_of_the_same_size_over_courses_and_kinds() -> None:
    counted: Counter[tuple[str, Part]] = Counter((one.course, one.part) for one in ASKED)
    counted.update((one.why, one.part) for one in REFUSED)
    for of in {key for key, _ in counted}:
        assert abs(counted[of, Part.TUNE] - counted[of, Part.TEST]) <= 1
    sizes = Counter(one.part for one in ALL)
    assert abs(sizes[Part.TUNE] - sizes[Part.TEST]) <= 4


def test_only_courses_of_the_catalogue_are_asked() -> None:
    assert {one.course for one in ALL} <= COURSES.keys()


def test_a_part_is_read_without_the_other() -> None:
    assert reading.answerable(Part.TUNE) + reading.answerable(Part.TEST) != ()
    assert {one.part for one in reading.answerable(Part.TUNE)} == {Part.TUNE}
    assert {one.part for one in reading.unanswerable(Part.TEST)} == {Part.TEST}
