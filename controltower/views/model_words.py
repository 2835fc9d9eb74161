"""People at the controls: how are the figures of a model called, and how are they told?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from controltower import charts

Text = str | Promise
Told = Callable[[float], str]


def percent(value: float) -> str:
    """Return a share to a tenth of a percent."""
    return f"{100 * value:.1f}%"


def plain(value: float) -> str:
    """Return a figure between 0 and 1 to the thousandth."""
    return f"{value:.3f}"


def bits(value: float) -> str:
    """Return a surprise."""
    return gettext("%s bits") % f"{value:.1f}"


def milliseconds(value: float) -> str:
    """Return a time."""
    return gettext("%s ms") % f"{value:,.0f}"


def points(value: float) -> str:
    """Return a difference of shares."""
    return gettext("%s pts") % charts.signed(100 * value, 1)


def signed(value: float) -> str:
    """Return a difference of numbers."""
    return charts.signed(value, 1)


def change(value: float) -> str:
    """Return a share that may be below nothing, with its sign."""
    return gettext("%s%%") % charts.signed(100 * value, 0)


def number(value: float) -> str:
    """Return a mean."""
    return f"{value:.1f}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in words: what it is called, what it says, over what, and how it is written."""

    title: Text
    about: Text
    base: Text
    told: Told
    example: Text = ""  # of a target


@dataclass(frozen=True, slots=True)
class Track:
    """A track in words."""

    title: Text
    about: Text
    told: Told
    difference: Told


@dataclass(frozen=True, slots=True)
class Verdict:
    """What both tracks say together; tone is bad, warn, ok or empty."""

    title: Text
    about: Text
    tone: str


LEARNERS = gettext_lazy("%(n)s held-out learners")

FIGURES: Mapping[str, Figure] = {
    "precision": Figure(
        gettext_lazy("Precision"),
        gettext_lazy(
            "Of the ten picks, how many are the course taken next. One course is looked for, so "
            "10% is the most."
        ),
        LEARNERS,
        percent,
        gettext_lazy("A share: 0.08 is 8%."),
    ),
    "recall": Figure(
        gettext_lazy("Recall"),
        gettext_lazy("For how many learners the course they took next is among the ten."),
        LEARNERS,
        percent,
        gettext_lazy("A share: 0.3 is 30%."),
    ),
    "ndcg": Figure(
        gettext_lazy("NDCG"),
        gettext_lazy("The same, and the higher up the course stands, the more it counts."),
        LEARNERS,
        plain,
        gettext_lazy("From 0 to 1."),
    ),
    "coverage": Figure(
        gettext_lazy("Coverage"),
        gettext_lazy("How much of the catalogue is in somebody's ten."),
        LEARNERS,
        percent,
        gettext_lazy("A share: 0.3 is 30%."),
    ),
    "novelty": Figure(
        gettext_lazy("Novelty"),
        gettext_lazy(
            "How little known the picks are. A course half of all took is 1 bit, a quarter 2."
        ),
        LEARNERS,
        bits,
        gettext_lazy("In bits."),
    ),
    "gini": Figure(
        gettext_lazy("Inequality (Gini)"),
        gettext_lazy("How unequally courses are shown: 0 all alike, 1 one course alone."),
        LEARNERS,
        plain,
        gettext_lazy("From 0 to 1."),
    ),
    "lift": Figure(
        gettext_lazy("Popularity lift"),
        gettext_lazy("By how much better known the picks are than what learners then took."),
        LEARNERS,
        change,
        gettext_lazy("A share: 0.5 is half as well known again."),
    ),
    "calibration": Figure(
        gettext_lazy("Calibration error"),
        gettext_lazy("How far what is said to be likely lies from what then comes true."),
        gettext_lazy("%(n)s picks"),
        plain,
        gettext_lazy("From 0 to 1: 0.03 is 3 points."),
    ),
    "false": Figure(
        gettext_lazy("False recommendations"),
        gettext_lazy(
            "Picks sent away, left at once, known already, or before what they build on was done."
        ),
        gettext_lazy("%(n)s picks"),
        percent,
        gettext_lazy("A share: 0.1 is 10%."),
    ),
    "latency": Figure(
        gettext_lazy("Time, 95 of 100 lists"),
        gettext_lazy("How long all but the slowest twentieth of lists took at most (p95)."),
        gettext_lazy("%(n)s lists"),
        milliseconds,
        gettext_lazy("In milliseconds."),
    ),
}

NARROWING = frozenset({"gini", "lift"})  # figures that say how few courses lists hold

TRACKS: Mapping[str, Track] = {
    charts.PROGRESSION: Track(
        gettext_lazy("Progression, decides"),
        gettext_lazy("Lessons a learner completed"),
        number,
        signed,
    ),
    charts.ENGAGEMENT: Track(
        gettext_lazy("Engagement"),
        gettext_lazy("Lists a learner clicked, of those they had"),
        percent,
        points,
    ),
}

READINGS: Mapping[str, tuple[Text, str]] = {
    "met": (gettext_lazy("Met"), "ok"),
    "missed": (gettext_lazy("Missed"), "bad"),
    "not clear": (gettext_lazy("Not clear"), ""),
    "not measured": (gettext_lazy("Not measured"), ""),
}

VERDICTS: Mapping[str, Verdict] = {
    "failed": Verdict(
        gettext_lazy("Failed: more is clicked, less is learned"),
        gettext_lazy(
            "Engagement rose while progression fell. Progression decides: find out what changed "
            "in these days, and where it was the model, go back to the one before."
        ),
        "bad",
    ),
    "worse": Verdict(
        gettext_lazy("Less is learned"),
        gettext_lazy(
            "Progression fell, and not by chance. Find out what changed in these days, and where "
            "it was the model, go back to the one before."
        ),
        "bad",
    ),
    "better": Verdict(
        gettext_lazy("More is learned"), gettext_lazy("Progression rose, and not by chance."), "ok"
    ),
    "only engaging": Verdict(
        gettext_lazy("More is clicked; of learning nothing is clear"),
        gettext_lazy("Engagement alone is no success."),
        "warn",
    ),
    "less used": Verdict(
        gettext_lazy("Less is clicked; of learning nothing is clear"),
        gettext_lazy("Lists are used less than before, and not by chance."),
        "warn",
    ),
    "not clear": Verdict(
        gettext_lazy("No clear change in learning"),
        gettext_lazy("What moved may have moved by chance."),
        "",
    ),
    "too few": Verdict(
        gettext_lazy("Too few learners to compare"),
        gettext_lazy("Fewer than 50 had lists of a model in one of both times."),
        "",
    ),
}

MISTAKES: Mapping[str, Text] = {
    "not_for_me": gettext_lazy("not for me"),
    "snoozed": gettext_lazy("not now"),
    "left_at_once": gettext_lazy("left within a minute"),
    "prerequisite_missing": gettext_lazy("what they build on is missing"),
    "known_already": gettext_lazy("known already"),
}

SIGNALS: Mapping[str, Text] = {
    "0": gettext_lazy("nothing"),
    "1-2": gettext_lazy("1 or 2 courses"),
    "3-5": gettext_lazy("3 to 5 courses"),
    "6+": gettext_lazy("6 courses and more"),
}

TIERS: Mapping[str, Text] = {
    "0": gettext_lazy("Needed only: personalization is off"),
    "1": gettext_lazy("Personalization"),
    "2": gettext_lazy("Personalization and fine details"),
}

_COHORTS: Mapping[str, Text] = {
    "tenure": gettext_lazy("How long here"),
    "activity": gettext_lazy("Activity of four weeks"),
    "language": gettext_lazy("Language"),
    "organisation": gettext_lazy("Organisation"),
    "region": gettext_lazy("Region"),
    "device": gettext_lazy("Device"),
}
_VALUES: Mapping[tuple[str, str], Text] = {
    ("tenure", "new"): gettext_lazy("less than a week"),
    ("tenure", "returning"): gettext_lazy("longer"),
    ("activity", "none"): gettext_lazy("none"),
    ("activity", "some"): gettext_lazy("some"),
    ("activity", "much"): gettext_lazy("much"),
}


def cohort(key: str) -> str:
    """Return what tells learners apart, in words; what a platform named itself stays."""
    return str(_COHORTS.get(key, key))


def value(key: str, found: str) -> str:
    """Return one kind of a cohort, in words."""
    return str(_VALUES.get((key, found), found))


def kind(key: str, found: str) -> str:
    """Return a kind of learner with its cohort."""
    return f"{cohort(key)}, {value(key, found)}"


def found(gap: Mapping[str, Any]) -> str:
    """Return for how many the next course is found, beside all others."""
    return gettext("%(own)s, others %(others)s (%(low)s to %(high)s times)") % {
        "own": percent(gap["own"]),
        "others": percent(gap["others"]),
        "low": f"{gap['low']:.2f}",
        "high": f"{gap['high']:.2f}",
    }


def chances(gap: Mapping[str, Any]) -> str:
    """Return what was said to be likely beside what came true."""
    return gettext("%(said)s said, %(came)s true (%(low)s to %(high)s)") % {
        "said": percent(gap["own"]),
        "came": percent(gap["others"]),
        "low": points(gap["low"]),
        "high": points(gap["high"]),
    }
