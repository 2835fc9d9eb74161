"""By how much is each key figure above that of the permanent comparison group? (measurement)

The group is drawn by a hash and enters no experiment, so it measures the whole product. Everybody
counts who saw a list in a stretch of days, from the first list they saw in it, each in the group
they were drawn for; nothing is taken off for what they did before. Read every night and kept: no
page reads events. Each interval holds by itself, so of twenty one is off by chance.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time
from itertools import groupby

from experiments import assignment, surfaces
from experiments.data.key_figures import FEW, UNEVEN, KeyLift
from experiments.metrics import DOWN, METRICS
from experiments.models import KeyReading
from experiments.samples import arm_of
from experiments.stats.contrasts import Estimated, relative
from experiments.stats.means import two_sided
from experiments.stats.srm import check_split
from experiments.stats.wording import K, shown, told
from signals import api as signals
from signals.data import ArmMoments, Asked

SEEN_DAYS = 28  # in which first lists count; the longest window of a metric comes after
ALPHA = 0.05
ALIKE = 1e-9  # of the square of a sum: what rounding leaves
KEY_FIGURES = (
    "courses_completed",
    "modules_completed",
    "satisfaction",
    "ctr",
    "enrolments",
    "acceptance",
    "activation",
    "return",
    "repeat_engagement",
    "retention_d7",
    "retention_d30",
    "retention_d90",
    "revenue",
    "preference_edits",
)


def read_lifts(*, now: datetime) -> int:
    """Read every key figure up to last midnight and keep it; return how many can be shown."""
    until = datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)
    codes = surfaces.codes_of(surfaces.known())
    found: list[KeyLift] = []
    in_order = sorted(KEY_FIGURES, key=lambda metric: METRICS[metric].longest_days)
    for days, metrics in groupby(in_order, key=lambda metric: METRICS[metric].longest_days):
        asked = [_asked(metric) for metric in metrics]
        apart = signals.measured_apart(
            asked,
            surfaces=codes,
            days=SEEN_DAYS + days,
            as_of=until,
            among=assignment.in_holdout,
        )
        share = assignment.HOLDOUT_SHARE
        uneven = check_split(apart.learners, [share, 1 - share]).broken
        found += [
            KeyLift(one.metric, until, why=UNEVEN)
            if uneven
            else lift_of(one.metric, apart.moments[one], until=until)
            for one in asked
        ]
    for lift in found:
        kept = asdict(lift)
        kept.pop("until")
        KeyReading.objects.update_or_create(
            metric=kept.pop("metric"), defaults={"until": until, "content": kept}
        )
    return sum(not lift.why for lift in found)


def lifts() -> dict[str, KeyLift]:
    """Return what was read last, by metric; nothing before the first night."""
    return {
        row.metric: KeyLift(row.metric, row.until, **row.content)
        for row in KeyReading.objects.filter(metric__in=KEY_FIGURES)
    }


def lift_of(metric: str, rows: Sequence[ArmMoments], *, until: datetime) -> KeyLift:
    """Return the lift of one metric from the moments of both groups."""
    arms = {row.arm: row for row in rows}
    if set(arms) != {"apart", "others"} or not all(_many(row) and _varies(row) for row in rows):
        return KeyLift(metric, until, why=FEW)
    held: Estimated = arm_of(arms["apart"]).post
    others: Estimated = arm_of(arms["others"]).post
    found = two_sided(relative(held, others), alpha=ALPHA)
    low, high = float(found.low), float(found.high)
    gained, lost = low > 0, high < 0
    if METRICS[metric].better == DOWN:
        gained, lost = lost, gained
    return KeyLift(
        metric,
        until,
        held=shown(int(arms["apart"].learners)),
        others=shown(int(arms["others"].learners)),
        held_level=told(float(held.level)),
        level=told(float(others.level)),
        share=told(float(found.difference)),
        low=told(low),
        high=told(high),
        reading="better" if gained else "worse" if lost else "not clear",
    )


def _many(row: ArmMoments) -> bool:
    """Say whether ten learners or more surely stand behind a number.

    At least total^2 / squares of them have a value that is not 0 (Cauchy and Schwarz).
    """
    surely = row.total**2 / row.squares if row.squares else 0.0
    return row.learners >= K and surely >= K


def _varies(row: ArmMoments) -> bool:
    """Say whether learners of a group differ: ten alike have no spread, and look far too sure."""
    return row.n * row.squares - row.total**2 > ALIKE * row.total**2


def _asked(metric: str) -> Asked:
    listed = METRICS[metric]
    return Asked(metric, listed.window_days, listed.from_days, listed.winsor)
