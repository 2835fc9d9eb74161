"""How many decisions does one core make, and what do 20 experiments add to a request?

A full decision is all that is drawn for a learner who meets an experiment for the first time:
comparison group, the share the flag lets in, arm. The request is measured in the steady state, in
which a learner's arms are kept: with one experiment on the surface and with twenty, by turns.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from time import perf_counter, process_time

from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments import lifecycle
from experiments.assignment import assign, in_holdout
from experiments.data import Plan
from experiments.drawing import draw
from experiments.running import Running, forget_caches
from experiments.surfaces import name_surfaces
from signals import api as signals
from signals.data import Actor, ActorKind

DECISIONS = 200_000
REQUESTS = 1_000
EXPERIMENTS = 20
STARTED = datetime(2026, 10, 1, 8, tzinfo=UTC)
PLAN = Plan(
    key="assigned",
    title="Assigned",
    hypothesis="If arms are drawn, then they are drawn fast enough for every request.",
    serves="Nobody waits for a list because something is tried out.",
    decision_rule="Ship where a decision is fast enough, otherwise make it faster.",
    surfaces=("home",),
    primary_metric="ctr",
    guardrails=("modules_completed",),
    mde=0.25,
    baseline_mean=0.08,
    baseline_sd=0.27,
    planned_per_arm=3000,
    look_days=(14, 21, 28),
    variants=("generic", "model"),
    shares=(0.5, 0.5),
    salt="assigned:1",
)
RUNNING = Running(
    id=1, plan=PLAN, started_at=STARTED, switch_salt="flag:experiment:assigned", open_share=0.5
)
PUBLIC = replace(RUNNING, plan=replace(PLAN, hash="growthbook"))


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Return decisions a second with both hashes (best of the repetitions), and milliseconds."""
    repetitions = range(arguments.repetitions)
    ours = max(_decisions_per_s(_decide) for _ in repetitions)
    public = max(_decisions_per_s(_decide_publicly) for _ in repetitions)
    return {
        "decisions_per_s": round(ours),
        "decisions_per_s_growthbook_v2": round(public),
        **_requests(),
    }


def _decide(learner_id: int) -> None:
    if not in_holdout(learner_id):
        draw(learner_id, RUNNING)


def _decide_publicly(learner_id: int) -> None:
    if not in_holdout(learner_id):
        draw(learner_id, PUBLIC)


def _decisions_per_s(decide: Callable[[int], None]) -> float:
    """Return decisions a second of processor time: what one core makes, whatever else runs."""
    started = process_time()
    for learner_id in range(DECISIONS):
        decide(learner_id)
    return DECISIONS / (process_time() - started)


def _requests() -> dict[str, float]:
    """Time `assign` on a surface with one experiment and on one with twenty."""
    name_surfaces({"one": 1, "twenty": 2})
    _start("one", 1)
    _start("twenty", EXPERIMENTS)
    learner_id = next(
        made
        for made in (signals.ensure_learner(f"learner-{n}", now=STARTED) for n in range(1_000))
        if not in_holdout(made)
    )
    moments: dict[str, list[float]] = {"one": [], "twenty": []}
    statements = {surface: _statements(learner_id, surface) for surface in moments}
    for _ in range(REQUESTS):
        for surface, taken in moments.items():
            started = perf_counter()
            assign(learner_id, surface=surface, now=STARTED)
            taken.append((perf_counter() - started) * 1_000)
    one, twenty = (_typical(moments[surface]) for surface in ("one", "twenty"))
    return {
        "experiments_per_request_20_ms": round(twenty - one, 4),
        "assign_1_experiment_ms": round(one, 4),
        "assign_20_experiments_ms": round(twenty, 4),
        "statements_with_1": statements["one"],
        "statements_with_20": statements["twenty"],
    }


def _typical(moments: Sequence[float]) -> float:
    return median(moments)


def _statements(learner_id: int, surface: str) -> int:
    """Return the statements of a request in the steady state."""
    assign(learner_id, surface=surface, now=STARTED)  # keeps the arms
    with CaptureQueriesContext(connection) as captured:
        assign(learner_id, surface=surface, now=STARTED)
    return len(captured)


def _start(surface: str, experiments: int) -> None:
    """Start experiments as two people do: one plans, the other approves."""
    planner, approver = (
        Actor(kind=ActorKind.STAFF, name=name, roles=frozenset({"analyst"}))
        for name in ("planner", "approver")
    )
    for number in range(experiments):
        key = f"{surface}-{number}"
        plan = replace(PLAN, key=key, salt=f"{key}:1", surfaces=(surface,))
        lifecycle.create_draft(planner, plan=plan, now=STARTED)
        lifecycle.register(planner, key=key, now=STARTED)
        lifecycle.approve(approver, key=key, reason="Measured only.", now=STARTED)
        lifecycle.start(planner, key=key, now=STARTED)
    forget_caches()
