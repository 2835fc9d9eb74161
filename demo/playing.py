"""How is a world played to its end, with nights in which the product trains? (demo)"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from demo import lab_play, worlds
from demo import place as places
from demo.catalogue import read_courses
from demo.client import Client
from demo.days import Day, Days
from demo.lab_play import LabPlay
from demo.place import Place
from demo.play import Play
from demo.processes import Stage
from demo.product import Product
from demo.state import Keeper, State
from demo.telling import line
from demo.world import build
from demo.worlds import Plan

EXPERIMENT = "model-vs-generic"  # of which it is told what it came to


@dataclass(frozen=True, slots=True)
class Theatre:
    """Where a plan is played: its place, the processes, the port, and how gently."""

    place: Place
    stage: Stage
    port: int
    connections: int = 4
    pause_s: float = 0.0


def open_play(theatre: Theatre, plan: Plan, *, now: datetime) -> Days:
    """Return a plan's world as far as it was played, or begun so that it ends now."""
    keeper = Keeper(theatre.place.folder / "worlds" / plan.name)
    product = Product(
        client=Client("127.0.0.1", theatre.port),
        key=theatre.place.key.read_text(encoding="utf-8").strip(),
        connections=theatre.connections,
        pause_s=theatre.pause_s,
    )
    if plan.truth:
        state, lab = lab_play.resume(plan, keeper, end=now)
        return LabPlay(state, product, keeper, lab, plan.prefix, plan.quiet_days)
    world = build(read_courses())
    state = worlds.resume(plan, world, keeper, end=now)
    return Play(state, product, keeper, world, plan.quiet_days)


def play_on(
    theatre: Theatre, plan: Plan, play: Days, *, until: int, tell: Callable[[Day, State], None]
) -> None:
    """Play up to a day, training after the nights of the plan; `tell` hears of each day."""
    if not play.state.next_day:
        play.tell_kinds()
    night(theatre, plan, play.state)  # perhaps the one that was interrupted
    for day in play.days(until):
        tell(day, play.state)
        night(theatre, plan, play.state)


def night(theatre: Theatre, plan: Plan, state: State) -> None:
    """Where the plan has a night now: do what the product does at night, at the played moment."""
    done = state.next_day
    mark = f"night-{plan.name}-{done}"
    if done not in plan.nights or theatre.place.done(mark):
        return
    moment = ["--now", state.begin_of(done).isoformat()]
    leaving = _leaving(plan, state)
    switch = ["set_consent", *leaving, "--purpose", "personalization", "--off", *moment]
    look, tend = ["read_experiments", *moment], ["tend_canary", *moment]
    train = ["retrain", *moment]
    watch = ["watch_experiments", *moment]
    first = [switch] if leaving else [watch] if plan.truth else []
    said = theatre.stage.run(*first, look, tend, train)
    for heard in said.splitlines():
        if plan.truth and heard.startswith(EXPERIMENT):
            line(f"    {heard}")
    theatre.place.mark(mark)


def _leaving(plan: Plan, state: State) -> list[str]:
    """Return who switched personalization off since the last night, of those the product met."""
    done = state.next_day
    since = max((night for night in plan.nights if night < done), default=0)
    leaving = [one for one in state.learners if since <= one.off_day < done]
    return [one.external for one in leaving if one.events]


def show(place: Place, plan: Plan, state: State, *, loading: str = "") -> None:
    """Tell the pages about this world."""
    places.show_world(
        place,
        name=plan.name,
        learners=plan.learners,
        days=state.next_day,
        until=state.begin_of(state.next_day),
        loading=loading,
    )
