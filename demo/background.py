"""What loads behind the running product? Previews, the days since, the full world (demo).

Runs at low priority beside the product, one request at a time with pauses, until it is ended;
started again it goes on where it stopped.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo import place as places
from demo.client import ProductError
from demo.days import Day
from demo.place import Place
from demo.playing import Theatre, open_play, play_on, show
from demo.processes import Stage, StepError
from demo.state import State
from demo.telling import line
from demo.worlds import FULL, QUICK, Plan

PAUSE_S = 0.02  # after each request
LOOK_S = 600  # between looks whether a new day is due
AGAIN_S = 60  # after something failed


def main(words: Sequence[str]) -> None:
    """Load for ever: VAR FOLDER PORT."""
    var, folder, port = words
    place = Place(var=Path(var), folder=Path(folder))
    theatre = Theatre(
        place=place,
        stage=Stage(var=place.var, environment=place.environment()),
        port=int(port),
        connections=1,
        pause_s=PAUSE_S,
    )
    prepared = False
    while True:
        try:
            if not prepared:  # the clock does it every ten minutes; who looks now need not wait
                theatre.stage.run(["prepare_previews"])
                prepared = True
            load(theatre)
        except (ProductError, StepError) as problem:
            line(f"{places.now().isoformat()} {problem}")
            time.sleep(AGAIN_S)
        else:
            time.sleep(LOOK_S)


def load(theatre: Theatre) -> None:
    """Play what is due in both worlds."""
    quick = _play_due(theatre, QUICK, lead=None)
    full = _play_due(theatre, FULL, lead=quick)
    if not theatre.place.done("full"):  # its first days are older than findings may be kept
        theatre.stage.run(["purge_expired"])
    theatre.place.mark("full")
    show(theatre.place, FULL, full)


def _play_due(theatre: Theatre, plan: Plan, *, lead: State | None) -> State:
    """Play a plan's days that are due; while it loads, pages go on to name the lead's world."""
    play = open_play(theatre, plan, now=places.now())
    due = play.state.due(places.now())

    def tell(day: Day, state: State) -> None:
        line(f"{plan.name}: day {day.day + 1} of {due}, {day.visits} visits, {day.events} events")
        if lead is not None and not theatre.place.done("full"):
            show(
                theatre.place,
                QUICK,
                lead,
                loading=f"the {plan.name} world, day {day.day + 1} of {due}",
            )
        else:
            show(theatre.place, plan, state)

    play_on(theatre, plan, play, until=due, tell=tell)
    return play.state


if __name__ == "__main__":
    main(sys.argv[1:])
