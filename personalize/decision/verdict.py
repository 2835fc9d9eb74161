"""Is this week's model better than the one of the week before? (L4) Kept once a week.

Both are judged by the same draws, made after both were trained, from pools neither had a say in,
under the same rules: what learners did within seven days with courses that chance had shown them.
Where a week is too small to tell, the weeks before it are added, each with its own two models, and
it is said how small a difference could have been seen. Kept as text that nobody can change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from personalize.algorithms.offpolicy import (
    Comparison,
    Estimator,
    Verdict,
    compare,
)
from personalize.decision import replay
from personalize.decision.draws import Reward, Tried, tried
from personalize.engine import registry
from personalize.engine.artifacts import ModelUnusable
from personalize.models import WeeklyVerdict
from signals.aggregates import publishable

FORMAT = 1
WEEK = timedelta(days=7)
KNOWN_AFTER = 2 * WEEK  # a week of draws, and a week in which something may come of the last one
WEEKS_MOST = 4  # that are judged together
DIGITS = 5

NO_MODELS, SAME_MODEL, MODEL_GONE, TOO_FEW = "no_models", "same_model", "model_gone", "too_few"


@dataclass(frozen=True, slots=True)
class Kept:
    """A verdict as it is stored; content is what its page is made of, and nothing else."""

    until: date
    content: Mapping[str, Any]
    digest: str
    intact: bool  # False: the stored text is not the one that was written


@dataclass(frozen=True, slots=True)
class _Week:
    """The draws of a week with its two models, or why there is no comparison."""

    new: str = ""
    old: str = ""
    why: str = ""
    found: Tried | None = None


def last_end(now: datetime) -> date:
    """Return the Monday with which the last whole week ended."""
    today = now.astimezone(UTC).date()
    return today - timedelta(days=today.weekday())


def keep_due(*, now: datetime) -> str:
    """Keep the verdict of the week that ended last; its Monday, or nothing to do."""
    until = last_end(now)
    if WeeklyVerdict.objects.filter(pk=until).exists():
        return ""
    text = json.dumps(made(until), sort_keys=True, separators=(",", ":"), allow_nan=False)
    row, _made = WeeklyVerdict.objects.get_or_create(
        pk=until, defaults={"made_at": now, "content": text, "digest": _digest(text)}
    )
    return str(row)


def verdicts(*, limit: int = 12) -> tuple[Kept, ...]:
    """Return the newest verdicts, newest first."""
    return tuple(_read(row) for row in WeeklyVerdict.objects.order_by("-until")[:limit])


def made(until: date) -> dict[str, Any]:
    """Return the content of the verdict that is told on a Monday."""
    begun = _moment(until) - KNOWN_AFTER
    week = _week(begun)
    told: dict[str, Any] = {
        "format": FORMAT,
        "shown_since": begun.isoformat(),
        "shown_until": (begun + WEEK).isoformat(),
        "until": until.isoformat(),
        "new": week.new,
        "old": week.old,
        "why": week.why,
        "rewards": [],
    }
    if week.found is None:
        return told
    weeks = [week.found]
    rewards = [_judged(reward, weeks) for reward in Reward]
    if any(one["verdict"] == Verdict.CANNOT_TELL for one in rewards):
        weeks += _before(begun)
        rewards = [
            one if one["verdict"] != Verdict.CANNOT_TELL or len(weeks) == 1 else _judged(r, weeks)
            for r, one in zip(Reward, rewards, strict=True)
        ]
    return told | {"rewards": rewards}


def _before(begun: datetime) -> list[Tried]:
    """Return the weeks before that can be judged as well, newest first."""
    found = [_week(begun - number * WEEK).found for number in range(1, WEEKS_MOST)]
    return [week for week in found if week is not None]


def _week(begun: datetime) -> _Week:
    new, old = registry.live_at(begun), registry.live_at(begun - WEEK)
    if new is None or old is None:
        return _Week(new=new.version if new else "", why=NO_MODELS)
    week = _Week(new=new.version, old=old.version)
    if new.version == old.version:
        return replace(week, why=SAME_MODEL)
    try:
        models = [replay.frozen(one.version) for one in (new, old)]
    except ModelUnusable:
        return replace(week, why=MODEL_GONE)
    found = tried(since=begun, until=begun + WEEK, models=models)
    if publishable(len(set(found.learners.tolist()))) is None:
        return replace(week, why=TOO_FEW)
    return replace(week, found=found)


def _judged(reward: Reward, weeks: list[Tried]) -> dict[str, Any]:
    """Return what a comparison says, as it may be shown."""
    together = weeks[0]
    for week in weeks[1:]:
        together = together.with_earlier(week)
    new, old = together.choices
    by = {
        estimator: compare(together.draws(reward), new, old, estimator=estimator)
        for estimator in Estimator
    }
    found: Comparison = by[Estimator.DR]
    return {
        "reward": reward,
        "verdict": found.verdict,
        "weeks": len(weeks),
        "new": round(found.new.value, DIGITS),
        "old": round(found.old.value, DIGITS),
        "difference": round(found.difference, DIGITS),
        "low": round(found.low, DIGITS),
        "high": round(found.high, DIGITS),
        "visible": round(found.visible, DIGITS),
        "draws": publishable(found.draws),
        "learners": publishable(found.learners),
        "by": {name: round(one.difference, DIGITS) for name, one in by.items()},
    }


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _read(row: WeeklyVerdict) -> Kept:
    return Kept(row.until, json.loads(row.content), row.digest, _digest(row.content) == row.digest)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
