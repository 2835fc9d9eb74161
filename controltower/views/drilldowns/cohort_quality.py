"""People at the controls: for whom is the live model good, and for whom is it not?"""

from datetime import datetime

from controltower import access, figures
from controltower.definitions import Definition
from controltower.views import model_words
from controltower.views.drilldowns.kind import CHANGE, COUNT, SHARE, Column, Drawn, Drilldown
from personalize import api as personalize
from signals.aggregates import publishable

RECALL = "recall"


def read(_part: str, _now: datetime) -> Drawn:
    """Return recall of each kind of learner beside that of all others."""
    model = personalize.live_model()
    gaps = (
        [gap for gap in model.assessed.gaps if gap.measure == RECALL]
        if (model and model.assessed)
        else []
    )
    gaps.sort(key=lambda gap: gap.gap)
    names = [model_words.kind(gap.cohort, gap.value) for gap in gaps]
    colours = [figures.BAD if gap.alarm else figures.PROGRESSION for gap in gaps]
    alarms = [name for name, gap in zip(names, gaps, strict=True) if gap.alarm]
    return Drawn(
        columns=(
            Column("Kind of learner"),
            Column("Held-out learners", COUNT),
            Column("Next course found", SHARE),
            Column("Of all others", SHARE),
            Column("Gap", CHANGE),
            Column("From", CHANGE),
            Column("To", CHANGE),
            Column("Alarm"),
        ),
        rows=[
            (
                name,
                publishable(gap.learners),
                gap.own,
                gap.others,
                gap.gap,
                gap.low,
                gap.high,
                "yes" if gap.alarm else "",
            )
            for name, gap in zip(names, gaps, strict=True)
        ],
        says=_says(len(gaps), alarms),
        figure=figures.bars(
            names,
            (
                ("This kind", colours, [gap.own for gap in gaps]),
                ("All others", figures.QUIET, [gap.others for gap in gaps]),
            ),
            form=figures.SHARE,
            y_title="next course among ten picks",
        )
        if gaps
        else None,
    )


def _says(kinds: int, alarms: list[str]) -> str:
    if not kinds:
        return "No live model was looked at by kinds of learners yet."
    if not alarms:
        return f"None of {kinds} kinds of learners is served clearly worse than all others."
    return f"Served worse than all others: {', '.join(alarms)}."


DRILLDOWN = Drilldown(
    question="For whom is the live model good, and for whom is it not?",
    may=access.may_see_models,
    read=read,
    definition=Definition(
        "cohort-quality",
        "Recommendation quality by cohort",
        "How often the course a held-out learner took next was among ten picks, by kind of "
        "learner. The gap is their own share against that of all others; an alarm means its whole "
        "95% interval lies beyond the bound.",
        "Kept with the live version when it was trained; kinds of fewer than "
        "ten learners are not, and learners are counted to the nearest five.",
        "As old as the training of the live version.",
    ),
)
