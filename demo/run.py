"""What does `make demo` do? Everything from an empty folder to a product to click on (demo).

Starts the servers, brings in courses and learners, trains, serves until Ctrl-C, and stops what
it started in order. Every step is done once; the second start is warm.
"""

import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from demo import arguments, check, replays, steps
from demo import place as places
from demo.arguments import Asked
from demo.client import ProductError
from demo.place import Place
from demo.playing import Theatre
from demo.processes import Stage, StepError, tail
from demo.telling import line, step, table
from demo.worlds import QUICK, rival

ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
BEGINS = {  # where each role lands that has signed in
    "learner": "/home/",
    "creator": "/create/gaps/",
    "analyst": "/tower/",
    "experimenter": "/tower/",
    "merchandiser": "/tower/",
    "privacy": "/tower/",
    "admin": "/tower/",
}

FOUND = "/tower/experiments/model-vs-generic/"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(words: Sequence[str]) -> int:
    """Run the demo; return the exit code."""
    asked = arguments.parse(words)
    begun = time.monotonic()
    for number in ENDINGS:
        signal.signal(number, _interrupt)
    place = places.choose(asked.files, truth=asked.truth)
    here = {"PUBLIC_URL": f"http://127.0.0.1:{asked.port}"}  # where links of e-mails lead
    stage = Stage(var=place.var, environment=place.environment() | here)
    try:
        get_ready(place, stage, asked)
        line(f"Ready in {time.monotonic() - begun:.0f} s.")
        if asked.check:
            return check_all(place, stage, asked)
        serve(place, stage, asked)
    except KeyboardInterrupt:
        line()
    except (StepError, ProductError) as problem:
        line(f"\n{problem}\n\nMore is in {place.folder / 'logs'}.")
        return 1
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        with step("stopping"):
            stage.close()
    return 0


def get_ready(place: Place, stage: Stage, asked: Asked) -> None:
    """Do every step that is not done yet."""
    with step("PostgreSQL and Valkey"):
        stage.hold_servers()
    steps.prepare(place, stage)
    if asked.catalogue:
        steps.load_own(place, stage, asked)
    else:
        steps.load_courses(place, stage, truth=asked.truth)
    steps.start_web(stage, asked.port)
    if not asked.catalogue:
        plan = rival(asked.truth) if asked.truth else QUICK
        steps.load_world(Theatre(place=place, stage=stage, port=asked.port), plan)
    steps.accounts(place, stage)
    steps.start_jobs(stage)


def serve(place: Place, stage: Stage, asked: Asked) -> None:
    """Say where to look and stay until somebody ends it, or a process gives up."""
    password, people = steps.accounts(place, stage)
    grows = not asked.catalogue and not asked.truth
    if grows:
        steps.start_background(place, stage, asked.port)
    line(f"\nNorthway is on http://127.0.0.1:{asked.port}/")
    line(f"Sign in at http://127.0.0.1:{asked.port}/signin/ with the password {password}\n")
    head = ("name", "role", "begins at", "who")
    table([head, *((one.name, one.role, BEGINS[one.role], one.about) for one in people)])
    if grows:
        line("\nA larger world loads behind it; the foot of each page says how far it is.")
    if asked.truth:
        line(f"\nWhat the experiment found is at {FOUND}, for uma and root.")
    line("\nCtrl-C stops everything.")
    while (ended := stage.ended()) is None:
        time.sleep(0.5)
    raise StepError(f"{ended.name} ended by itself:\n{tail(ended.log)}")


def check_all(place: Place, stage: Stage, asked: Asked) -> int:
    """Ask for every page and answer in each role, make every list again; 0 when all is right."""
    password, people = steps.accounts(place, stage)
    key = place.key.read_text(encoding="utf-8").strip()
    persons = [check.Person(one.name, one.learner) for one in people]
    results = check.run(asked.port, key=key, password=password, people=persons)
    table([("as", "request", "expected", "answered", ""), *(one.row() for one in results)])
    wrong = sum(not one.right for one in results)
    line(f"\n{len(results) - wrong} of {len(results)} answers as expected.\n")
    counts = replays.replay(stage, place.folder / "replayed.json")
    table(replays.rows(counts))
    return 0 if replays.right(counts) and not wrong else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
