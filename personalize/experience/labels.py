"""What do the labels on a learner's data say? (L5) Words for tiers, kinds, and what was done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext

from personalize.experience.cards import form
from personalize.experience.languages import listing
from signals import api as signals
from signals.data import (
    UNDER_13,
    Allowed,
    CourseInfo,
    Derived,
    KindLabel,
    LabelFigures,
    LedgerRow,
    PastEvent,
    Purpose,
    RequestRow,
    RequestStep,
    Switches,
    Tier,
)

DEFAULTS = Allowed(personalization=True, fine_grained=False, inferred=False)
PURPOSE_OF = {
    Tier.PERSONALIZATION: Purpose.PERSONALIZATION,
    Tier.FINE_GRAINED: Purpose.FINE_GRAINED,
    Tier.INFERRED: Purpose.INFERRED,
}
PERCENT = 100
_SWITCHED = frozenset(f"consent.{purpose}" for purpose in Purpose)


@dataclass(frozen=True, slots=True)
class TierLabel:
    """One kind of data with its switch."""

    tier: int
    purpose: str  # of the switch; empty where there is none
    title: str
    use: str
    on: bool  # as it works now
    locked: str  # why the switch cannot be turned on; empty where it can
    basis: str
    collected: str
    kept: str
    readers: str
    without: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a learner did, in words."""

    at: datetime
    text: str
    about: str  # title of a course, or nothing
    slug: str
    source: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """Who did what with a learner's data, as one sentence."""

    at: datetime
    text: str


Dated = TypeVar("Dated", Line, LogLine)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing computed about a learner, and from what."""

    title: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an erasure, and what a query found after it."""

    title: str
    text: str
    found: str
    left: int


def tiers(said: Switches, kinds: Iterable[KindLabel], figures: LabelFigures) -> list[TierLabel]:
    """Return the four kinds of data; what is collected, and for how long, is the contract's."""
    by_tier: dict[Tier, list[KindLabel]] = {tier: [] for tier in Tier}
    for kind in kinds:
        by_tier[kind.tier].append(kind)
    return [_tier(tier, said, by_tier[tier], figures) for tier in Tier]


def _tier(
    tier: Tier, said: Switches, kinds: Sequence[KindLabel], figures: LabelFigures
) -> TierLabel:
    title, use, basis, without = _words(tier)
    purpose = PURPOSE_OF.get(tier)
    return TierLabel(
        tier=tier,
        purpose=purpose or "",
        title=title,
        use=use,
        on=said.allowed.tier(tier),
        locked=refusal(purpose, said) if purpose else "",
        basis=basis,
        collected=_collected(tier, kinds),
        kept=_kept(tier, kinds, figures),
        readers=_readers(tier, figures),
        without=without,
    )


def _words(tier: Tier) -> tuple[str, str, str, str]:
    """Return title, use, legal basis, and what is lost without it."""
    return {
        Tier.NEEDED: (
            gettext("Account and enrolment"),
            gettext("Needed to run your courses."),
            gettext("Contract"),
            gettext("Not possible: courses could not run"),
        ),
        Tier.PERSONALIZATION: (
            gettext("Browsing, ratings and search"),
            gettext("Chooses your next course. It is on until you object; this is not consent."),
            gettext("Legitimate interest, with your right to object"),
            gettext("The same list for everyone, by what most choose"),
        ),
        Tier.FINE_GRAINED: (
            gettext("Fine details of how you study"),
            gettext("Finds where a video is hard to follow."),
            gettext("Your consent"),
            gettext("Nothing changes in your courses or lists"),
        ),
        Tier.INFERRED: (
            gettext("What we infer about you"),
            gettext("Finds the format that suits you, such as short videos or reading."),
            gettext("Your consent"),
            gettext("No format suggestions, and nothing is inferred"),
        ),
    }[tier]


def _collected(tier: Tier, kinds: Sequence[KindLabel]) -> str:
    if tier is Tier.INFERRED and not kinds:
        return gettext("Nothing new: how you get on in each format, computed from the rest")
    words = list(dict.fromkeys(kind_words(kind.name)[1] for kind in kinds))
    first = [gettext("name and e-mail")] if tier is Tier.NEEDED else []
    text = listing([*first, *words])
    return text[:1].upper() + text[1:]


def _kept(tier: Tier, kinds: Sequence[KindLabel], figures: LabelFigures) -> str:
    months = max((kind.retention_months for kind in kinds), default=figures.derived_months)
    return {
        Tier.NEEDED: gettext(
            "While you have an account; the single steps %d months, then they are deleted"
        ),
        Tier.PERSONALIZATION: gettext(
            "%d months, then deleted; your last visit and rating of a course until you reset"
        ),
        Tier.FINE_GRAINED: gettext("%d months, then deleted"),
        Tier.INFERRED: gettext("Until you turn it off, %d months at most"),
    }[tier] % months


def _readers(tier: Tier, figures: LabelFigures) -> str:
    return {
        Tier.NEEDED: gettext("You, and staff who support you"),
        Tier.PERSONALIZATION: gettext("You; staff only as totals of %d people or more")
        % figures.smallest_group,
        Tier.FINE_GRAINED: gettext("You; positions in a video are never stored"),
        Tier.INFERRED: gettext("You; never your instructors"),
    }[tier]


def kind_words(name: str) -> tuple[str, str]:
    """Return what a learner did, and the name of that data; a new kind shows its own name."""
    told = {
        "course.viewed": (gettext("Opened a course page"), gettext("course pages opened")),
        "course.enrolled": (gettext("Joined a course"), gettext("courses joined and left")),
        "course.unenrolled": (gettext("Left a course"), gettext("courses joined and left")),
        "course.completed": (gettext("Completed a course"), gettext("courses completed")),
        "course.rated": (gettext("Rated a course"), gettext("ratings")),
        "lesson.started": (gettext("Began a lesson"), gettext("lessons begun and completed")),
        "lesson.completed": (
            gettext("Completed a lesson"),
            gettext("lessons begun and completed"),
        ),
        "lesson.progressed": (gettext("Went on in a lesson"), gettext("how far you read")),
        "quiz.scored": (gettext("Did a quiz"), gettext("quiz results")),
        "search.performed": (gettext("Searched"), gettext("searches")),
        "forum.posted": (gettext("Wrote in a forum"), gettext("forum posts")),
        "video.played": (gettext("Played a video"), gettext("video plays")),
        "video.paused": (gettext("Paused a video"), gettext("pauses")),
        "video.seeked": (gettext("Moved in a video"), gettext("rewinds and skips")),
        "rec.shown": (gettext("Saw recommendations"), _on_lists()),
        "rec.clicked": (gettext("Opened a recommendation"), _on_lists()),
        "rec.dismissed": (gettext("Hid a recommendation"), _on_lists()),
        "rec.snoozed": (gettext("Snoozed a recommendation"), _on_lists()),
        "order.paid": (gettext("Paid for a course"), gettext("orders and subscriptions")),
        "subscription.started": (
            gettext("Began a subscription"),
            gettext("orders and subscriptions"),
        ),
        "subscription.ended": (
            gettext("Ended a subscription"),
            gettext("orders and subscriptions"),
        ),
        "live.joined": (gettext("Joined a live session"), gettext("live sessions joined")),
        "platform.used": (gettext("Used the platform"), gettext("when you were active")),
    }
    family, _, verb = name.partition(".")
    return told.get(name, (f"{family}: {verb}".replace("_", " "), name.replace(".", " ")))


def _on_lists() -> str:
    return gettext("what you saw, opened, hid and snoozed in lists")


def refusal(purpose: Purpose, said: Switches) -> str:
    """Return why a purpose cannot be switched on just now; empty where it can."""
    if purpose is Purpose.PERSONALIZATION:
        return gettext("Off: under 13, no profile is kept.") if said.age_band == UNDER_13 else ""
    if said.minor:
        return gettext("Off: under 18, this stays off.")
    if said.gpc:
        return gettext("Off: your browser sends Global Privacy Control.")
    if not said.allowed.personalization:
        return gettext("Off: turn personalization on first.")
    return ""


def switched(purpose: Purpose, *, granted: bool) -> str:
    """Return what a switch just did."""
    if granted:
        return {
            Purpose.PERSONALIZATION: gettext("Personalization is on."),
            Purpose.FINE_GRAINED: gettext("Fine details are kept from now on."),
            Purpose.INFERRED: gettext("What suits you is inferred from now on."),
        }[purpose]
    return {
        Purpose.PERSONALIZATION: gettext(
            "Personalization is off, and the stored reasons of your picks are deleted."
        ),
        Purpose.FINE_GRAINED: gettext("Fine details are off: none is taken in any more."),
        Purpose.INFERRED: gettext("Nothing is inferred any more, and what was is deleted."),
    }[purpose]


def bands(chosen: str) -> list[tuple[str, str, bool]]:
    """Return the age bands a learner may choose, with names and which one holds.

    Those that protect less than the one that holds are not among them: others decide that.
    """
    named = (
        ("", gettext("18 or older, or not stated")),
        ("under18", gettext("13 to 17")),
        (UNDER_13, gettext("Under 13")),
    )
    order = [band for band, _name in named]
    at = order.index(chosen) if chosen in order else 0
    return [(band, name, band == chosen) for band, name in named[at:]]


def derived(found: Derived | None) -> list[Fact]:
    """Return what was computed about a learner, each with what it was computed from."""
    if found is None:
        return []
    steps = ngettext("from %d step", "from %d steps", found.events) % found.events
    sittings = ngettext("from %d session", "from %d sessions", found.sessions) % found.sessions
    facts = [
        Fact(
            gettext("How regularly you learn"),
            ngettext("%d active day", "%d active days", found.active_days) % found.active_days,
            sittings,
        ),
        Fact(
            gettext("How far you got"),
            _completed(found.courses_completed, found.lessons_completed),
            steps,
        ),
    ]
    if found.score_mean is not None:
        share = round(PERCENT * found.score_mean)
        facts.append(
            Fact(gettext("Your quiz results on average"), f"{share}%", gettext("from your quizzes"))
        )
    if found.formats:
        facts.append(
            Fact(
                gettext("Which formats go well for you"),
                listing(
                    f"{form(name) or name} {round(PERCENT * share)}%"
                    for name, share in found.formats
                ),
                gettext("from lessons finished, rewinds and quiz results, by your consent"),
            )
        )
    return facts


def _completed(courses: int, lessons: int) -> str:
    done = ngettext("%d lesson", "%d lessons", lessons) % lessons
    if not courses:
        return done
    return listing([ngettext("%d course", "%d courses", courses) % courses, done])


def history(events: Iterable[PastEvent], course: Callable[[int], CourseInfo | None]) -> list[Line]:
    """Return what a learner did, in words."""
    lines = []
    for event in events:
        info = course(event.course_id) if event.course_id is not None else None
        lines.append(
            Line(
                at=event.occurred_at,
                text=kind_words(event.kind)[0],
                about=info.title if info else "",
                slug=info.slug if info else "",
                source=event.source,
            )
        )
    return lines


def by_day(lines: Iterable[Dated]) -> list[tuple[date, list[Dated]]]:
    """Return lines under their days."""
    return [(day, list(rows)) for day, rows in groupby(lines, key=lambda line: day_of(line.at))]


def day_of(moment: datetime) -> date:
    """Return the day of a moment as pages show it."""
    return timezone.localtime(moment).date()


def log(rows: Iterable[LedgerRow], *, me: str) -> list[LogLine]:
    """Return who did what with a learner's data, from the ledger."""
    return [LogLine(row.at, _deed(row, _who(row, me))) for row in rows]


def _who(row: LedgerRow, me: str) -> str:
    if row.actor == me:
        return pgettext("who did it", "You")
    return {"staff": gettext("Staff"), "source": gettext("Your platform")}.get(
        row.actor.partition(":")[0], "Northway"
    )


def _deed(row: LedgerRow, who: str) -> str:
    """Return a ledger entry as a sentence; one that has no words here shows its own name."""
    action = row.action
    if action in _SWITCHED:
        on = bool(row.detail.get("granted"))
        action += ".on" if on else ".off"
    elif action == "consent.gpc" and row.detail.get("granted"):
        action += ".withdrawn"
    told = {
        "consent.personalization.on": gettext("%s turned personalization on"),
        "consent.personalization.off": gettext("%s turned personalization off"),
        "consent.fine_grained.on": gettext("%s turned fine details on"),
        "consent.fine_grained.off": gettext("%s turned fine details off"),
        "consent.inferred.on": gettext("%s turned inferences on"),
        "consent.inferred.off": gettext("%s turned inferences off"),
        "consent.gpc.withdrawn": gettext("%s chose again, without Global Privacy Control"),
        "consent.gpc": gettext("%s sent Global Privacy Control, which is honoured"),
        "learner.exported": gettext("%s downloaded a copy"),
        "learner.reset": gettext("%s reset your recommendations"),
        "learner.history_deleted": gettext("%s deleted your history"),
        "learner.age_band": gettext("%s set your age band"),
        "reminders.mail_on": gettext("%s switched reminders by e-mail on"),
        "reminders.mail_off": gettext("%s switched reminders by e-mail off"),
        "reminders.stopped": gettext("%s stopped all reminders"),
    }.get(action)
    return told % who if told else f"{who}: {row.action}"


def deleted(entries: int) -> str:
    """Return how much was deleted."""
    return ngettext("%d entry was deleted.", "%d entries were deleted.", entries) % entries


def held(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return how much of what is held about a learner, for who is about to erase it."""
    words = _table_words()
    shown = [(words[table], n) for table, n in counted.items() if table in words]
    rest = sum(n for table, n in counted.items() if table not in words)
    shown.sort(key=lambda pair: -pair[1])
    return [*shown, (gettext("Other entries"), rest)] if rest else shown


def _table_words() -> dict[str, str]:
    return {
        "signals.Event": gettext("Steps in courses, lessons and lists"),
        "signals.LearnerCourse": gettext("Courses with your progress"),
        "signals.LearnerModule": gettext("Lessons with your results"),
        "signals.SearchQuery": gettext("Searches"),
        "signals.ForumPost": gettext("Forum posts"),
        "signals.LearnerSession": gettext("Study sessions"),
        "signals.ConsentChange": gettext("Changes of your switches"),
        "personalize.Decision": gettext("Lists we made for you"),
        "personalize.Feedback": gettext("What you hid or snoozed"),
        "personalize.Reminder": gettext("Reminders you were given"),
    }


def steps(request: RequestRow) -> list[Step]:
    """Return the steps of an erasure in words."""
    told = _step_words()
    return [
        Step(
            signals.step_title(step.name),
            told.get(step.name, ""),
            found=_found(step),
            left=step.left,
        )
        for step in request.steps
    ]


def _found(step: RequestStep) -> str:
    if step.left:
        return ngettext("%d left", "%d left", step.left) % step.left
    if step.name == "tombstone":
        return gettext("in force")
    return gettext("%s gone, 0 left") % intcomma(step.count)


def _step_words() -> dict[str, str]:
    return {
        "tombstone": gettext("What arrives late about you is refused"),
        "refused": gettext("Sealed input that named you was opened and deleted"),
        "rows": gettext("Every table that knows learners was asked"),
        "sessions": gettext("You are signed out everywhere"),
        "spool": gettext("Input not stored yet was looked through"),
        "caches": gettext("Remembered lists are gone"),
        "keys": gettext("Destroyed: sealed copies, also in backups, cannot be read any more"),
        "models": gettext("None holds a person; totals follow at the next nightly training"),
        "requests": gettext("Requests you made no longer say whose they were"),
    }
