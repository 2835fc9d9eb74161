"""Plans for tests: one that passes every gate, changed by keyword."""

from dataclasses import replace
from typing import Any

from experiments.data import Plan

SOUND = Plan(
    key="short-first",
    title="Short lessons first",
    hypothesis="If home shows short lessons first, then more are opened, because starting is easy.",
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
    salt="short-first:1",
    serves="Learners who hesitate to begin begin, and finish what they began.",
    decision_rule="Ship where clicks are better and completed modules do not fall by a tenth.",
    ramp=(1.0,),
)


def plan(**changes: Any) -> Plan:
    return replace(SOUND, **changes)
