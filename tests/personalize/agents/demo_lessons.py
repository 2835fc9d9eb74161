"""What do the courses of the demo say, as answers read them? Read once."""

from dataclasses import dataclass
from functools import cache

from demo.catalogue import read_courses
from personalize.agents.answers.answer import Answer, Place
from personalize.agents.answers.ask import answer
from personalize.agents.answers.asked import read
from personalize.agents.answers.segments import Segments, of_texts


@dataclass(frozen=True, slots=True)
class Lessons:
    """One course of the demo."""

    segments: Segments
    texts: dict[int, str]  # by position
    language: str


@cache
def lessons() -> dict[str, Lessons]:
    """Return every course by its key."""
    found = {}
    for number, course in enumerate(read_courses(), start=1):
        texts = {place: module.text for place, module in enumerate(course.modules, start=1)}
        modules = tuple(
            Place(number, place, place, module.title, 0, "")
            for place, module in enumerate(course.modules, start=1)
        )
        found[course.key] = Lessons(
            of_texts(modules, texts, course.language), texts, course.language
        )
    return found


def asked(course: str, question: str) -> Answer:
    """Answer a question about a course of the demo."""
    of = lessons()[course]
    return answer(read(question, of.segments.language), of.segments, language=of.language)
