"""Who comes back in week 1, 2, 3 after the first exposure, arm by arm? (measurement)

A reading beside the plan: no metric of it, and nothing is decided by it. Weeks count from each
learner's own exposure, and a learner counts in a week once the whole of it has passed, so later
weeks have fewer learners. It is read at the moments of planned looks and at the end, never between
them: who looks on at one arm pulling ahead stops too early, whatever the metric
(docs/decisions/0395).
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from experiments.data import Plan, Returned, Returns, ReturnWeek
from experiments.looks import moment_of
from experiments.models import Experiment, ReturnReading
from experiments.samples import Arm, kept_seen, learners, read_arms, seen
from experiments.stats import shares
from experiments.stats.wording import ROUNDED_TO, K, shown, told
from signals.data import Asked

WEEKS_MOST = 12
WEEK = 7  # days
ALPHA = 0.05
NEWEST = 12  # experiments that are listed

log = logging.getLogger(__name__)


def read_returns(*, now: datetime) -> int:
    """Read what a look or an end has made due, and keep it; return of how many experiments."""
    started = Experiment.objects.filter(started_at__isnull=False, snapshots__isnull=False)
    kept = dict(ReturnReading.objects.values_list("experiment", "as_of"))
    read = 0
    for experiment in started.distinct().order_by("id"):
        as_of = _due(experiment, now=now)
        if as_of is None or kept.get(experiment.pk) == as_of:
            continue
        try:
            _read(experiment, as_of=as_of)
        except Exception:  # one that cannot be read is told of; the others are read
            log.exception("Who returns to %s cannot be read; it is tried again.", experiment.key)
        else:
            read += 1
    return read


def returns_of(key: str) -> Returns | None:
    """Return what may be shown of an experiment; None where nothing was read or may be."""
    row = ReturnReading.objects.filter(experiment__key=key).select_related("experiment").first()
    return _shown(row) if row is not None and _stands(row) else None


def with_returns() -> dict[str, str]:
    """Return the titles of experiments that have something to show, by key, newest first."""
    rows = ReturnReading.objects.filter(sound=True).exclude(weeks=[]).select_related("experiment")
    newest = rows.order_by("-as_of", "experiment_id")
    standing = (row.experiment for row in newest if _stands(row))
    return {experiment.key: experiment.title for experiment in islice(standing, NEWEST)}


def _due(experiment: Experiment, *, now: datetime) -> datetime | None:
    """Return the newest moment that may be read: of the last look taken, or of the end."""
    if experiment.plan.interleaved:
        return None  # everybody has both rankers in one list: there are no arms to come back to
    ended = experiment.stopped_at
    if ended is not None:
        return ended if ended <= now else None
    return moment_of(experiment, experiment.snapshots.latest("look").look)


def _read(experiment: Experiment, *, as_of: datetime) -> None:
    plan, last = experiment.plan, experiment.snapshots.latest("look")
    # Where the last look said that its arms cannot be compared, nor can these.
    sound = kept_seen(last.results).sound and seen(experiment, as_of=as_of).sound
    ReturnReading.objects.update_or_create(
        experiment=experiment,
        defaults={
            "as_of": as_of,
            "sound": sound,
            "weeks": _weeks(plan, begun=experiment.started_at, as_of=as_of) if sound else [],
        },
    )


def _weeks(plan: Plan, *, begun: datetime | None, as_of: datetime) -> list[dict[str, Any]]:
    """Return the counts of each week that has passed for somebody, by arm."""
    passed = (as_of - begun).days // WEEK if begun else 0
    asked = {week: _asked(week) for week in range(1, min(passed, WEEKS_MOST) + 1)}
    if not asked:
        return []
    return [
        {"week": week, "arms": {arm: _counts(one) for arm, one in arms.items()}}
        for week, arms in sorted(read_arms(plan, asked, as_of=as_of).items())
        if any(learners(one) for one in arms.values())
    ]


def _asked(week: int) -> Asked:
    """Return what is asked of signals: in the first week, only later days are a return."""
    first = week == 1
    return Asked("return" if first else "retention_d7", WEEK, WEEK * (week - 1))


def _counts(arm: Arm) -> dict[str, float]:
    """Return how many had the week, how many came back, and how many independent ones that is."""
    n = learners(arm)
    share = float(arm.post.mean) if n else 0.0
    alone = share * (1 - share)
    # Of learners who were drawn alone that is n itself; classes vary more than their learners.
    squared = float(arm.post.variance) / float(arm.post.n) if arm.post.n > 1 else 0.0
    drawn_alone = n == arm.post.n
    effective = n if drawn_alone or squared <= 0 else min(float(n), alone / squared)
    return {"learners": n, "returned": round(share * n), "effective": effective}


def _stands(row: ReturnReading) -> bool:
    """Say whether arms may be compared: a split as planned, and the plan that was frozen."""
    return row.sound and row.experiment.intact and bool(row.weeks)


def _shown(row: ReturnReading) -> Returns:
    experiment = row.experiment
    control, variant = experiment.variants
    return Returns(
        key=experiment.key,
        title=experiment.title,
        control=control,
        variant=variant,
        as_of=row.as_of,
        ended=experiment.stopped_at == row.as_of,
        weeks=tuple(
            _week(one["week"], one["arms"][control], one["arms"][variant]) for one in row.weeks
        ),
    )


def _week(week: int, control: Mapping[str, float], variant: Mapping[str, float]) -> ReturnWeek:
    one, other = _returned(control), _returned(variant)
    of_one, of_other = _share(control), _share(variant)
    if one is None or other is None or of_one is None or of_other is None:
        return ReturnWeek(week, one, other)
    found, low, high = shares.apart(of_one, of_other, alpha=ALPHA)
    return ReturnWeek(week, one, other, (told(found), told(low), told(high)))


def _returned(counts: Mapping[str, float]) -> Returned | None:
    """Return a cell; None where nothing may be shown of it."""
    share = _share(counts)
    if share is None:
        return None
    low, high = shares.interval(share, alpha=ALPHA)
    return Returned(shown(int(counts["learners"])), told(share.value), told(low), told(high))


def _share(counts: Mapping[str, float]) -> shares.Share | None:
    """Return a share as it may be shown: of counts to the nearest five.

    That of the counts themselves, with its interval, gives both of them back, and with those of an
    earlier look what the one did who has objected since. None where it would tell of fewer than
    ten, of those who stayed away too, or where classes tell as little as nobody does.
    """
    n, came = int(counts["learners"]), int(counts["returned"])
    effective = ROUNDED_TO * round(counts["effective"] / ROUNDED_TO)
    if min(came, n - came) < K or not effective:
        return None
    return shares.Share(shown(came) / shown(n), effective)
