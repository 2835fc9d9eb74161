"""What does a page say of a whole list, and of a card that was just sent away? (L5)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from personalize.data import Action, Intent, Item, Recommendation, Source
from personalize.decision.onboarding import SIGNALS_ENOUGH
from personalize.experience.cards import PERSONAL, Card, card, kept_to
from personalize.experience.why import Why, panel
from signals.data import CourseInfo, ModuleInfo

FALLBACKS = frozenset({Source.POPULAR, Source.COHORT, Source.CURATED})
HEADLINE_LONGEST = 44  # characters of a title that still read as one line
Ratings = Mapping[int, tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Chip:
    """What a session can be for."""

    value: str
    label: str
    icon: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class Undo:
    """What was just done to one course, with the way back."""

    request_id: UUID
    course_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Picks:
    """A list with all that is said about it."""

    request_id: UUID
    source: str
    heading: str
    sentence: str
    quiet: str  # one line about a fallback, or nothing
    personal: bool  # match bars and reasons are shown
    on: bool  # the learner's switch
    intent: str
    chips: tuple[Chip, ...]
    cards: tuple[Card, ...]


def picks(
    recommendation: Recommendation,
    *,
    courses: Mapping[int, CourseInfo],
    goal: str,
    modules: Mapping[int, ModuleInfo] | None = None,
    ratings: Ratings | None = None,
    opened: int | None = None,
) -> Picks:
    """Return the list of a page; `opened` is the course whose panel is open, None the first.

    courses must hold the recommended courses; those it does not hold drop out.
    """
    personal = recommendation.source in PERSONAL
    shown = [item for item in recommendation.items if item.course_id in courses]
    if opened is None and shown:
        opened = shown[0].course_id

    def why(item: Item) -> Why | None:
        if not personal or item.course_id != opened:
            return None
        return panel(
            item,
            goal=goal,
            signals=recommendation.signals,
            used=recommendation.used,
            not_used=recommendation.not_used,
            newest_days=recommendation.newest_days,
        ).within(kept_to(courses[item.course_id], recommendation.languages))

    return Picks(
        request_id=recommendation.request_id,
        source=str(recommendation.source),
        heading=_heading(recommendation.source, goal),
        sentence=_sentence(recommendation, goal),
        quiet=_quiet(recommendation),
        personal=personal,
        on=recommendation.source is not Source.OFF,
        intent=str(recommendation.intent or ""),
        chips=chips(recommendation.intent) if personal else (),
        cards=tuple(
            card(
                item,
                courses[item.course_id],
                request_id=recommendation.request_id,
                personal=personal,
                lesson=(modules or {}).get(item.module_id or 0),
                rating=(ratings or {}).get(item.course_id),
                why=why(item),
            )
            for item in shown
        ),
    )


def chips(pressed: Intent | None) -> tuple[Chip, ...]:
    """Return the session intents, the chosen one pressed."""
    known = (
        (Intent.SHORT, gettext("I have 15 minutes"), "clock"),
        (Intent.CONTINUE, gettext("Continue my path"), "map"),
        (Intent.TEST, gettext("Prepare for a test"), "check"),
        (Intent.EXPLORE, gettext("Explore something new"), "search"),
    )
    return tuple(
        Chip(value=str(value), label=label, icon=name, pressed=value is pressed)
        for value, label, name in known
    )


def _heading(source: Source, goal: str) -> str:
    if source in {Source.MODEL, Source.LAST_GOOD}:
        return gettext("Picked for your goal") if goal else gettext("Picked for you")
    if source in {Source.ONBOARDING, Source.COHORT} and goal:
        named = {
            Source.ONBOARDING: gettext("A start for %(goal)s"),
            Source.COHORT: gettext("Popular for %(goal)s"),
        }
        return named[source] % {"goal": goal}
    if source is Source.CURATED:
        return gettext("Chosen by our editors")
    if source is Source.ONBOARDING:
        return gettext("A start for you")
    return gettext("Popular with everyone")


def _sentence(recommendation: Recommendation, goal: str) -> str:
    signals = recommendation.signals
    sentences = {
        Source.ONBOARDING: gettext("From what you told us; it becomes personal as you learn."),
        Source.COHORT: gettext("The same list for everyone with this goal."),
        Source.POPULAR: gettext("The same list for everyone, most taken first."),
        Source.CURATED: gettext("The same list for everyone."),
        Source.HOLDOUT: gettext("The same list for everyone, most taken first."),
        Source.OFF: gettext("The same list for everyone. Nothing about you orders it."),
    }
    if recommendation.source in sentences:
        return sentences[recommendation.source]
    if not signals:
        return gettext("From your goal. Every card says why.")
    text = ngettext(
        "From %(n)d course of yours%(goal)s. Every card says why.",
        "From %(n)d courses of yours%(goal)s. Every card says why.",
        signals,
    )
    return text % {"n": signals, "goal": gettext(" and your goal") if goal else ""}


def _quiet(recommendation: Recommendation) -> str:
    if recommendation.source is Source.LAST_GOOD:
        return gettext("These are your picks from earlier; what you did since is not in them yet.")
    if recommendation.source is Source.HOLDOUT:
        return gettext(
            "You are in a comparison group that sees the list everyone sees, so that we can "
            "measure whether personal picks help. Your courses, progress and search are the same."
        )
    if recommendation.drafted:
        return gettext(
            "Two ways of ordering your picks are being compared: this list takes turns between "
            "them, so that we can measure which one helps more. Every card says why it is there."
        )
    if recommendation.signals >= SIGNALS_ENOUGH and recommendation.source in FALLBACKS:
        return gettext(
            "Your own picks are not ready just now, so this is what many learners choose. "
            "Load the page again in a moment."
        )
    return ""


def undo(
    action: Action, course: CourseInfo, *, request_id: UUID, until: datetime | None = None
) -> Undo:
    """Return the line that takes the place of a card after "not for me" or "snooze"."""
    if action is Action.SNOOZE and until is not None:
        text = gettext("Snoozed. “%(title)s” stays away until %(day)s.") % {
            "title": course.title,
            "day": date_format(until, "MONTH_DAY_FORMAT"),
        }
    else:
        text = gettext("Hidden. You will not see “%(title)s” among your picks again.") % {
            "title": course.title
        }
    return Undo(request_id=request_id, course_id=course.course_id, text=text)


def headline(shown: Picks, on_path: str = "") -> str:
    """Return the second line of the greeting: the next step, where there is a personal one.

    With a path it is the course the path stands at, which the line below it marks as next.
    """
    if not shown.personal or not (on_path or shown.cards):
        return ""
    title = on_path or shown.cards[0].title
    if len(title) > HEADLINE_LONGEST:
        return gettext("Your next step is ready.")
    return gettext("%(title)s is your next step.") % {"title": title}
