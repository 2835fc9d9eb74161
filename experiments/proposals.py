"""What should be done about an experiment this week? From its last look's advice (pure)."""

from dataclasses import dataclass
from datetime import date

from experiments.metrics import DOWN, METRICS

SHIP, STOP, EXTEND, DISCUSS, WAIT, NOTHING = (
    "ship",
    "stop",
    "extend",
    "discuss",
    "wait",
    "nothing",
)

OPEN = frozenset({"running", "paused"})
ROLL_BACK = "Roll back now; progression wins."


@dataclass(frozen=True, slots=True)
class Position:
    """Where an experiment stands: its state, what its last look advises, and what comes."""

    state: str  # running, stopped, decided
    advice: str  # of the last look; empty before the first
    primary: str  # title of the primary metric
    harm: tuple[str, ...]  # protected metrics that got worse, as `got_worse` says it
    next_look: date | None  # None: no look is to come
    verdict: str = ""  # once decided
    exploratory: bool = False
    reread: bool = True  # there is a group to read it again against once it is shipped


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed, in a headline and a sentence; due: people have to decide by now."""

    what: str
    headline: str
    sentence: str
    tone: str  # ok, bad or none
    due: bool


def got_worse(metric: str) -> str:
    """Return that a metric got worse, as a clause: completed modules fall, complaints rise."""
    listed = METRICS[metric]
    return f"{listed.title} {'rose' if listed.better == DOWN else 'fell'}"


def propose(position: Position) -> Proposal:
    """Return what follows from where an experiment stands: the first of the rules that holds."""
    if position.verdict:
        return _decided(position)
    if not position.advice:
        return _unread(position)
    by_advice = {"invalid": _invalid, "roll back": _stop, "ship": _ship}
    if position.advice in by_advice:
        return by_advice[position.advice](position)
    if position.next_look is not None and position.advice == "extend":
        return _wait(position)
    if position.advice == "extend":
        return Proposal(
            EXTEND,
            f"Too few learners for an answer on {position.primary}",
            "Register a longer run under a plan of its own, or leave it.",
            "",
            due=True,
        )
    return Proposal(
        DISCUSS,
        f"People decide: {position.primary} gives no clear answer",
        "Weigh what was planned for this reading; the page of the experiment has every figure.",
        "",
        due=position.next_look is None,
    )


def _decided(position: Position) -> Proposal:
    tone = {"ship": "ok", "roll back": "bad"}.get(position.verdict, "")
    return Proposal(NOTHING, f"Decided: {position.verdict}", "Nothing is due.", tone, due=False)


def _unread(position: Position) -> Proposal:
    if position.next_look is None:
        return Proposal(
            DISCUSS,
            "Stopped before its first look",
            "Record that nothing can be said, and why it was stopped.",
            "",
            due=True,
        )
    return _wait(position)


def _wait(position: Position) -> Proposal:
    when = f"{position.next_look.day} {position.next_look:%B}" if position.next_look else ""
    return Proposal(
        WAIT,
        f"Wait: no answer before {when}",
        "Leave it running. Stopping early needs a reason in the ledger.",
        "",
        due=False,
    )


def _first(position: Position) -> str:
    """Return how the sentence begins: an experiment is decided once it is stopped."""
    return "Stop it, " if position.state in OPEN else "It is stopped: "


def _invalid(position: Position) -> Proposal:
    return Proposal(
        STOP,
        "Nothing may be read: the split or the plan is broken",
        f"{_first(position)}find out who is missing, and register it anew.",
        "bad",
        due=True,
    )


def _stop(position: Position) -> Proposal:
    what = " and ".join(position.harm) or "something that may not get worse did"
    if position.state in OPEN:
        return Proposal(STOP, f"Stop: {what}", ROLL_BACK, "bad", due=True)
    said = "Record the decision to roll back; progression wins."
    return Proposal(STOP, f"Roll back: {what}", said, "bad", due=True)


def _ship(position: Position) -> Proposal:
    again = "; it is read again on day 30, 90 and 180." if position.reread else "."
    return Proposal(
        SHIP,
        f"Ship: {position.primary} improved",
        f"{_first(position)}record the decision to ship{again}",
        "ok",
        due=True,
    )
