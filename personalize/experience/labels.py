"""What do the labels on a learner's data say? (L5) Words for tiers and their switches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from personalize.experience.deed_words import kind_words
from personalize.experience.languages import listing
from signals.data import UNDER_13, Allowed, KindLabel, LabelFigures, Purpose, Switches, Tier

DEFAULTS = Allowed(personalization=True, fine_grained=False, inferred=False)
PURPOSE_OF = {
    Tier.PERSONALIZATION: Purpose.PERSONALIZATION,
    Tier.FINE_GRAINED: Purpose.FINE_GRAINED,
    Tier.INFERRED: Purpose.INFERRED,
}


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
