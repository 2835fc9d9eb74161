"""What is proposed this week: the first rule that holds, from the advice of the last look."""

from dataclasses import replace
from datetime import date

import pytest

from experiments.proposals import Position, got_worse, propose

RUNS = Position("running", "", "click-through per learner", (), date(2026, 11, 29))
LAST = replace(RUNS, next_look=None)


@pytest.mark.parametrize(
    ("position", "what", "due"),
    [
        (RUNS, "wait", False),
        (replace(RUNS, advice="extend"), "wait", False),
        (replace(LAST, advice="extend"), "extend", True),
        (replace(RUNS, advice="ship"), "ship", True),
        (replace(RUNS, advice="roll back", harm=("modules completed fell",)), "stop", True),
        (replace(RUNS, advice="invalid"), "stop", True),
        (replace(RUNS, advice="review"), "discuss", False),
        (replace(LAST, advice="review"), "discuss", True),
        (replace(LAST, state="stopped"), "discuss", True),
        (replace(LAST, state="decided", verdict="ship", advice="ship"), "nothing", False),
    ],
)
def test_the_proposal_follows_the_advice(position: Position, what: str, due: bool) -> None:
    found = propose(position)
    assert (found.what, found.due) == (what, due)


def test_harm_names_what_fell_and_what_rose() -> None:
    harm = (got_worse("modules_completed"), got_worse("not_for_me"))
    said = "modules completed in 14 days fell and lists with a course sent away rose"
    harmed = replace(RUNS, advice="roll back", harm=harm)
    assert propose(harmed).headline == f"Stop: {said}"
    assert propose(replace(harmed, state="stopped")).headline == f"Roll back: {said}"


def test_waiting_names_the_day_of_the_next_look() -> None:
    assert propose(RUNS).headline == "Wait: no answer before 29 November"


@pytest.mark.parametrize(
    ("advice", "open_one", "stopped"),
    [
        ("ship", "Stop it, record the decision to ship", "It is stopped: record the decision"),
        ("roll back", "Roll back now", "Record the decision to roll back"),
        ("invalid", "Stop it, find out", "It is stopped: find out"),
    ],
)
def test_what_is_stopped_is_not_told_to_stop(advice: str, open_one: str, stopped: str) -> None:
    asked = replace(LAST, advice=advice)
    assert propose(asked).sentence.startswith(open_one)
    assert propose(replace(asked, state="stopped")).sentence.startswith(stopped)
    assert not propose(replace(asked, state="stopped")).headline.startswith("Stop")
