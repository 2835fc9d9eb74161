"""What does a reminder say? (L5) Sentences of facts; no praise, no blame, no hurry."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language_bidi, gettext, ngettext

from personalize.agents.nudges import PASSED, Kind, Nudge
from personalize.templatetags.northway import duration
from signals import catalogue

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Words:
    """One reminder in words, for a page or an e-mail; any part may be empty but the first two."""

    heading: str
    about: str  # the course, and since when
    short: str  # subject of an e-mail, line of a history
    after: str  # what is left once this is done
    why: tuple[str, ...]
    used: str
    not_used: str
    action: str  # on the button
    href: str  # local address
    share: float  # of the course, 0..1
    course: str
    field: str  # of the catalogue, for the cover

    @property
    def because(self) -> str:
        """Return why it is given, as sentences."""
        return " ".join(f"{reason}." for reason in self.why)


def words(nudge: Nudge) -> Words | None:
    """Return a reminder in words; None where its course or lesson is gone."""
    course = catalogue.courses().get(nudge.course_id)
    if course is None:
        return None
    module = next(
        (m for m in catalogue.modules(nudge.course_id) if m.module_id == nudge.module_id), None
    )
    if module is None and nudge.kind is not Kind.PATH:
        return None
    href = reverse("experience:course", args=[course.slug])
    if module is not None:
        href = reverse("experience:module", args=[course.slug, module.module_id])
    heading, short = _said(nudge, course.title)
    return Words(
        heading=heading,
        about=f"{_apart(course.title)}. {_since(nudge.days)}" if module else _since(nudge.days),
        short=short,
        after=_after(nudge),
        why=_why(nudge, module.title if module else course.title),
        used=gettext("What you finished and when, quiz results, your path"),
        not_used=gettext("Searches, video pauses, messages, anything you look at"),
        action=_action(nudge),
        href=f"{href}?referrer=nudge",
        share=nudge.share,
        course=course.title,
        field=course.field,
    )


def _said(nudge: Nudge, title: str) -> tuple[str, str]:
    """Return the heading of a reminder, and the short form of it."""
    step = {"number": nudge.number, "of": nudge.of, "course": title}
    if nudge.kind is Kind.PATH:
        short = gettext("Step %(number)d of %(of)d: %(course)s") % step
        if not nudge.minutes:
            return gettext("%(course)s is step %(number)d of %(of)d on your path.") % step, short
        told = {**step, "time": duration(nudge.minutes)}
        return (
            gettext("%(course)s is step %(number)d of %(of)d on your path. It takes %(time)s.")
            % told,
            short,
        )
    short = _module(nudge)
    if nudge.kind is Kind.QUIZ and nudge.score is not None:
        scored = gettext("Your best result in the quiz of module %(number)d is %(score)d%%.") % {
            "number": nudge.number,
            "score": int(PERCENT * nudge.score),
        }
        passed = gettext("From %d%% it is passed.") % round(PERCENT * PASSED)
        return f"{scored} {passed}", gettext("The quiz of module %d is nearly passed") % (
            nudge.number
        )
    if not nudge.done:
        return gettext("You are enrolled and have not begun. %s.") % short, short
    return (
        gettext("You are %(share)d%% through. %(next)s.")
        % {"share": int(PERCENT * nudge.share), "next": short},
        short,
    )


def _module(nudge: Nudge) -> str:
    if not nudge.minutes:
        return gettext("Module %d comes next") % nudge.number
    return ngettext(
        "Module %(number)d takes %(minutes)d minute",
        "Module %(number)d takes %(minutes)d minutes",
        nudge.minutes,
    ) % {"number": nudge.number, "minutes": nudge.minutes}


def _apart(title: str) -> str:
    """Return a title so that it does not turn a sentence of a language from right to left."""
    return f"\u2068{title}\u2069" if get_language_bidi() else title


def _since(days: int) -> str:
    return ngettext(
        "Your last step was %d day ago.", "Your last step was %d days ago.", days
    ) % max(days, 1)


def _after(nudge: Nudge) -> str:
    if nudge.kind is not Kind.NEXT or not nudge.after:
        return gettext("After it, the course is done.") if nudge.kind is Kind.NEXT else ""
    modules = ngettext("%d module", "%d modules", nudge.after) % nudge.after
    if not nudge.after_minutes:
        return gettext("After it: %s to the end of the course.") % modules
    return gettext("After it: %(modules)s, %(time)s, to the end of the course.") % {
        "modules": modules,
        "time": duration(nudge.after_minutes),
    }


def _why(nudge: Nudge, title: str) -> tuple[str, ...]:
    """Return what speaks for this reminder: first what the learner did, then what many do."""
    since = ngettext("the last step was %d day ago", "the last step was %d days ago", nudge.days)
    if nudge.kind is Kind.PATH:
        first = gettext("It is the next step of the path to your goal, and %s") % (
            since % nudge.days
        )
        return (first,)
    first = gettext("You began this course yourself, and %s") % (since % nudge.days)
    if nudge.kind is Kind.QUIZ:
        return first, gettext("The quiz of %(title)s is the nearest to being passed") % {
            "title": title
        }
    found = [
        first,
        gettext("%(title)s is the first lesson you have not finished") % {"title": title},
    ]
    if nudge.finished:
        found.append(
            gettext(
                "Many pause here: of about %(finished)d learners who finished the lesson before, "
                "about %(went_on)d finished this one"
            )
            % {"finished": nudge.finished, "went_on": nudge.went_on}
        )
    return tuple(found)


def _action(nudge: Nudge) -> str:
    if nudge.kind is Kind.PATH:
        return gettext("Look at it")
    if nudge.kind is Kind.QUIZ:
        return gettext("Read it again")
    return gettext("Continue")
