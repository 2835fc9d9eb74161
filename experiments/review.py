"""What is there to decide this week? The weekly review, kept as it was first seen (measurement).

A review is made once, after its week has ended on Friday at 06:00 UTC, from what looks have kept by
then and from days that are over; its content is stored as text with a digest. A page made
from it is the same whenever it is opened.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from experiments import weeks
from experiments.against_holdout import against_holdout
from experiments.data import Effect, ExperimentRefusedError, Holding
from experiments.looks import expected
from experiments.metrics import METRICS
from experiments.models import Experiment, Review, Snapshot
from experiments.proposals import Position, got_worse, propose
from experiments.settled import REREAD_DAYS, SHIPPED
from experiments.stats import wording

# 2: how the week differs from the one before; 3: what all of it did; 4: who was judged
FORMAT = 4
FRIDAY, HOUR = 5, 6  # ISO weekday and hour, UTC, at which a week ends
WEEK = timedelta(days=7)
State = Experiment.State


@dataclass(frozen=True, slots=True)
class WeeklyReview:
    """A stored review: content is what its page is made of, and nothing else."""

    week: str  # 2026-W47
    until: datetime
    content: Mapping[str, Any]
    digest: str
    intact: bool  # False: the stored text is not the one that was written


def finished_week(now: datetime) -> str:
    """Return the last week that has ended by then."""
    ended = now.astimezone(UTC) - timedelta(days=FRIDAY - 1, hours=HOUR)
    return _name(ended.date() - timedelta(days=ended.weekday()))


def week_end(week: str) -> datetime:
    """Return when a week ends; raise ExperimentRefusedError for what is no week."""
    try:
        year, _, number = week.partition("-W")
        friday = date.fromisocalendar(int(year), int(number), FRIDAY)
    except ValueError as error:
        raise ExperimentRefusedError(f"{week} is no week. Write it as 2026-W47.") from error
    return datetime(friday.year, friday.month, friday.day, HOUR, tzinfo=UTC)


def _name(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def review(week: str, *, now: datetime) -> WeeklyReview:
    """Return the review of a finished week, made where nobody has opened it yet.

    Raise ExperimentRefusedError for a week that is no week, not over, or before every experiment.
    """
    until = week_end(week)
    if until > now:
        raise ExperimentRefusedError(f"{week} ends on {wording.day(until.date())} at 06:00 UTC.")
    kept = Review.objects.filter(week=_name(until.date())).first()
    return _read(kept or _made(until, now=now))


def _made(until: datetime, *, now: datetime) -> Review:
    week = _name(until.date())
    if not _any(until):
        raise ExperimentRefusedError(f"There was no experiment in {week}, so there is no review.")
    text = canonical(_content(week, until))
    row, _ = Review.objects.get_or_create(
        week=week,
        defaults={"until": until, "made_at": now, "content": text, "digest": _digest(text)},
    )
    return row


def _any(until: datetime) -> bool:
    return bool(Experiment.objects.filter(created_at__lte=until).exists())


def write_due_review(*, now: datetime) -> str | None:
    """Write the review of the last finished week; None where it is written or has no experiment."""
    week = finished_week(now)
    if Review.objects.filter(week=week).exists():
        return None
    try:
        return review(week, now=now).week
    except ExperimentRefusedError:
        return None


def _read(row: Review) -> WeeklyReview:
    intact = _digest(row.content) == row.digest
    return WeeklyReview(row.week, row.until, json.loads(row.content), row.digest, intact)


def canonical(content: Mapping[str, Any]) -> str:
    """Return one spelling of a content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _content(week: str, until: datetime) -> dict[str, Any]:
    rows = Experiment.objects.filter(started_at__lte=until).order_by("started_at", "key")
    entries = [
        _entry(row, until)
        for row in rows.prefetch_related("snapshots", "ramp_steps")
        if _in(row, until)
    ]
    entries.sort(key=lambda entry: (not entry["due"], entry["state"] == State.DECIDED))
    return {
        "format": FORMAT,
        "week": week,
        "before": _name((until - WEEK).date()) if _any(until - WEEK) else "",
        "until": until.isoformat(),
        "experiments": entries,
        "due": _counted(entry["propose"] for entry in entries if entry["due"]),
        "rereads": _read_again(until),
        "visible": _visible(entries),
        "change": weeks.change(until),
        "holdout": against_holdout(until),
    }


def _counted(proposals: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in proposals:
        counts[one] = counts.get(one, 0) + 1
    return counts


def _in(row: Experiment, until: datetime) -> bool:
    """Say whether it was open in the week, waits for its decision, or was decided in the week."""
    if row.decided_at is not None and row.decided_at <= until - WEEK:
        return False
    return not (row.archived_at is not None and row.archived_at <= until - WEEK)


def _state(row: Experiment, until: datetime) -> str:
    """Return the state as it was then; a pause leaves no trace in the row and counts as running."""
    if row.decided_at is not None and row.decided_at <= until:
        return State.DECIDED
    if row.stopped_at is not None and row.stopped_at <= until:
        return State.STOPPED
    return State.RUNNING


def _entry(row: Experiment, until: datetime) -> dict[str, Any]:
    taken = [look for look in row.snapshots.all() if look.taken_at <= until]
    last = max(taken, key=lambda look: look.look, default=None)
    state = _state(row, until)
    decided = state == State.DECIDED
    upcoming = _next_look(row, last, until) if state == State.RUNNING else None
    seen = _seen(row, last)
    position = Position(
        state=str(state),
        advice=last.results["advice"] if last else "",
        primary=METRICS[row.primary_metric].title,
        harm=tuple(
            got_worse(effect["metric"])
            for effect in seen["effects"]
            if effect["reading"] == "worse" and effect["track"] != "engagement"
        ),
        next_look=upcoming,
        verdict=row.verdict if decided else "",
        exploratory=row.exploratory,
        reread=not row.plan.interleaved,
    )
    found = propose(position)
    return {
        "key": row.key,
        "title": row.title,
        "hypothesis": row.hypothesis,
        "state": str(state),
        "variants": list(row.variants),
        "started": row.started_at.date().isoformat() if row.started_at else "",
        "days": (min(until, row.stopped_at or until) - row.started_at).days
        if row.started_at
        else 0,
        "share": _share(row, until),
        "planned": row.planned_per_arm,
        "mde": row.mde,
        "power": row.power,
        "looks": len(row.look_days),
        "next_look": upcoming.isoformat() if upcoming else "",
        "headline": found.headline,
        "tone": found.tone,
        "propose": found.what,
        "proposed": found.sentence,
        "due": found.due,
        "reason": row.verdict_reason if decided else "",
        **seen,
    }


def _share(row: Experiment, until: datetime) -> float:
    """Return the share of units that took part by then: the arms', of what it was open to."""
    steps = [step.share for step in row.openings if step.at <= until]
    return min(sum(row.shares), 1.0) * (steps[-1] if steps else row.ramp[0])


def _next_look(row: Experiment, last: Snapshot | None, until: datetime) -> date | None:
    """Return the day of the next look as the week knew it, whatever step was taken since."""
    number = last.look if last else 0
    if row.started_at is None or number >= len(row.look_days):
        return None
    return expected(row, number + 1, now=until).date()


def _seen(row: Experiment, last: Snapshot | None) -> dict[str, Any]:
    """Return what the last look kept, as it may be shown."""
    if last is None:
        return {"look": 0, "effects": [], "guardrails": [], "cohorts": [], "sentence": ""}
    kept = last.results
    sound = bool(kept["trustworthy"])
    return {
        "look": last.look,
        "as_of": kept["as_of"],
        "sound": sound,
        "split": float(kept["split"]["p_value"]),
        "n": {arm: wording.shown(kept["n"][arm]) for arm in row.variants},
        "confidence": kept["confidence"],
        "sentence": kept["sentence"],
        "effects": [_effect(one) for one in kept["effects"]] if sound else [],
        "visible": kept["detectable"].get(row.primary_metric),
        "guardrails": [
            {"title": one.title, "ok": one.ok, "says": one.says, "judged": one.judged}
            for one in (Holding(**row) for row in kept.get("guardrails", ()))
        ],
        "cohorts_looked_at": len(kept.get("cohorts", ())),
        "cohorts": [_cohort(one) for one in kept.get("cohorts", ())] if sound else [],
    }


def _effect(row: Mapping[str, Any]) -> dict[str, Any]:
    effect = Effect(**row)
    return {
        "metric": effect.metric,
        "title": METRICS[effect.metric].title,
        "track": effect.track,
        "unit": effect.unit,
        "control": effect.control_mean,
        "difference": effect.difference,
        "low": effect.low,
        "high": effect.high,
        "reading": effect.reading,
    }


def _cohort(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_effect(row["effect"]),
        "cohort": row["cohort"],
        "value": row["value"],
        "who": row["title"],
        "reading": row["reading"],
    }


def _read_again(until: datetime) -> list[dict[str, Any]]:
    """Return what was shipped, with its effect then and at every re-read taken by then."""
    shipped = Experiment.objects.filter(verdict=SHIPPED, decided_at__lte=until)
    rows = (
        shipped.filter(holdback__isnull=False)
        .order_by("-decided_at", "key")
        .prefetch_related("snapshots", "rereads")
    )
    return [_again(row, until) for row in rows]


def _again(row: Experiment, until: datetime) -> dict[str, Any]:
    taken = {one.day: one for one in row.rereads.all() if one.taken_at <= until}
    looks = [look for look in row.snapshots.all() if look.taken_at <= until]
    last = max(looks, key=lambda look: look.look, default=None)
    newest = taken[max(taken)] if taken else None
    return {
        "key": row.key,
        "title": row.title,
        "unit": METRICS[row.primary_metric].unit,
        "at_launch": _moved(row, last.results["effects"]) if last else None,
        "days": [
            {
                "day": day,
                "moved": _moved(row, taken[day].results["effects"]) if day in taken else None,
                "taken": day in taken,
                "due": _due_day(row, day).isoformat(),
                "over": _due_day(row, day) <= until.date(),
            }
            for day in REREAD_DAYS
        ],
        "reading": newest.reading if newest else "",
    }


def _due_day(row: Experiment, day: int) -> date:
    return ((row.decided_at or row.created_at) + timedelta(days=day)).date()


def _moved(row: Experiment, effects: Iterable[Mapping[str, Any]]) -> float | None:
    """Return by how much the primary metric moved, where it could be read."""
    found = (one["difference"] for one in effects if one["metric"] == row.primary_metric)
    return next(found, None)


def _visible(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the smallest effect that a look of this week could see, relative to its control."""
    found = [
        {
            "relative": entry["visible"] / effect["control"],
            "learners": min(entry["n"].values()),
            "title": effect["title"],
        }
        for entry in entries
        if entry.get("visible")
        for effect in entry["effects"][:1]
        if effect["control"] > 0
    ]
    return min(found, key=lambda one: float(one["relative"]), default=None)
