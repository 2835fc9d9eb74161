"""People at the controls: how far has an experiment come on its way?"""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext

from experiments.data import ExperimentInfo, Readout


@dataclass(frozen=True, slots=True)
class Stage:
    """One stop of an experiment's way; state is done, now, fail or empty."""

    title: str
    note: str
    state: str


def stages(info: ExperimentInfo, readout: Readout) -> list[Stage]:
    """Return the stops of the way: plan, approval, start, looks, decision."""
    frozen = bool(readout.digest)
    started = info.started_at
    plan = Stage(
        gettext("Plan"),
        gettext("Frozen") if frozen else gettext("Draft"),
        "done" if frozen else "now",
    )
    start = Stage(
        gettext("Start"),
        date_format(started, "j F") if started else gettext("Waits"),
        "done" if started else "now" if info.state == "approved" else "",
    )
    if info.paused_at is not None and info.state == "paused":
        start = Stage(
            start.title, gettext("Paused on %s") % date_format(info.paused_at, "j F"), "now"
        )
    looks = [_look(info, number) for number in range(1, info.looks + 1)]
    if not readout.trustworthy:
        start = Stage(start.title, gettext("Split or plan broken"), "fail")
    return [plan, _approval(info), start, *looks, _decision(info)]


def _approval(info: ExperimentInfo) -> Stage:
    title, at = gettext("Approval"), info.people.approved_at
    if info.people.approved_by:
        return Stage(title, date_format(at, "j F") if at else gettext("Given"), "done")
    return Stage(title, gettext("Waits"), "now" if info.state == "registered" else "")


def _look(info: ExperimentInfo, number: int) -> Stage:
    title = gettext("Look %d") % number
    if number <= info.looks_taken:
        return Stage(title, gettext("Taken"), "done")
    if number == info.looks_taken + 1 and info.next_look is not None:
        return Stage(title, date_format(info.next_look, "j F"), "now")
    return Stage(
        title, gettext("Later") if info.state in {"running", "paused"} else gettext("Not taken"), ""
    )


def _decision(info: ExperimentInfo) -> Stage:
    title = gettext("Decision")
    if info.verdict:
        return Stage(title, capfirst(info.verdict), "done")
    if info.state == "archived":
        return Stage(title, gettext("Archived without one"), "")
    if info.looks_taken == info.looks or info.state == "stopped":
        return Stage(title, gettext("Due"), "now")
    return Stage(title, gettext("After the last look"), "")
