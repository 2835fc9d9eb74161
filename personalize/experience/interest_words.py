"""How are interests told, with where each comes from and what became of others? (L5)"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext

from personalize.decision.interests import Act, Known, Origin, may_return
from personalize.experience.counting import Own
from personalize.experience.languages import listing
from personalize.experience.skill_words import as_a_name, in_a_sentence
from personalize.models import InterestChange

CHANGES_SHOWN = 8
FINISHED_SHOWN = 4  # courses


@dataclass(frozen=True, slots=True)
class Line:
    """One interest, where it comes from in words, and whether a course teaches it."""

    skill: str
    said: str
    taught: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one interest; `back` is what can be brought back, "" for nothing."""

    change_id: int
    what: str
    at: datetime
    back: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished course from whose skills picks follow without anybody having said so."""

    course: Own
    skills: str


def lines(known: Iterable[Known], taught: Collection[str]) -> list[Line]:
    """Return the interests in their order."""
    return [Line(one.skill, _said(one), one.skill in taught) for one in known]


def _said(one: Known) -> str:
    if one.origin is None or one.at is None:
        return gettext("You said so; when was not written down.")
    day = date_format(one.at)
    if one.was:
        return gettext("You said so on %(day)s, in place of %(was)s.") % {
            "day": day,
            "was": in_a_sentence(one.was),
        }
    return {
        Origin.DATA: gettext("You said so here on %s."),
        Origin.GOAL: gettext("You said so beside your goal on %s."),
        Origin.START: gettext("Your answer to question 1 at the start, %s."),
        Origin.ROLE: gettext("The occupation you named in question 1 asks for it, %s."),
        Origin.RESTORED: gettext("You brought it back on %s."),
    }[one.origin] % day


def changes(rows: Sequence[InterestChange], interests: Collection[str]) -> list[Changed]:
    """Return the newest changes; what two of them lost can be brought back from the newer one."""
    told, offered = [], set[str]()
    for row in rows[:CHANGES_SHOWN]:
        back = may_return(row, [*interests])
        told.append(Changed(row.pk, _what(row), row.at, "" if back in offered else back))
        offered.add(back)
    return told


def _what(row: InterestChange) -> str:
    skill = as_a_name(row.skill)
    if row.act == Act.RENAMED:
        return gettext("%(skill)s in place of %(was)s") % {
            "skill": skill,
            "was": in_a_sentence(row.was),
        }
    if row.act == Act.REMOVED:
        return gettext("%s removed") % skill
    if row.origin == Origin.RESTORED:
        return gettext("%s brought back") % skill
    return gettext("%s added") % skill


def from_finished(own: Iterable[Own], interests: Collection[str]) -> list[Finished]:
    """Return the newest finished courses that count, with the skills nobody named."""
    found = []
    for course in own:
        skills = [skill for skill in course.skills if skill not in interests]
        if course.done and course.counts and skills:
            found.append(Finished(course, as_a_name(listing(map(in_a_sentence, skills)))))
    return found[:FINISHED_SHOWN]
