"""People at the controls: who is still here after 7, 30 and 90 days, with and without us?"""

from datetime import datetime

from controltower import access, figures
from controltower.definitions import NIGHT, Definition
from controltower.views.drilldowns.kind import CHANGE, COUNT, SHARE, Column, Drawn, Drilldown
from experiments import api as experiments

DAYS = {"return": "within 7", "retention_d7": "7-14", "retention_d30": "30-37",
        "retention_d90": "90-97"}  # fmt: skip


def read(_part: str, _now: datetime) -> Drawn:
    """Return the share of learners here again, of those who take part and of the group."""
    lifts = experiments.lifts()
    found = [lifts[metric] for metric in DAYS if metric in lifts]
    known = [one for one in found if not one.why]
    names = [DAYS[one.metric] for one in known]
    return Drawn(
        columns=(
            Column("Days after the first list seen"),
            Column("Take part", SHARE),
            Column("Learners", COUNT),
            Column("Comparison group", SHARE),
            Column("Learners", COUNT),
            Column("Lift", CHANGE),
            Column("From", CHANGE),
            Column("To", CHANGE),
        ),
        rows=[
            (
                DAYS[one.metric],
                one.level,
                one.others,
                one.held_level,
                one.held,
                one.share,
                one.low,
                one.high,
            )
            if not one.why
            else (DAYS[one.metric], *(None,) * 7)
            for one in found
        ],
        says=said(
            len(known),
            better=sum(one.low > 0 for one in known),
            worse=sum(one.high < 0 for one in known),
        ),
        figure=figures.lines(
            names,
            (
                ("Take part", figures.PROGRESSION, [one.level for one in known]),
                ("Comparison group", figures.QUIET, [one.held_level for one in known]),
            ),
            form=figures.SHARE,
            x_title="days after the first list seen",
            y_title="learners here again",
        )
        if known
        else None,
    )


def said(known: int, *, better: int, worse: int) -> str:
    """Say at how many known distances the interval of the lift leaves zero, and which way."""
    if not known:
        return "Not shown yet: too few learners of the comparison group, or too few days."
    clear = [
        f"Clearly {way} are here again at {n} of {known} distances."
        for way, n in (("more", better), ("fewer", worse))
        if n
    ]
    return " ".join(clear) or "At no distance is the difference clear."


DRILLDOWN = Drilldown(
    question="Who is still here after 7, 30 and 90 days, with and without personal lists?",
    may=access.may_see_overview,
    read=read,
    definition=Definition(
        "retention",
        "Retention",
        "Of learners who saw a first list in a stretch of 28 days, the share who did something "
        "again in the week that begins so many days later: of those who take part, and of the "
        "permanent comparison group. Each point has learners of its own stretch of days, so a "
        "line is no path of the same people.",
        "Key figures kept every night from exact sums of both groups; ten learners or more.",
        NIGHT,
    ),
)
