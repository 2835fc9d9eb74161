"""People at the controls: who comes back week by week, in each arm of an experiment?"""

from datetime import datetime

from controltower import access, charts, figures
from controltower.definitions import Definition
from controltower.views.drilldowns.kind import COUNT, POINTS, SHARE, Column, Drawn, Drilldown
from experiments import api as experiments
from experiments.data import Returned, Returns, ReturnWeek


def read(part: str, _now: datetime) -> Drawn:
    """Return both arms of an experiment, week by week; of the newest where none is named."""
    newest = experiments.with_returns()
    key = part or next(iter(newest), "")
    found = experiments.returns_of(key) if key else None
    titles = newest | {key: found.title} if found else newest  # an older one can be named too
    control, variant = (found.control, found.variant) if found else ("Control", "Variant")
    return Drawn(
        columns=(
            Column("Week"),
            *(
                column
                for arm in (control, variant)
                for column in (
                    Column(arm, SHARE),
                    Column("From", SHARE),
                    Column("To", SHARE),
                    Column("Learners", COUNT),
                )
            ),
            Column("Difference", POINTS),
            Column("From", POINTS),
            Column("To", POINTS),
        ),
        rows=[_row(week) for week in found.weeks] if found else [],
        says=_says(found),
        figure=_figure(found) if found and _drawable(found) else None,
        parts=titles if len(titles) > 1 else {},
        part=key if found else "",
    )


def _drawable(found: Returns) -> bool:
    return any(week.control or week.variant for week in found.weeks)


def _figure(found: Returns) -> figures.Data:
    return figures.lines(
        [week.week for week in found.weeks],
        (
            (found.control, figures.QUIET, [_share(week.control) for week in found.weeks]),
            (found.variant, figures.PROGRESSION, [_share(week.variant) for week in found.weeks]),
        ),
        form=figures.SHARE,
        x_title="week after a learner first saw it",
        y_title="learners who came back in it",
        errors=(
            [_whisker(week.control) for week in found.weeks],
            [_whisker(week.variant) for week in found.weeks],
        ),
        whole_steps=True,
    )


def _share(arm: Returned | None) -> float | None:
    return None if arm is None else arm.share


def _whisker(arm: Returned | None) -> tuple[float, float]:
    """Return the lengths of an interval below and above."""
    return (0.0, 0.0) if arm is None else (arm.share - arm.low, arm.high - arm.share)


def _row(week: ReturnWeek) -> tuple[str | float | None, ...]:
    return (
        str(week.week),
        *_cells(week.control),
        *_cells(week.variant),
        *(week.apart or (None, None, None)),
    )


def _cells(arm: Returned | None) -> tuple[float | None, ...]:
    return (None,) * 4 if arm is None else (arm.share, arm.low, arm.high, arm.learners)


def _says(found: Returns | None) -> str:
    """Say what is seen, when it was read, and that it decides nothing."""
    if found is None:
        return (
            "Nothing is shown before the first planned look of an experiment: who watches one arm "
            "pull ahead stops too early."
        )
    when = f"{found.as_of.day} {found.as_of:%B %Y}"
    read = f"As of its end, {when}." if found.ended else f"As of its newest planned look, {when}."
    beside = "It stands beside the plan and decides nothing."
    told = [said for week in reversed(found.weeks) if (said := _said(week, found))]
    if not told:
        return (
            f"{found.title}: no week may be shown yet: fewer than ten of an arm came back, or "
            f"stayed away. {read} {beside}"
        )
    return f"{found.title}: {told[0]} {read} {beside}"


def _said(week: ReturnWeek, found: Returns) -> str:
    """Say how far the arms are apart in a week; nothing where one of them is not shown."""
    if week.control is None or week.variant is None or week.apart is None:
        return ""
    gap, low, high = week.apart
    middle, least, most = (charts.signed(100 * value, 1) for value in (gap, low, high))
    way = "more" if low > 0 else "fewer"
    clear = "not clear" if low <= 0 <= high else f"clearly {way} with {found.variant}"
    return (
        f"in week {week.week} {100 * week.control.share:.1f}% came back with {found.control} and "
        f"{100 * week.variant.share:.1f}% with {found.variant}, a difference of {middle} points "
        f"({least} to {most}): {clear}."
    )


DRILLDOWN = Drilldown(
    question="Who comes back week by week, in each arm of an experiment?",
    may=access.may_see_experiments,
    read=read,
    definition=Definition(
        "returns",
        "Retention by arm",
        "Of the learners of an arm who have had the whole week, the share who did something again "
        "in it; in the first week, on a later day than that of the first sight. Weeks count from "
        "each learner's own first sight, so later weeks have fewer learners and a line is no path "
        "of the same people. Intervals are 95% of one share and of one difference: of twenty, one "
        "is off by chance. Fewer than ten who came back, or who did not, are not shown; nor is "
        "anything of arms whose sizes are not as planned.",
        "Counts by arm and week, kept at each planned look and at the end; who objected, was "
        "erased, or is a test account is not in them. Wilson's intervals, Newcombe's of a "
        "difference; where classes were drawn, learners count by how alike their classes are.",
        "Read at planned looks and at the end, and never in between.",
    ),
)
