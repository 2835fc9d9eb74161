"""People at the controls: what of what arrives is no longer what models learned from?"""

from datetime import datetime

from controltower import access, charts, figures
from controltower.alerts import drifted
from controltower.definitions import FIVE_MINUTES, Definition
from controltower.views import drift
from controltower.views.drilldowns.kind import CHANGE, SHARE, Column, Drawn, Drilldown
from personalize import api as personalize
from personalize.api import DriftLook


def read(part: str, _now: datetime) -> Drawn:
    """Return the distribution of one feature now and in the weeks before; the most moved first."""
    looks = {look.feature: look for look in personalize.drift()}
    if not looks:
        return Drawn((), (), "Nothing has been looked at yet: the first look comes within minutes.")
    order = sorted(looks, key=lambda feature: -_most(looks[feature]))
    chosen = part if part in looks else order[0]
    look = looks[chosen]
    parts = sorted(look.parts, key=lambda one: -max(one.now, one.then))
    names = [drift.name(chosen, one.part) for one in parts]
    return Drawn(
        columns=(
            Column("Part"),
            Column("Newest day", SHARE),
            Column("Weeks before", SHARE),
            Column("Change", CHANGE),
            Column("Judged"),
        ),
        rows=[
            (
                name,
                one.now,
                one.then,
                one.change if one.judged else None,
                ("beyond its limit" if one.beyond else "within") if one.judged else "not yet",
            )
            for name, one in zip(names, parts, strict=True)
        ],
        says=_says(look),
        figure=figures.bars(
            names,
            (
                ("Weeks before", figures.QUIET, [one.then for one in parts]),
                (
                    "Newest day",
                    [figures.BAD if one.beyond else figures.PROGRESSION for one in parts],
                    [one.now for one in parts],
                ),
            ),
            form=figures.SHARE,
            y_title="share",
        ),
        parts={feature: str(drifted.TITLES[feature]) for feature in order},
        part=chosen,
    )


def _most(look: DriftLook) -> float:
    return max((abs(one.change) for one in look.parts if one.judged), default=0.0)


def _says(look: DriftLook) -> str:
    judged = [one for one in look.parts if one.judged]
    if not judged:
        return f"{look.days:.0f} days are known; two weeks are needed before anything is judged."
    most = max(judged, key=lambda one: abs(one.change))
    name = drift.name(look.feature, most.part)
    moved = charts.signed(100 * most.change, 1)
    return f"{name} moved most: {moved}% against the same hours of both weeks before."


DRILLDOWN = Drilldown(
    question="What of what arrives is no longer what models learned from?",
    may=access.may_see_models,
    read=read,
    definition=Definition(
        "drift-by-feature",
        "Drift by feature",
        "The distribution of one feature over the newest day beside the same hours one week and "
        "two weeks before. “How much arrives” and “Lists that are clicked” are rates rather "
        "than shares of a whole.",
        "Newest look, kept from five-minute counts of what arrived and was answered.",
        FIVE_MINUTES,
    ),
)
