"""For whom can a change be meant, and is this learner among them? (L4, pure)

Cohorts are told apart by what every decision has read anyway and its row keeps: how much history
there is, and the stated goal. So a rule for a cohort costs no statement, and a logged list can be
made again under it.
"""

from collections.abc import Sequence

from personalize.decision import onboarding

NEW, RETURNING = "new", "returning"
GOAL = "goal:"  # before a field of the catalogue
NOBODY: frozenset[str] = frozenset()  # of whom nothing may be known


def of(*, goal: str, signals: int) -> frozenset[str]:
    """Return the cohorts of somebody with this goal and so many courses of history."""
    history = NEW if onboarding.applies(signals) else RETURNING
    return frozenset({history, f"{GOAL}{goal}"} if goal else {history})


def all_of(fields: Sequence[str]) -> tuple[str, ...]:
    """Return every cohort of a catalogue with these fields, everyone first."""
    return ("", NEW, RETURNING, *(f"{GOAL}{field}" for field in fields))


def is_one(cohort: str, fields: Sequence[str]) -> bool:
    """Say whether this names a cohort of a catalogue with these fields; empty is everyone."""
    return cohort in all_of(fields)


def may_meet(one: str, other: str) -> bool:
    """Say whether somebody can be in both cohorts: of each sort, history and goal, one has one."""
    same_sort = one.startswith(GOAL) == other.startswith(GOAL)
    return not one or not other or one == other or not same_sort
