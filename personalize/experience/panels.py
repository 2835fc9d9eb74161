"""L5: what do the parts of a learner's page show? Answers turned into words, without a query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from personalize.data import (
    Action,
    Confidence,
    Explanation,
    Intent,
    Item,
    Reason,
    Recommendation,
    Slot,
    Source,
)
from personalize.decision import mix
from personalize.decision.mix import Kind
from personalize.decision.onboarding import SIGNALS_ENOUGH
from signals.data import CourseInfo, ModuleInfo, ModuleState

FALLBACKS = frozenset({Source.POPULAR, Source.COHORT, Source.CURATED})
PERSONAL = frozenset({Source.MODEL, Source.LAST_GOOD, Source.ONBOARDING})
STAFF_KINDS = frozenset({"boost", "pin"})
HEADLINE_LONGEST = 44  # characters of a title that still read as one line
ROUTE_LONGEST = 7  # stops on the line of a course; longer courses show the bar alone
Ratings = Mapping[int, tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence, strong where it names a course or the goal."""

    text: str
    strong: bool


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason with its share of the score, 0..1."""

    phrases: tuple[Phrase, ...]
    share: float
    spoken: str


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation panel of one pick."""

    sentence: tuple[Phrase, ...]
    reasons: tuple[ReasonLine, ...]
    confidence: int  # bars, 1..4
    words: str
    basis: str
    used: str
    not_used: str
    mix: str  # how much comes from what, in percent
    note: str  # said when something is missing, e.g. a reason deleted with its consent


@dataclass(frozen=True, slots=True)
class Card:
    """One course on a list, with its panel when it is open."""

    request_id: UUID
    course_id: int
    href: str
    title: str
    provider: str
    field: str
    level: str
    minutes: int
    summary: str
    skills: tuple[str, ...]
    line: str  # the one reason under the title; empty on lists that are not personal
    confidence: int  # bars, 0 on lists that are not personal
    words: str
    rating: tuple[float, int] | None  # mean and how many, from 10 ratings up
    badge: str  # "Promoted by staff" and the like
    module: str  # title of the lesson when lessons are recommended
    why_href: str
    why: Why | None


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


@dataclass(frozen=True, slots=True)
class Continue:
    """The course a learner is in the middle of."""

    course: str
    module: str
    href: str
    share: float  # 0..1 of the modules done
    done: int
    modules: int
    minutes_left: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the route line; state is done, now or empty."""

    title: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of the three signals that make a list personal."""

    title: str
    note: str
    done: bool


def words(confidence: Confidence) -> str:
    """Return the words beside the bars of a match."""
    return {
        Confidence.STRONG: gettext("Strong match"),
        Confidence.GOOD: gettext("Good match"),
        Confidence.FAIR: gettext("Fair match"),
        Confidence.EXPLORING: gettext("Exploring"),
    }[confidence]


def emphasise(text: str, names: Iterable[str]) -> tuple[Phrase, ...]:
    """Split a sentence so that the longest known names in it are strong."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    phrases = [Phrase(text, strong=False)]
    for name in known:
        phrases = [piece for phrase in phrases for piece in _split(phrase, name)]
    return tuple(phrases)


def _split(phrase: Phrase, name: str) -> list[Phrase]:
    before, found, after = phrase.text.partition(name)
    if phrase.strong or not found:
        return [phrase]
    parts = [Phrase(before, strong=False), Phrase(name, strong=True), Phrase(after, strong=False)]
    return [part for part in parts if part.text]


def lead(reasons: Sequence[Reason], goal: str, *, personal: bool) -> str:
    """Return the one sentence of a panel: the leading reason, and the goal where it counted."""
    if not reasons and personal:
        return gettext("This was picked for you, and its reasons are no longer stored.")
    if not reasons:
        return gettext("Part of the list that everyone sees.")
    first = reasons[0].text.rstrip(".")
    if goal and reasons[0].kind != "goal" and any(reason.kind == "goal" for reason in reasons):
        return gettext("%(reason)s, and you are working towards %(goal)s.") % {
            "reason": first,
            "goal": goal,
        }
    return f"{first}."


def why(
    item: Item,
    *,
    goal: str,
    signals: int,
    used: Sequence[str],
    not_used: Sequence[str],
    personal: bool = True,
    note: str = "",
) -> Why:
    """Return the panel of one item, its reasons in the order of the decision."""
    strong = [goal, *(reason.evidence for reason in item.reasons if reason.kind == "course")]
    return Why(
        sentence=emphasise(lead(item.reasons, goal, personal=personal), strong),
        reasons=tuple(
            ReasonLine(
                phrases=emphasise(reason.text, strong),
                share=reason.share,
                spoken=gettext("%d%% of the score") % round(100 * reason.share),
            )
            for reason in item.reasons
        ),
        confidence=int(item.confidence) if personal else 0,
        words=words(item.confidence) if personal else "",
        basis=_basis(signals, goal),
        used=_listing(used) or gettext("Nothing about you"),
        not_used=_listing(not_used),
        mix=_mixed(item),
        note=note,
    )


def explained(
    found: Explanation, course: CourseInfo, *, rating: tuple[float, int] | None = None
) -> Card:
    """Return the card of a stored explanation with its panel open."""
    personal = found.source in PERSONAL
    panel = why(
        found.item,
        goal=found.goal,
        signals=found.signals,
        used=found.used,
        not_used=found.not_used,
        personal=personal,
        note=found.note,
    )
    return card(
        found.item,
        course,
        request_id=found.request_id,
        personal=personal,
        rating=rating,
        panel=panel,
    )


def _basis(signals: int, goal: str) -> str:
    if signals:
        return (
            ngettext("based on %d course of yours", "based on %d courses of yours", signals)
            % signals
        )
    return gettext("based on your goal") if goal else gettext("not based on your history")


def _mixed(item: Item) -> str:
    """Return how much of a pick comes from what, in percent, the largest first."""
    words = {
        Kind.GOAL: gettext("your goal and skills"),
        Kind.ANSWERS: gettext("what you asked for"),
        Kind.SESSION: gettext("what you did just now"),
        Kind.HISTORY: gettext("what you did before"),
        Kind.EVERYONE: gettext("what all learners choose"),
        Kind.RULES: gettext("what courses build on"),
        Kind.STAFF: gettext("people who edit the list"),
    }
    return ", ".join(
        gettext("%(n)d%% %(what)s") % {"n": n, "what": words[kind]}
        for kind, n in mix.percents(item.mix)
    )


def _listing(names: Sequence[str]) -> str:
    text = ", ".join(names)
    return text[:1].upper() + text[1:]


def card(
    item: Item,
    course: CourseInfo,
    *,
    request_id: UUID,
    personal: bool,
    module: str = "",
    rating: tuple[float, int] | None = None,
    panel: Why | None = None,
) -> Card:
    """Return one card; bars and reasons only where the list is personal."""
    return Card(
        request_id=request_id,
        course_id=course.course_id,
        href=f"{reverse('experience:course', args=[course.slug])}?from={request_id}",
        title=course.title,
        provider=course.provider,
        field=course.field,
        level=level(course.level),
        minutes=course.minutes,
        summary=course.summary,
        skills=course.skills,
        line=_line(item) if personal else "",
        confidence=int(item.confidence) if personal else 0,
        words=words(item.confidence) if personal else "",
        rating=rating,
        badge=_badge(item),
        module=module,
        why_href=reverse("experience:why", args=[request_id, course.course_id]),
        why=panel,
    )


def _line(item: Item) -> str:
    return next((reason.text for reason in item.reasons if reason.kind not in STAFF_KINDS), "")


def _badge(item: Item) -> str:
    if item.slot not in {Slot.PINNED, Slot.BOOSTED}:
        return ""
    said = next((reason.text for reason in item.reasons if reason.kind in STAFF_KINDS), "")
    if said:
        return said
    return gettext("Pinned by staff") if item.slot is Slot.PINNED else gettext("Promoted by staff")


def level(code: str) -> str:
    """Return a level as people say it, nothing when the catalogue does not state one."""
    return {
        "beginner": gettext("Beginner"),
        "intermediate": gettext("Intermediate"),
        "advanced": gettext("Advanced"),
    }.get(code, "")


def form(code: str) -> str:
    """Return how a module teaches as people say it, nothing when it is not stated."""
    return {
        "video": gettext("Video"),
        "article": gettext("Article"),
        "exercise": gettext("Exercise"),
        "quiz": gettext("Quiz"),
    }.get(code, "")


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

    def panel(item: Item) -> Why | None:
        if not personal or item.course_id != opened:
            return None
        return why(
            item,
            goal=goal,
            signals=recommendation.signals,
            used=recommendation.used,
            not_used=recommendation.not_used,
        )

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
                module=_lesson(item, modules),
                rating=(ratings or {}).get(item.course_id),
                panel=panel(item),
            )
            for item in shown
        ),
    )


def _lesson(item: Item, modules: Mapping[int, ModuleInfo] | None) -> str:
    if item.module_id is None or modules is None or item.module_id not in modules:
        return ""
    return modules[item.module_id].title


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
            "day": date_format(until, "j F"),
        }
    else:
        text = gettext("Hidden. You will not see “%(title)s” among your picks again.") % {
            "title": course.title
        }
    return Undo(request_id=request_id, course_id=course.course_id, text=text)


def headline(shown: Picks) -> str:
    """Return the second line of the greeting: the next step, where there is a personal one."""
    if not shown.personal or not shown.cards:
        return ""
    title = shown.cards[0].title
    if len(title) > HEADLINE_LONGEST:
        return gettext("Your next step is ready.")
    return gettext("%(title)s is your next step.") % {"title": title}


def route(modules: Sequence[ModuleInfo], states: Mapping[int, ModuleState]) -> tuple[Stop, ...]:
    """Return the modules of a course as stops of the route, or none when there are too many."""
    if not 2 <= len(modules) <= ROUTE_LONGEST:
        return ()
    stops, here = [], False
    for module in modules:
        state = states.get(module.module_id)
        if state is not None and state.completed_at is not None:
            score = "" if state.score is None else f", {round(100 * state.score)}%"
            stops.append(Stop(module.title, gettext("Done") + score, "done"))
            continue
        minutes = gettext("%d min") % module.minutes if module.minutes else ""
        stops.append(Stop(module.title, minutes, "" if here else "now"))
        here = True
    return tuple(stops)


def continuing(
    course: CourseInfo, modules: Sequence[ModuleInfo], states: Mapping[int, ModuleState]
) -> Continue | None:
    """Return the card of a course that was begun and not finished, else nothing."""
    finished = {key for key, state in states.items() if state.completed_at is not None}
    left = [module for module in modules if module.module_id not in finished]
    if not left:
        return None
    following = left[0]
    done = len(modules) - len(left)
    return Continue(
        course=course.title,
        module=following.title,
        href=reverse("experience:module", args=[course.slug, following.module_id]),
        share=done / len(modules),
        done=done,
        modules=len(modules),
        minutes_left=sum(module.minutes for module in left),
    )


def first_steps(*, goal: str, interests: Sequence[str], begun: bool) -> tuple[FirstStep, ...]:
    """Return the three signals that make a list personal, each with whether it is there."""
    return (
        FirstStep(gettext("A goal"), gettext("10 seconds"), bool(goal)),
        FirstStep(gettext("What interests you"), gettext("1 minute"), bool(interests)),
        FirstStep(gettext("A first lesson"), gettext("10 to 15 minutes"), begun),
    )


def times() -> tuple[tuple[int, str], ...]:
    """Return what a learner can say about the minutes of a week, 0 for nothing said."""
    return (
        (0, gettext("Not sure")),
        (60, gettext("About 1 hour")),
        (180, gettext("About 3 hours")),
        (360, gettext("6 hours and more")),
    )
