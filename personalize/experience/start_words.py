"""What do the questions at the start say, and what was answered, in words? (L5)"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from personalize.agents.understanding import Entry, subjects
from personalize.agents.wishes import Wanted
from personalize.experience.languages import listing
from personalize.experience.noted import LONGEST, MOST_KNOWN, MOST_MINUTES, Noted
from personalize.experience.skill_words import as_a_name, in_a_sentence
from signals import catalogue
from signals.catalogue import closeness, words_of

NEAR_SKILL = 0.5
OFFERED_FIELDS = 8
OFFERED_SKILLS = 10
MONTHS = (1, 3, 6)
MONTH_DAYS = 30.4
HOUR = 60


@dataclass(frozen=True, slots=True)
class Option:
    """One chip: what is sent, what it says, and whether it was chosen."""

    value: str
    label: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One question behind, with its answer."""

    question: str  # its name
    asked: str
    answer: str
    skipped: bool


def question(name: str, noted: Noted) -> str:
    """Return the words of a question; they follow from what was answered before."""
    if name == "known":
        return (
            gettext("Which of these can you do already? Leave out what you are not sure of.")
            if noted.role or noted.field or noted.skills
            else gettext("What can you do already?")
        )
    if name == "time":
        return gettext("How much time do you have in a week?")
    if name == "when":
        return gettext("Is there a date you are aiming for?")
    return gettext("What would you like to be able to do?")


def title(name: str) -> str:
    """Return the name of an answer where all are listed."""
    return {
        "goal": gettext("Goal"),
        "known": gettext("Knows"),
        "time": gettext("Time"),
        "when": gettext("By when"),
    }[name]


def answer(name: str, noted: Noted) -> str:
    """Return what was answered, in words; "" where nothing was."""
    if name == "goal":
        return goal(noted)
    if name == "known":
        return as_a_name(listing(map(in_a_sentence, noted.known)))
    if name == "time":
        return hours(noted.minutes) if noted.minutes else ""
    return date_format(date.fromisoformat(noted.by_when)) if noted.by_when else ""


def goal(noted: Noted) -> str:
    """Return the goal in words."""
    if noted.role:
        found = catalogue.occupation(noted.role)
        return found.title if found else ""
    return noted.field or as_a_name(listing(map(in_a_sentence, noted.skills)))


def hours(minutes: int) -> str:
    """Return the time of a week in words."""
    if minutes < HOUR:
        return ngettext("%d minute a week", "%d minutes a week", minutes) % minutes
    if minutes % HOUR == 0:
        whole = minutes // HOUR
        return ngettext("%d hour a week", "%d hours a week", whole) % whole
    return gettext("%s hours a week") % f"{minutes / HOUR:.1f}"


def options(name: str, noted: Noted, wanted: Wanted, *, today: date) -> tuple[Option, ...]:
    """Return the chips of a question."""
    if name == "goal":
        fields = catalogue.fields()[:OFFERED_FIELDS]
        return tuple(Option(f"field:{f}", f, f == noted.field) for f, _n in fields)
    if name == "known":
        return tuple(Option(s, as_a_name(s), s in noted.known) for s in _skills(noted, wanted))
    if name == "time":
        told = ((HOUR, 1), (3 * HOUR, 3), (6 * HOUR, 6))
        return tuple(
            Option(str(m), ngettext("%d hour", "%d hours", h) % h, m == noted.minutes)
            for m, h in told
        )
    months = tuple((months_on(today, n).isoformat(), n) for n in MONTHS)
    return tuple(
        Option(day, ngettext("In %d month", "In %d months", n) % n, day == noted.by_when)
        for day, n in months
    )


def _skills(noted: Noted, wanted: Wanted) -> tuple[str, ...]:
    """Return skills to tick: what the goal asks for most and what comes before it, then others."""
    courses = catalogue.courses()
    serving = [c for c in courses.values() if wanted.weights.keys() & set(c.skills)]
    before = [courses[b] for c in serving for b in c.prerequisites if b in courses]
    first = [skill for course in before for skill in course.skills]
    asked = sorted(wanted.weights, key=lambda skill: (-wanted.weights[skill], skill))
    usual = [] if asked else [skill for skill, _n in catalogue.skills()]
    return tuple(dict.fromkeys((*noted.known, *first, *asked, *usual)))[:OFFERED_SKILLS]


def months_on(today: date, months: int) -> date:
    """Return the day so many months on, to the day of a month as long as they are on average."""
    return today + timedelta(days=round(months * MONTH_DAYS))


def said(noted: Noted) -> tuple[Said, ...]:
    """Return the conversation so far."""
    return tuple(
        Said(name, question(name, noted), answer(name, noted), not answer(name, noted))
        for name in noted.passed
    )


# --- what somebody typed ---------------------------------------------------------------------


def known_of(text: str) -> tuple[str, ...]:
    """Return the skills of the catalogue named in a text: whole names, or pieces close to one."""
    pieces = [frozenset(words_of(piece)) for piece in re.split(r"[,;.\n]| and ", text[:LONGEST])]
    found = [
        entry.name
        for entry in _taught()
        if any(frozenset(words_of(entry.name)) <= p or _close(p, entry.name) for p in pieces)
    ]
    return tuple(found)[:MOST_KNOWN]


def _taught() -> tuple[Entry, ...]:
    return tuple(entry for entry in subjects() if entry.kind == "skill" and words_of(entry.name))


def _close(piece: frozenset[str], skill: str) -> bool:
    return closeness(piece, skill) > NEAR_SKILL


def minutes_of(text: str) -> int:
    """Return the minutes a week named in a text, 0 where none are; a bare number is hours."""
    found = re.search(r"(\d+(?:[.,]\d+)?)\s*(min)?", text.lower())
    if not found:
        return 0
    number = float(found[1].replace(",", ".")) * (1 if found[2] else HOUR)
    return round(number) if 0 < number <= MOST_MINUTES else 0


def day_of(text: str, *, today: date) -> date | None:
    """Return a date that lies ahead; None where it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if today < day <= months_on(today, 120) else None
