"""What was the serving model like, and is that what was wanted? (L4) The review of models.

Every second Friday at 06:00 UTC a review is kept as text with its digest, from what is known by
then; a page made of it is the same whenever it is opened. In between, the same is told of the days
that are over.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from experiments import api as experiments
from experiments.data import KeyTarget
from personalize.data import Assessed, CohortGap, Estimate, Mistaken, ModelRow
from personalize.decision import fortnight
from personalize.decision.figures import FIGURES, OF_MODELS, Figure
from personalize.decision.fortnight import FORTNIGHT, Lived
from personalize.engine import registry
from personalize.models import ModelReview, ModelVersion
from signals.aggregates import publishable

FORMAT = 1
FIRST = date(2026, 1, 2)  # a Friday; every second one after it ends a fortnight
HOUR = 6  # UTC
OFFLINE = {
    "precision": "precision@10",
    "recall": "recall@10",
    "ndcg": "ndcg@10",
    "coverage": "coverage@10",
    "novelty": "novelty",
    "gini": "gini",
    "lift": "lift",
}
ENGAGE = "engage"
EVERYBODY = "all"
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """A review as it is stored; content is what its page is made of, and nothing else."""

    until: date
    content: Mapping[str, Any]
    digest: str
    intact: bool  # False: the stored text is not the one that was written


class NoReviewError(Exception):
    """There is nothing to review; the text says why."""


class NotReadYetError(NoReviewError):
    """A page may not wait so long for these days; the clock reads them."""


def last_end(now: datetime) -> date:
    """Return the last day on which a fortnight had ended by then."""
    days = (now.astimezone(UTC) - _moment(FIRST)).days
    return FIRST + timedelta(days=days - days % FORTNIGHT.days)


def kept(until: date, *, now: datetime) -> Kept:
    """Return the review of a fortnight, made where nobody has opened it yet.

    Raises NoReviewError for a day on which none ended, or before the first model.
    """
    row = ModelReview.objects.filter(pk=until).first()
    if row is not None:
        return _read(row)
    end = _moment(until)
    if (until - FIRST).days % FORTNIGHT.days or end > now:
        raise NoReviewError(f"No fortnight that is over ended on {until.isoformat()}.")
    content = made(end, fortnight.read)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    row, _ = ModelReview.objects.get_or_create(
        pk=until, defaults={"made_at": now, "content": text, "digest": _digest(text)}
    )
    return _read(row)


def keep_due(*, now: datetime) -> str:
    """Keep the review of the fortnight that ended last; its day, or nothing to do."""
    until = last_end(now)
    if ModelReview.objects.filter(pk=until).exists():
        return ""
    try:
        return kept(until, now=now).until.isoformat()
    except NoReviewError:
        return ""


def ends() -> tuple[date, ...]:
    """Return the days whose reviews are kept, newest first."""
    return tuple(ModelReview.objects.order_by("-until").values_list("until", flat=True))


def newest() -> Kept | None:
    """Return the review that was kept last, None before the first."""
    row = ModelReview.objects.order_by("-until").first()
    return _read(row) if row else None


def so_far(*, now: datetime) -> dict[str, Any]:
    """Return what a review would say of the fourteen days that are over. Raises NoReviewError."""
    return made(fortnight.over(now), fortnight.kept, known_by=now)


def made(
    until: datetime, read: Callable[[datetime], Lived], *, known_by: datetime | None = None
) -> dict[str, Any]:
    """Return the content of a review of the fourteen days up to `until`; read tells of them.

    The model is the one that served at `known_by`, which is `until` where it is not told.
    """
    model = _serving(known_by or until)
    lived = in_time(read, until)
    wrong, found = lived.wrong, _figures(model, lived)
    wanted = experiments.key_targets(at=known_by or until, figures=OF_MODELS)
    return {
        "format": FORMAT,
        "since": (until - FORTNIGHT).isoformat(),
        "until": until.isoformat(),
        "model": {
            "version": model.version,
            "trained_at": model.trained_at.isoformat(),
            "learners": publishable(model.learners),
            "courses": model.courses,
            "choices": publishable(model.pairs),
        },
        "figures": [
            _judged(key, figure, found.get(key), _popular(model.assessed, key), wanted[key])
            for key, figure in FIGURES.items()
        ],
        "moved": dict(lived.moved),
        "ages": asdict(lived.ages) if lived.ages else None,
        "cohorts": _cohorts(model.assessed, wrong),
        "mistakes": next((dict(row.by_reason) for row in wrong if row.cohort == EVERYBODY), {}),
        "by_signals": _rows(model.assessed.by_signals if model.assessed else ()),
        "by_tier": _rows(model.assessed.by_tier if model.assessed else ()),
    }


def in_time(read: Callable[[datetime], Lived], until: datetime) -> Lived:
    """Return what was read; web processes end a statement that takes seconds (wsgi.py)."""
    try:
        return read(until)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise NotReadYetError(
                "To read what became of all lists takes longer than a page may wait. It is done at"
                " 00:35 UTC each night, and for the review that is kept at 06:10 on its Friday."
                " Look again after that."
            ) from error
        raise


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(HOUR), tzinfo=UTC)


def _read(row: ModelReview) -> Kept:
    return Kept(row.until, json.loads(row.content), row.digest, _digest(row.content) == row.digest)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _serving(at: datetime) -> ModelRow:
    """Return the model that all saw at a moment."""
    rows = ModelVersion.objects.filter(published_at__lte=at).order_by("-published_at")
    row = rows.first()
    if row is None:
        raise NoReviewError(
            "No model has served yet, so there is nothing to review. Run the command retrain, or"
            " wait for the night."
        )
    return registry.row_of(row)


def _figures(model: ModelRow, lived: Lived) -> dict[str, Estimate]:
    """Return what is known of each figure of the review."""
    found: dict[str, Estimate | None] = {}
    if model.assessed is not None:
        found = {key: model.assessed.figures.get(name) for key, name in OFFLINE.items()}
    engage = model.heads.get(ENGAGE, {})
    if engage.get("n"):
        found["calibration"] = Estimate(engage["calibration_error"], int(engage["n"]))
    everybody = next((row for row in lived.wrong if row.cohort == EVERYBODY), None)
    if everybody is not None and everybody.share is not None:
        found["false"] = Estimate(
            everybody.share, everybody.picks, low=everybody.low, high=everybody.high
        )
    found["latency"] = lived.waited
    return {key: one for key, one in found.items() if one is not None}


def _popular(assessed: Assessed | None, key: str) -> float | None:
    """Return what the list that is alike for everyone reaches."""
    if assessed is None or key not in OFFLINE:
        return None
    found = assessed.popular.get(OFFLINE[key])  # a model of before this was looked at has none
    return found.value if found is not None else None


def _judged(
    key: str, figure: Figure, found: Estimate | None, popular: float | None, wanted: KeyTarget
) -> dict[str, Any]:
    usual = figure.usual if figure.usual is not None else popular
    target = wanted.target if wanted.target is not None else usual
    return {
        "key": key,
        "value": _told(found.value) if found else None,
        "low": _told(found.low) if found else None,
        "high": _told(found.high) if found else None,
        "base": publishable(found.base) if found else None,
        "popular": _told(popular),
        "target": _told(target),
        "own_target": wanted.target is not None,
        "at_least": figure.at_least,
        "owner": wanted.owner,
        "reading": _reading(figure, found, target),
    }


def _reading(figure: Figure, found: Estimate | None, target: float | None) -> str:
    """Say whether a target is met: beyond chance where there is an interval."""
    if found is None or target is None:
        return "not measured"
    low = found.low if found.low is not None else found.value
    high = found.high if found.high is not None else found.value
    if not figure.at_least:
        low, high, target = -high, -low, -target
    if low >= target:
        return "met"
    return "missed" if high < target else "not clear"


def _cohorts(assessed: Assessed | None, wrong: Iterable[Mistaken]) -> list[dict[str, Any]]:
    """Return one row a kind of learner: recall and chances beside the others, and wrong picks."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for gap in assessed.gaps if assessed else ():
        rows.setdefault((gap.cohort, gap.value), {})[gap.measure] = _gap(gap)
    for row in wrong:
        if row.cohort != EVERYBODY:
            kind = rows.setdefault((row.cohort, row.value), {})
            kind["false"] = {"share": row.share, "picks": row.picks, "learners": row.learners}
    return [{"cohort": cohort, "value": value, **rows[cohort, value]} for cohort, value in rows]


def _gap(gap: CohortGap) -> dict[str, Any]:
    told = {name: _told(getattr(gap, name)) for name in ("own", "others", "gap", "low", "high")}
    return told | {"learners": publishable(gap.learners), "alarm": gap.alarm}


def _rows(known: Iterable[Any]) -> list[dict[str, Any]]:
    """Return rows of what more signals bring; "below" says that popular courses find more."""
    return [
        {name: _told(value) if isinstance(value, float) else value for name, value in row.items()}
        | {
            "learners": publishable(row["learners"]),
            "below": row["ndcg"] + 2 * row["error"] < row["popular"],
        }
        for row in map(asdict, known)
    ]


def _told(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
