"""What do the labels on a learner's data say? (L5) Words for tiers, kinds, and what was done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils.translation import gettext, ngettext, pgettext

from signals.data import (
    UNDER_13,
    Allowed,
    CourseInfo,
    Derived,
    KindLabel,
    LedgerRow,
    PastEvent,
    Purpose,
    RequestRow,
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
    """Who did what with a learner's data."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing computed about a learner, and from what."""

    title: str
    value: str
    source: str


def tiers(said: Switches, kinds: Iterable[KindLabel]) -> list[TierLabel]:
    """Return the four kinds of data; what is collected comes from the contract of signals."""
    by_tier: dict[Tier, list[KindLabel]] = {tier: [] for tier in Tier}
    for kind in kinds:
        by_tier[kind.tier].append(kind)
    return [_tier(tier, said, by_tier[tier]) for tier in Tier]


def _tier(tier: Tier, said: Switches, kinds: Sequence[KindLabel]) -> TierLabel:
    title, use, basis, readers, without = _words(tier)
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
        kept=_kept(tier, kinds),
        readers=readers,
        without=without,
    )


def _words(tier: Tier) -> tuple[str, str, str, str, str]:
    """Return title, use, legal basis, readers, and what is lost without it."""
    return {
        Tier.NEEDED: (
            gettext("Account and enrolment"),
            gettext("Needed to run your courses."),
            gettext("Contract"),
            gettext("You, and staff who support you"),
            gettext("Not possible: courses could not run"),
        ),
        Tier.PERSONALIZATION: (
            gettext("Browsing, ratings and search"),
            gettext("Chooses your next course. It is on until you object; this is not consent."),
            gettext("Legitimate interest, with your right to object"),
            gettext("You; staff only as totals of 10 people or more"),
            gettext("The same list for everyone, by topic and rating"),
        ),
        Tier.FINE_GRAINED: (
            gettext("Fine details of how you study"),
            gettext("Finds where a video is hard to follow."),
            gettext("Your consent"),
            gettext("Nobody in raw form; positions in a video are never stored"),
            gettext("Nothing changes in your courses or lists"),
        ),
        Tier.INFERRED: (
            gettext("What we infer about you"),
            gettext("Finds the format that suits you, such as short videos or reading."),
            gettext("Your consent"),
            gettext("You; never your instructors"),
            gettext("No format suggestions, and nothing is inferred"),
        ),
    }[tier]


def _collected(tier: Tier, kinds: Sequence[KindLabel]) -> str:
    if tier is Tier.INFERRED and not kinds:
        return gettext("Nothing new: how you get on in each format, computed from the rest")
    words = list(dict.fromkeys(kind_words(kind.name)[1] for kind in kinds))
    first = [gettext("name and e-mail")] if tier is Tier.NEEDED else []
    text = ", ".join([*first, *words])
    return text[:1].upper() + text[1:]


def _kept(tier: Tier, kinds: Sequence[KindLabel]) -> str:
    if tier is Tier.INFERRED:
        return gettext("Until you turn it off, 24 months at most")
    months = max((kind.retention_months for kind in kinds), default=0)
    if tier is Tier.NEEDED:
        return gettext("While you have an account; single steps %d months") % months
    return gettext("%d months, then deleted") % months


def kind_words(name: str) -> tuple[str, str]:
    """Return what a learner did, and the name of that data; a new kind shows its own name."""
    told = {
        "course.viewed": (gettext("Opened a course page"), gettext("course pages opened")),
        "course.enrolled": (gettext("Joined a course"), gettext("courses joined and left")),
        "course.unenrolled": (gettext("Left a course"), gettext("courses joined and left")),
        "course.completed": (gettext("Completed a course"), gettext("courses completed")),
        "course.rated": (gettext("Rated a course"), gettext("your ratings")),
        "search.performed": (gettext("Searched"), gettext("searches (sealed)")),
        "forum.posted": (gettext("Wrote in a forum"), gettext("forum posts (sealed)")),
        "video.played": (gettext("Played a video"), gettext("video plays")),
        "video.paused": (gettext("Paused a video"), gettext("pauses")),
        "video.seeked": (gettext("Moved in a video"), gettext("rewinds and skips")),
        "rec.shown": (gettext("Saw recommendations"), gettext("recommendations shown")),
        "rec.clicked": (gettext("Opened a recommendation"), gettext("recommendations opened")),
        "rec.dismissed": (gettext("Hid a recommendation"), gettext("what you hid or snoozed")),
        "rec.snoozed": (gettext("Snoozed a recommendation"), gettext("what you hid or snoozed")),
        "lesson.started": (gettext("Began a lesson"), gettext("lessons begun and completed")),
        "lesson.completed": (
            gettext("Completed a lesson"),
            gettext("lessons begun and completed"),
        ),
    }
    family, _, verb = name.partition(".")
    return told.get(name, (f"{family}: {verb}".replace("_", " "), _family(family)))


def _family(family: str) -> str:
    return {
        "course": gettext("steps in courses"),
        "lesson": gettext("steps in lessons"),
        "quiz": gettext("quiz answers and scores"),
        "video": gettext("speed and other steps in videos"),
        "forum": gettext("steps in forums"),
        "order": gettext("orders"),
        "live": gettext("live sessions attended"),
        "rec": gettext("answers to recommendations"),
    }.get(family, gettext("visits of the platform"))


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
    """Return the age bands with their names, and which one holds."""
    named = (
        ("", gettext("18 or older, or not stated")),
        ("under18", gettext("13 to 17")),
        (UNDER_13, gettext("Under 13")),
    )
    return [(band, name, band == chosen) for band, name in named]


def derived(found: Derived | None) -> list[Fact]:
    """Return what was computed about a learner, each with what it was computed from."""
    if found is None:
        return []
    events = ngettext("from %d event", "from %d events", found.events) % found.events
    facts = [
        Fact(
            gettext("How regularly you learn"),
            ngettext("%d active day", "%d active days", found.active_days) % found.active_days,
            events,
        ),
        Fact(
            gettext("How far you got"),
            ngettext("%d lesson", "%d lessons", found.lessons_completed) % found.lessons_completed,
            ngettext(
                "from %d course completed", "from %d courses completed", found.courses_completed
            )
            % found.courses_completed,
        ),
    ]
    if found.score_mean is not None:
        share = round(PERCENT * found.score_mean)
        facts.append(Fact(gettext("Quiz results, on average"), f"{share}%", events))
    facts += [
        Fact(
            gettext("How you get on with “%s”") % name,
            f"{round(PERCENT * share)}%",
            gettext("your consent: from lessons finished, rewinds and quiz results"),
        )
        for name, share in found.formats
    ]
    return facts


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


def by_day(lines: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    """Return lines under their days."""
    return [(day, list(rows)) for day, rows in groupby(lines, key=lambda line: line.at.date())]


def log(rows: Iterable[LedgerRow], *, me: str) -> list[LogLine]:
    """Return who did what with a learner's data, from the ledger."""
    return [LogLine(row.at, _who(row, me), _deed(row)) for row in rows]


def _who(row: LedgerRow, me: str) -> str:
    if row.actor == me:
        return pgettext("who did it", "You")
    return {"staff": gettext("Staff"), "source": gettext("Your platform")}.get(
        row.actor.partition(":")[0], "Northway"
    )


def _deed(row: LedgerRow) -> str:
    on = bool(row.detail.get("granted"))
    return {
        "consent.personalization": gettext("turned personalization on")
        if on
        else gettext("turned personalization off"),
        "consent.fine_grained": gettext("turned fine details on")
        if on
        else gettext("turned fine details off"),
        "consent.inferred": gettext("turned inferences on")
        if on
        else gettext("turned inferences off"),
        "consent.gpc": gettext("sent Global Privacy Control: it is honoured"),
        "learner.exported": gettext("downloaded a copy"),
        "learner.reset": gettext("reset recommendations"),
        "learner.age_band": gettext("stated an age band"),
    }.get(row.action, row.action)


def held(exported: Mapping[str, object]) -> list[tuple[str, int]]:
    """Return how much of what is held about a learner, for who is about to erase it."""
    counts: dict[str, int] = {}
    for held_by in exported.values():
        for table, rows in held_by.items() if isinstance(held_by, dict) else ():
            if isinstance(rows, list) and rows:
                name = _table_words().get(table, "")
                counts[name] = counts.get(name, 0) + len(rows)
    rest = counts.pop("", 0)
    shown = sorted(counts.items(), key=lambda pair: -pair[1])
    return [*shown, (gettext("Other entries"), rest)] if rest else shown


def _table_words() -> dict[str, str]:
    return {
        "events": gettext("Steps in courses, lessons and lists"),
        "courses": gettext("Courses with your progress"),
        "modules": gettext("Lessons with your results"),
        "searches": gettext("Searches"),
        "forum_posts": gettext("Forum posts"),
        "recommendations": gettext("Lists we made for you"),
        "feedback": gettext("What you hid or snoozed"),
        "sessions": gettext("Study sessions"),
        "consent_changes": gettext("Changes of your switches"),
    }


def steps(request: RequestRow) -> list[tuple[str, str, int, int]]:
    """Return the steps of an erasure in words: what, how it was proved, how many, what is left."""
    told = {
        "tombstone": (
            gettext("Kept out"),
            gettext("What arrives late about you is refused"),
        ),
        "refused": (
            gettext("Refused input"),
            gettext("Sealed input that named you was opened and deleted"),
        ),
        "rows": (gettext("Records"), gettext("Every table that knows learners was asked")),
        "sessions": (gettext("Sign-ins"), gettext("Your sessions and failed attempts ended")),
        "caches": (gettext("Memory"), gettext("Remembered lists are gone")),
        "keys": (
            gettext("Your key"),
            gettext("Destroyed: sealed copies, also in backups, cannot be read any more"),
        ),
        "models": (
            gettext("Models"),
            gettext("None holds a person; totals follow at the next nightly training"),
        ),
    }
    return [
        (*told.get(step.name, (step.name, "")), step.count, step.left) for step in request.steps
    ]
