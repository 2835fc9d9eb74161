"""How far may a surface be trusted with learners, and what should be taken away? Rules (pure).

A surface crawls until an experiment on it was read; it walks while the evidence is sound and
reaches more than a few; it runs once something was shipped there and was still better when it was
read again. What stays without earning its place is listed, so that people take it away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

CRAWL, WALK, RUN = "crawl", "walk", "run"
FEW = 0.1  # of the learners: no more than a trial
LASTING, FADED, HARM = "lasting", "faded", "harm"  # readings of a re-read
STALE_DAYS = 90
LAST_REREAD_DAYS = 180  # after the decision
OPEN = frozenset({"running", "paused"})


@dataclass(frozen=True, slots=True)
class Reread:
    """A decision read again; reading is empty until it was."""

    day: int
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What of an experiment counts here; share is of all learners."""

    key: str
    title: str
    surfaces: tuple[str, ...]
    state: str
    share: float
    sound_looks: int
    verdict: str = ""
    decided_at: datetime | None = None
    rereads: tuple[Reread, ...] = ()
    reopened: bool = False

    @property
    def shipped(self) -> bool:
        """Say whether everybody has it by now, and nothing spoke against that since."""
        return self.verdict == "ship" and not self.reopened

    @property
    def durable(self) -> bool:
        """Say whether it was still better when it was last read again."""
        read = [one.reading for one in self.rereads if one.reading]
        return self.shipped and bool(read) and read[-1] == LASTING


@dataclass(frozen=True, slots=True)
class Phase:
    """The phase of a surface, and the experiment that opened it (empty: none has)."""

    surface: str
    phase: str  # crawl, walk, run
    evidence: str  # a sentence
    key: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A flag: how much of everybody it lets through, since when, and whose off-switch it is."""

    name: str
    share: float
    since: datetime
    experiment: str = ""  # its key, where it is the off-switch of one
    experiment_state: str = ""


@dataclass(frozen=True, slots=True)
class Pruning:
    """Something to take away or to put under a plan: what it is, why, and what to do."""

    what: str
    why: str
    do: str
    key: str = ""  # of the experiment, where there is one


def phase_of(surface: str, experiments: Sequence[Standing]) -> Phase:
    """Return the phase of a surface: the furthest that any experiment on it opened."""
    here = [one for one in experiments if surface in one.surfaces]
    for one in here:
        if one.durable:
            said = f"{one.title} was shipped, and was still better when it was read again."
            return Phase(surface, RUN, said, one.key)
    for one in here:
        if one.shipped:
            said = f"{one.title} was shipped; whether that lasts is not known yet."
            return Phase(surface, WALK, said, one.key)
    for one in here:
        if one.sound_looks and one.share > FEW:
            said = (
                f"{one.title} has a sound reading, with {one.share:.0%} of the learners taking "
                "part; nothing is shipped yet."
            )
            return Phase(surface, WALK, said, one.key)
    return _crawl(surface, here)


def _crawl(surface: str, here: Sequence[Standing]) -> Phase:
    for one in here:
        if one.sound_looks:
            said = f"{one.title} was read with no more than {FEW:.0%} of the learners."
            return Phase(surface, CRAWL, said, one.key)
    for one in here:
        if one.state in OPEN:
            said = f"{one.title} runs; no look has given a sound reading yet."
            return Phase(surface, CRAWL, said, one.key)
    return Phase(surface, CRAWL, "No experiment on it was ever read.")


def prunings(
    surfaces: Sequence[str],
    experiments: Sequence[Standing],
    switches: Sequence[Switch],
    *,
    now: datetime,
) -> tuple[Pruning, ...]:
    """Return what should go or come under a plan: first what harms, then what is merely left."""
    found = [
        *(found for one in experiments if (found := _not_durable(one, now=now))),
        *(found for surface in surfaces if (found := _unplanned(surface, experiments))),
        *(found for switch in switches if (found := _stale(switch, now=now))),
    ]
    return tuple(found)


def _not_durable(one: Standing, *, now: datetime) -> Pruning | None:
    if one.verdict != "ship" or one.decided_at is None:
        return None
    read = [reread for reread in one.rereads if reread.reading]
    if read and read[-1].reading in {FADED, HARM}:
        word = "had faded" if read[-1].reading == FADED else "did harm"
        return Pruning(
            one.title,
            f"It was shipped, and read again on day {read[-1].day} its effect {word}.",
            "Take it out, or show in a new experiment that it earns its place.",
            one.key,
        )
    if not read and now - one.decided_at > timedelta(days=LAST_REREAD_DAYS):
        return Pruning(
            one.title,
            f"It was shipped more than {LAST_REREAD_DAYS} days ago and never read again.",
            "Read it again, or take it out.",
            one.key,
        )
    return None


def _unplanned(surface: str, experiments: Sequence[Standing]) -> Pruning | None:
    if any(surface in one.surfaces for one in experiments):
        return None
    return Pruning(
        surface,
        "It shows lists to learners, and no experiment was ever planned on it.",
        "Plan one, or switch the surface off.",
    )


def _stale(switch: Switch, *, now: datetime) -> Pruning | None:
    """Return a flag nobody touched for long, unless its experiment is still open."""
    age = (now - switch.since).days
    if age <= STALE_DAYS or switch.experiment_state in OPEN or 0 < switch.share < 1:
        return None
    stands = "on" if switch.share else "off"
    return Pruning(
        switch.name,
        f"The flag has been {stands} for everybody for {age} days.",
        "Delete the flag, and the branch of the code it leaves unused.",
        switch.experiment,
    )
