"""People at the controls: where do learners stop between a list and an enrolment?"""

from datetime import datetime

from controltower import access, figures
from controltower.definitions import MINUTE, Definition
from controltower.views.drilldowns.kind import COUNT, SHARE, Column, Drawn, Drilldown
from signals import aggregates

DAYS = 28
ARMS = {1: "Personal", 2: "The same for everyone, in an experiment", 3: "Comparison group"}
COLOURS = {1: figures.PROGRESSION, 2: figures.QUIET, 3: figures.FAINT}
STEPS = ("Lists shown", "Clicks on them", "Enrolments from them")


def read(_part: str, now: datetime) -> Drawn:
    """Return the steps of each arm as shares of its lists."""
    found = [one for one in aggregates.funnel(days=DAYS, now=now) if one.arm in ARMS and one.shown]
    series = []
    rows = []
    for one in found:
        shown = one.shown or 1
        shares = [None if n is None else n / shown for n in (one.clicked, one.enrolled)]
        series.append((ARMS[one.arm], COLOURS[one.arm], shares))
        rows.append((ARMS[one.arm], one.shown, one.clicked, shares[0], one.enrolled, shares[1]))
    return Drawn(
        columns=(
            Column("Lists"),
            Column(STEPS[0], COUNT),
            Column(STEPS[1], COUNT),
            Column("Clicks per list", SHARE),
            Column(STEPS[2], COUNT),
            Column("Enrolments per list", SHARE),
        ),
        rows=rows,
        says=_says(rows),
        figure=figures.bars(STEPS[1:], series, form=figures.SHARE, y_title="per list shown")
        if rows
        else None,
    )


def _says(
    rows: list[tuple[str, int | None, int | None, float | None, int | None, float | None]],
) -> str:
    personal = next((row for row in rows if row[0] == ARMS[1]), None)
    if personal is None or personal[3] is None:
        return "Fewer than ten lists with fewer than ten clicks: nothing can be shown yet."
    enrolled = "" if personal[5] is None else f", {personal[5]:.1%} with an enrolment"
    return f"Of {personal[1]:,} personal lists {personal[3]:.1%} ended with a click{enrolled}."


DRILLDOWN = Drilldown(
    question="Where do learners stop between a list and an enrolment?",
    may=access.may_see_overview,
    read=read,
    definition=Definition(
        "funnel",
        "Funnel",
        "Clicks and enrolments for every list shown, by the kind of list, over 28 closed days. A "
        "list can have several clicks. That one kind does better is no proof: who gets which list "
        "is drawn only inside experiments and for the comparison group.",
        "Rollups by kind and arm of events that name a list of ours; rounded to 5, ten or more.",
        f"{MINUTE} Only closed days (UTC) are in it.",
    ),
)
