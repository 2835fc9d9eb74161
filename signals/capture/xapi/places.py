"""L1: in which course and module did a statement happen? By the ids senders really use.

Open edX writes course-v1:... and block-v1:... into addresses, Moodle .../course/view.php?id=N.
A catalogue may hold the whole address or only the id: both are tried.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from signals.capture.xapi.statements import Json, context_activities, object_type, part
from signals.data import CourseInfo
from signals.models.shelf import shelf

COURSE_TYPES = frozenset(
    {
        "http://adlnet.gov/expapi/activities/course",
        "https://w3id.org/xapi/cmi5/activitytype/course",
    }
)
_QUESTION_TYPES = frozenset(
    {
        "http://adlnet.gov/expapi/activities/cmi.interaction",
        "http://adlnet.gov/expapi/activities/question",
    }
)
_EDX_COURSE = re.compile(r"(?:course|ccx)-v1:[^/?#&\s]+")
# Neither looks past where it could begin again: what is sent may be megabytes of beginnings.
_EDX_BLOCK = re.compile(r"(ccx-)?block-v1:((?:(?!block-v1:)[^/?#&\s])+?)\+type@[^/?#&\s]+")
_MOODLE_COURSE = re.compile(r"/course/view\.php\?(?:[^?]*&)?id=(\d+)")
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Place:
    """External ids of a course and a module; whether the catalogue knows the course."""

    course: str | None
    module: str | None
    known: bool


def place_of(body: Json) -> Place:
    """Return where a statement happened; a module only where the catalogue knows it."""
    candidates = list(dict.fromkeys(_course_names(body)))
    courses = shelf().by_external
    known = next((courses[name] for name in candidates if name in courses), None)
    if known is None:
        return Place(candidates[0][:LONGEST] if candidates else None, None, known=False)
    return Place(known.external_id, _module(body, known), known=True)


def _course_names(body: Json) -> Iterator[str]:
    """Yield what may be the course: what is written as one, then what is called one.

    Moodle gives packages of its own the type of a course.
    """
    for activity in _activities(body):
        name = activity["id"]
        found = _EDX_COURSE.search(name)
        if found:
            yield found[0]
            yield name
        elif block := _EDX_BLOCK.search(name):
            yield f"{'ccx' if block[1] else 'course'}-v1:{block[2]}"
        elif moodle := _MOODLE_COURSE.search(name):
            yield name
            yield moodle[1]
    for activity in _activities(body):
        if part(activity, "definition", "type") in COURSE_TYPES:
            yield activity["id"]


def _module(body: Json, course: CourseInfo) -> str | None:
    modules = shelf().modules({course.course_id})[course.course_id]
    known = {module.external_id for module in modules}
    return next((name for name in _module_names(body) if name in known), None)


def _module_names(body: Json) -> Iterator[str]:
    question = part(body, "object", "definition", "type") in _QUESTION_TYPES
    for activity in _activities(body, only_object=question):
        yield activity["id"]
        if block := _EDX_BLOCK.search(activity["id"]):
            yield block[0]


def _activities(body: Json, *, only_object: bool = False) -> Iterator[Json]:
    """Yield what a statement is about, then what lies around it; a question is not its quiz."""
    if object_type(body) == "Activity" and "id" in body["object"]:
        yield body["object"]
    if not only_object:
        yield from context_activities(body, "parent", "grouping")
