"""What does the panel of a pick say? (L5) One true sentence, reasons, bars, used and not used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext, ngettext

from personalize.data import Confidence, Item, Reason
from personalize.decision import mix
from personalize.decision.mix import Kind
from personalize.decision.reasons import BETWEEN
from personalize.experience import ages, likelihood
from personalize.experience.languages import listing, name_of

CHANGES_MOST = 2
COURSES = frozenset({"course", "courses"})  # kinds of reasons whose evidence is titles


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
class Change:
    """What would bring another pick here; course_id where it is a course that could not count."""

    text: str
    course_id: int = 0
    title: str = ""
    to_goal: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation panel of one pick."""

    sentence: tuple[Phrase, ...]
    checked: str  # said where the pick was found to be the leading reason's doing
    reasons: tuple[ReasonLine, ...]
    confidence: int  # bars, 1..4
    words: str
    basis: str
    odds: str  # how likely it is opened, beside what is usual
    used: str
    not_used: str
    mix: str  # how much comes from what, in percent
    changes: tuple[Change, ...]  # what would change it, the surest first
    note: str  # said when something is missing, e.g. a reason deleted with its consent
    languages: str = ""  # which the list keeps to, where there are others

    def within(self, languages: Sequence[str]) -> "Why":
        """Return it with the languages the list keeps to."""
        if not languages:
            return self
        names = " · ".join(name_of(code) for code in languages)
        said = gettext("This list keeps to courses in %(languages)s.") % {"languages": names}
        return replace(self, languages=said)


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


def panel(
    item: Item,
    *,
    goal: str,
    signals: int,
    used: Sequence[str],
    not_used: Sequence[str],
    personal: bool = True,
    note: str = "",
    newest_days: float | None = None,
) -> Why:
    """Return the panel of one item: it leads with what decided, its lines go by their share."""
    courses = [reason.evidence for reason in item.reasons if reason.kind in COURSES]
    strong = [goal, *(title for titles in courses for title in titles.split(BETWEEN))]
    return Why(
        sentence=emphasise(lead(item.reasons, goal, personal=personal), strong),
        checked=_checked(item.reasons),
        reasons=tuple(
            ReasonLine(
                phrases=emphasise(reason.text, strong),
                share=reason.share,
                spoken=gettext("%d%% of the score") % round(100 * reason.share),
            )
            for reason in sorted(item.reasons, key=lambda reason: -reason.share)
        ),
        confidence=int(item.confidence) if personal else 0,
        words=words(item.confidence) if personal else "",
        basis=_basis(signals, goal, newest_days),
        odds=likelihood.told(item.chance) if personal else "",
        used=_listing(used) or gettext("Nothing about you"),
        not_used=_listing(not_used),
        mix=_mixed(item),
        changes=_changes(item.reasons) if personal else (),
        note=note,
    )


def _checked(reasons: Sequence[Reason]) -> str:
    if not reasons or not reasons[0].decides:
        return ""
    return gettext("Without that, another course would be in this place.")


def _changes(reasons: Sequence[Reason]) -> tuple[Change, ...]:
    """Return what would change a pick: only what was checked is said to, the rest may."""
    found = []
    for reason in reasons:
        if reason.kind == "course" and reason.course_id:
            sure = gettext("If %s did not count, another course would be in this place.")
            maybe = gettext("If %s did not count, less would speak for this.")
            text = (sure if reason.decides else maybe) % reason.evidence
            found.append(Change(text, course_id=reason.course_id, title=reason.evidence))
        elif reason.kind == "goal":
            found.append(
                Change(
                    gettext("With another goal, other courses may take this place."), to_goal=True
                )
            )
    found.sort(key=lambda change: not change.course_id)
    return tuple(found[:CHANGES_MOST])


def _basis(signals: int, goal: str, newest_days: float | None) -> str:
    if signals:
        counted = ngettext("based on %d course of yours", "based on %d courses of yours", signals)
        return f"{counted % signals}{ages.newest(signals, newest_days)}"
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
    return listing(
        gettext("%(n)d%% %(what)s") % {"n": n, "what": words[kind]}
        for kind, n in mix.percents(item.mix)
    )


def _listing(names: Sequence[str]) -> str:
    text = listing(names)
    return text[:1].upper() + text[1:]
