"""People at the controls: how long do lists take, and how many are too late?"""

from datetime import datetime, timedelta

from controltower import access, figures
from controltower.definitions import FIVE_MINUTES, Definition
from controltower.views.drilldowns.kind import COUNT, SHARE, Column, Drawn, Drilldown
from personalize import api as personalize
from signals.aggregates import publishable

SPANS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days"}


def read(part: str, now: datetime) -> Drawn:
    """Return how many lists took how long."""
    chosen = part if part in SPANS else "1"
    speed = personalize.speed(since=now - timedelta(days=int(chosen)), until=now)
    bounds = personalize.BOUNDS_MS
    names = [
        *(f"{low}-{high}" for low, high in zip((0, *bounds), bounds, strict=False)),
        f"{bounds[-1]} or more",
    ]
    slow = [*(low >= personalize.LIMIT_MS for low in (0, *bounds[:-1])), True]
    counts = [publishable(n) for n in speed.counts]
    total = speed.lists
    rows = [
        (name, n, None if n is None else n / total)
        for name, n in zip(names, counts, strict=True)
        if total
    ]
    return Drawn(
        columns=(Column("Milliseconds"), Column("Lists", COUNT), Column("Share", SHARE)),
        rows=rows,
        says=_says(speed),
        figure=figures.bars(
            names,
            (("Lists", [figures.BAD if late else figures.PROGRESSION for late in slow], counts),),
            form=figures.NUMBER,
            x_title="time a list took inside the process, ms",
            y_title="number of lists",
        )
        if total
        else None,
        parts=SPANS,
        part=chosen,
    )


def _says(speed: personalize.Speed) -> str:
    if not speed.lists:
        return "No list has been counted in this time."
    at = {share: speed.quantile(share) for share in (0.5, 0.95, 0.99)}
    told = ", ".join(
        f"p{100 * share:.0f} {'over 1 s' if ms is None else f'{ms:.0f} ms'}"
        for share, ms in at.items()
    )
    return f"{told}; a list may take {personalize.LIMIT_MS} ms."


DRILLDOWN = Drilldown(
    question="How long do lists take, and how many are too late?",
    may=access.may_see_overview,
    read=read,
    definition=Definition(
        "latency",
        "Latency",
        "Lists by the time they took inside the process, from the request to the finished list. "
        "Red is beyond 200 ms. Percentiles are read off the steps, so they are as exact as those.",
        "Five-minute counts of the decision log by time taken; steps of fewer than ten not shown.",
        FIVE_MINUTES,
    ),
)
