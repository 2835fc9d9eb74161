"""People at the controls: where does a change of revenue come from?"""

from datetime import datetime, timedelta

from django.conf import settings

from controltower import access, figures
from controltower.definitions import NIGHT, Definition
from controltower.views.drilldowns.kind import COUNT, MONEY, Column, Drawn, Drilldown
from signals import aggregates
from signals.data import RevenuePart, RevenueReport

PARTS = {
    RevenuePart.LIST: "Courses reached from a list",
    RevenuePart.COURSE: "Other courses",
    RevenuePart.OTHER: "Orders for no course",
    RevenuePart.STARTED: "Subscriptions begun",
}


def read(_part: str, _now: datetime) -> Drawn:
    """Return the steps from four weeks' revenue to the next four weeks'."""
    report = aggregates.revenue()
    columns = (
        Column("Part"),
        Column("Four weeks before", MONEY),
        Column("Payments before", COUNT),
        Column("Last four weeks", MONEY),
        Column("Payments", COUNT),
        Column("Change", MONEY),
    )
    if report is None or not (report.now or report.before):
        return Drawn(columns, (), "No revenue of ten learners or more has been counted yet.")
    shown = {part: _both(report, part) for part in PARTS}
    before = sum(amount or 0 for amount, _ in shown.values())
    now = sum(amount or 0 for _, amount in shown.values())
    steps = [
        ("Four weeks before", before, True),
        *((PARTS[part], (b or 0) - (a or 0), False) for part, (a, b) in shown.items()),
        ("Last four weeks", now, True),
    ]
    return Drawn(
        columns=columns,
        rows=[
            *(_row(report, part, title) for part, title in PARTS.items()),
            ("Shown together", before, None, now, None, now - before),
            _row(report, RevenuePart.ENDED, "Subscriptions that ended, at what they paid"),
        ],
        says=_says(report, before, now),
        figure=figures.waterfall(steps, form=figures.MONEY, y_title=settings.CURRENCY),
    )


def _both(report: RevenueReport, part: RevenuePart) -> tuple[float | None, float | None]:
    a, b = report.before.get(part), report.now.get(part)
    return (a.total if a else None, b.total if b else None)


def _row(
    report: RevenueReport, part: RevenuePart, title: str
) -> tuple[str, float | None, int | None, float | None, int | None, float | None]:
    a, b = report.before.get(part), report.now.get(part)
    change = b.total - a.total if a and b else None
    return (
        title,
        a.total if a else None,
        a.payments if a else None,
        b.total if b else None,
        b.payments if b else None,
        change,
    )


def _says(report: RevenueReport, before: float, now: float) -> str:
    last = report.until - timedelta(days=1)
    listed = report.now.get(RevenuePart.LIST)
    part = (
        f" {listed.total / now:.0%} of it for courses reached from a list."
        if (listed and now)
        else ""
    )
    return (
        f"{now:,.2f} {settings.CURRENCY} in the four weeks to {last:%-d %B}, "
        f"{before:,.2f} in the four before.{part}"
    )


DRILLDOWN = Drilldown(
    question="Where does a change of revenue come from?",
    may=access.may_see_overview,
    read=read,
    definition=Definition(
        "revenue",
        "Revenue waterfall",
        "Payments of the last four closed weeks against the four before, by where they came from. "
        "A payment is attributed to a list where the same learner clicked that course in one of "
        "our lists, or enrolled in it from one, within seven days before. That is the last step "
        "seen, not the cause: what lists cause, the lift of revenue over the comparison group "
        "says. Subscriptions that ended stand in the table only. A part of fewer than ten paying "
        "learners is missing, so the bars can be less than all that was paid; other currencies are "
        "not counted.",
        "A nightly rollup of order.paid, subscription.started and subscription.ended over whole "
        "days, each part with its learners; amounts to three digits.",
        NIGHT,
    ),
)
