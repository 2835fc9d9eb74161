"""What do tests of answers ask about? A small course whose lessons say something."""

from signals.data import CourseInfo
from signals.models import Module, shelf
from tests.factories import new_course

CHAIN = """Chains do not stretch like rubber; their pins wear. A new link measures 12.7 millimetres.

Replace the chain at half a percent of wear. One that is worn further grinds the sprockets."""
PUNCTURE = """Find the hole before you touch the glue.

- Inflate the tube to about twice its width.
- In a bucket of water, bubbles show the spot.

    pump.press(3.5)

The rubber solution must be dry before the patch goes on. That takes five minutes."""


def bicycle_course(slug: str = "bicycle") -> CourseInfo:
    """Return a course of two lessons: chain and puncture."""
    return course_of({"chain": CHAIN, "puncture": PUNCTURE}, slug)


def course_of(lessons: dict[str, str], slug: str = "course") -> CourseInfo:
    """Return a course whose lessons say these texts, by their external ids."""
    course = new_course(slug, title="Bicycle care", modules=tuple(lessons))
    for external_id, text in lessons.items():
        Module.objects.filter(course=course.course_id, external_id=external_id).update(text=text)
    shelf.forget()
    return course
