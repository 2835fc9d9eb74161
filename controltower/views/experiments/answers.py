"""People at the controls: who answers for an experiment, and how did its plan come about?"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from experiments.data import ExperimentInfo, PlanVersion

FIELDS = {
    "mde": gettext_lazy("Smallest effect worth finding"),
    "serves": gettext_lazy("Outcome served"),
    "planned_per_arm": gettext_lazy("Learners in each arm"),
    "look_days": gettext_lazy("Days of the looks"),
    "margins": gettext_lazy("Losses that count as none"),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """Who did a step; said is when and why."""

    step: str
    name: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a plan, before and after."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Written:
    """One version of a plan."""

    number: int
    name: str
    at: datetime
    changes: tuple[Change, ...]


def named(actor: str) -> str:
    """Return a name of the ledger as people say it."""
    kind, _, name = actor.partition(":")
    if kind == "system":
        return gettext("the product itself")
    return name or gettext("not recorded")


def people(info: ExperimentInfo) -> list[Answers]:
    """Return who answers for what, in the order in which they came in."""
    who = info.people
    lines = [Answers(gettext("Planned by"), named(who.author))]
    if who.approved_by:
        when = date_format(who.approved_at, "j F") if who.approved_at else ""
        said = " · ".join(filter(None, (when, who.approval_reason)))
        lines.append(Answers(gettext("Approved by"), named(who.approved_by), said))
    elif info.state in {"draft", "registered"}:
        lines.append(
            Answers(
                gettext("Approved by"),
                gettext("nobody yet"),
                gettext("It starts once a second person has approved the frozen plan."),
            )
        )
    if who.seconded_by:
        lines.append(Answers(gettext("Stands in for shipping"), named(who.seconded_by)))
    if who.decided_by:
        lines.append(Answers(gettext("Decided by"), named(who.decided_by)))
    return lines


def written(version: PlanVersion) -> Written:
    """Return a version of the plan as the page shows it."""
    changes = tuple(
        Change(
            str(FIELDS.get(name, capfirst(name.replace("_", " ")))),
            old or gettext("nothing"),
            new or gettext("nothing"),
        )
        for name, (old, new) in version.changed.items()
    )
    return Written(version.number, named(version.by), version.at, changes)
