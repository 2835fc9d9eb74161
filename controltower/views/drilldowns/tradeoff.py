"""People at the controls: which experiments brought clicks at the cost of learning?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from controltower import access, figures
from controltower.definitions import Definition
from controltower.views.drilldowns.kind import CHANGE, Column, Drawn, Drilldown
from experiments import api as experiments

ENGAGEMENT, PROGRESSION = "engagement", "progression"
Bounds = tuple[float, float, float]


def read(_part: str, now: datetime) -> Drawn:
    """Return the newest look of every experiment that measured both tracks."""
    points: list[tuple[str, str, Bounds, str, Bounds]] = []
    for info in experiments.list_experiments(now=now):
        rows = experiments.effect_rows(info.key)
        newest = [row for row in rows if row["look"] == max(one["look"] for one in rows)]
        x, y = _first(newest, ENGAGEMENT), _first(newest, PROGRESSION)
        if x and y:
            points.append((info.title, x["title"], _share(x), y["title"], _share(y)))
    return Drawn(
        columns=(
            Column("Experiment"),
            Column("Engagement"),
            Column("Effect", CHANGE),
            Column("From", CHANGE),
            Column("To", CHANGE),
            Column("Progression"),
            Column("Effect", CHANGE),
            Column("From", CHANGE),
            Column("To", CHANGE),
        ),
        rows=[(title, a, *x, b, *y) for title, a, x, b, y in points],
        says=_says([(x, y) for _, _, x, _, y in points]),
        figure=figures.quadrants(
            [(title, x, y) for title, _, x, _, y in points],
            x_title="engagement against the control",
            y_title="progression against the control",
        )
        if points
        else None,
    )


def _first(rows: Sequence[Mapping[str, Any]], track: str) -> Mapping[str, Any] | None:
    return next((row for row in rows if row["track"] == track and row["control_mean"]), None)


def _share(row: Mapping[str, Any]) -> Bounds:
    base = abs(row["control_mean"])
    return row["difference"] / base, row["low"] / base, row["high"] / base


def _says(points: Sequence[tuple[Bounds, Bounds]]) -> str:
    if not points:
        return "No experiment has a look with figures of both tracks yet."
    traded = sum(x[1] > 0 and y[2] < 0 for x, y in points)
    if not traded and len(points) == 1:
        return "The one experiment measured did not clearly bring clicks at the cost of learning."
    if not traded:
        return f"None of {len(points)} experiments clearly brought clicks at the cost of learning."
    return f"{traded} of {len(points)} experiments brought more clicks and less learning."


DRILLDOWN = Drilldown(
    question="Which experiments brought clicks at the cost of learning?",
    may=access.may_see_experiments,
    read=read,
    definition=Definition(
        "tradeoff",
        "Engagement against progression",
        "Each point is an experiment at its newest look: the effect on a metric of engagement to "
        "the right, on a metric of progression upwards, as shares of the control's level (the "
        "interval of the difference divided by that level). Red: progression clearly fell, which "
        "vetoes shipping whatever was clicked.",
        "Looks kept of each experiment, the first metric of each track in the order of its plan.",
        "At the looks each plan names.",
    ),
)
