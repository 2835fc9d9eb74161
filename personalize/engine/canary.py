"""Does the canary hold, and what becomes of it? (L3) The conductor, at each beat and by command.

Two hours after it began a canary whose guardrails hold is live for everybody; one that breaks is
stopped at once. Where too few learners came it waits longer, and is promoted in the end all the
same, because nothing speaks against it: the ledger then says how few there were.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from personalize.data import CanaryState, GuardReading
from personalize.engine import registry, steps, watching
from personalize.engine.guards.context import ENOUGH, Watched, people
from personalize.engine.guards.registry import hold_all
from personalize.engine.live import Pointer
from personalize.engine.registry import CANARY_SHARE, State
from signals.data import SYSTEM

LASTS = timedelta(hours=2)
LASTS_MOST = timedelta(hours=20)  # over before the next night's model takes its place


class Ended(StrEnum):
    """What came of one beat."""

    NONE = "no_canary"
    WATCHED = "watched"
    PROMOTED = "promoted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done with the canary, and why."""

    ended: Ended
    says: str
    version: str = ""
    readings: tuple[GuardReading, ...] = ()


def state() -> CanaryState | None:
    """Return the canary and until when it is one; None where there is none."""
    model = registry.in_state(State.CANARY)
    if model is None or model.canary_since is None:
        return None
    since = model.canary_since
    return CanaryState(
        model=registry.row_of(model),
        share=CANARY_SHARE,
        since=since,
        until=since + LASTS,
        until_most=since + LASTS_MOST,
    )


def tend_canary(*, now: datetime) -> Tended:
    """Read the guardrails of the canary; stop it, promote it or let it go on.

    Also repairs the pointer of processes where a crash left it behind the rows.
    """
    registry.follow_rows(now=now)
    model, live = registry.in_state(State.CANARY), registry.in_state(State.LIVE)
    if model is None or live is None or model.canary_since is None:
        return Tended(Ended.NONE, "There is no canary to watch.")
    pointer = Pointer(version=live.version, canary=model.version, share=CANARY_SHARE)
    watched = watching.watch(pointer, since=model.canary_since, now=now)
    readings = hold_all(watched)
    broken = [f"{each.title}: {each.says}" for each in readings if not each.holds]
    age = now - model.canary_since
    if broken:
        says, step = " ".join(broken), _stop(model.version, readings, " ".join(broken), now=now)
    elif age >= LASTS and (watched.judged or age >= LASTS_MOST):
        says = _not_worse(watched, age)
        done = steps.promote_canary(model.version, readings, says=says, now=now)
        step = Ended.PROMOTED if done else Ended.WATCHED
    else:
        steps.keep_readings(model.version, readings)
        says, step = _goes_on(watched, age), Ended.WATCHED
    return Tended(step, says, model.version, readings)


def _stop(version: str, readings: tuple[GuardReading, ...], reason: str, *, now: datetime) -> Ended:
    stopped = steps.stop_canary(version, actor=SYSTEM, reason=reason, readings=readings, now=now)
    return Ended.STOPPED if stopped else Ended.WATCHED  # another beat, or a person, was first


def _not_worse(watched: Watched, age: timedelta) -> str:
    hours = f"{age.total_seconds() / 3600:.0f} hours"
    seen = people(watched.canary.learners)
    if watched.judged:
        return f"Not shown to be worse in {hours}, with {seen} learners who saw it."
    return (
        f"Only {seen} learners saw it in {hours}, too few to show that it is worse: nothing speaks "
        "against it, and it has passed every gate."
    )


def _goes_on(watched: Watched, age: timedelta) -> str:
    if age < LASTS:
        return "Its guardrails hold so far."
    return (
        f"Fewer than {ENOUGH} learners have had a list of one of both models. It waits for more, "
        f"{LASTS_MOST.total_seconds() / 3600:.0f} hours at most."
    )
