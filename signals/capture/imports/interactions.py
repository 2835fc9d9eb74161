"""L1: how does a history come in from another system? Who took which course, and when or in what
order.

The history (one row a learner and course) takes everything, however old. With times, events within
raw retention go into the event store as well. With an order alone the moments are not known: the
history gets moments a day apart that end yesterday, so that the order is kept, and the event store
gets nothing, for a dashboard would count moments that were made up.

Importing twice changes nothing: a timed row merges by newest and oldest, its event has an id made
from source, learner, course and time; an ordered row that is there already stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils.text import slugify
from numpy.typing import NDArray

from signals.capture.contract import RAW_RETENTION, micros
from signals.capture.imports import columns, history
from signals.capture.imports.entry import enter
from signals.capture.imports.moments import read_moments
from signals.capture.imports.refusals import Refusals
from signals.capture.imports.statistics import count_anew
from signals.capture.imports.tables import read_table
from signals.data import Actor
from signals.kinds.registry import KINDS
from signals.models import Consent, Event, Identity, Learner, LearnerCourse, Source
from signals.models.shelf import shelf
from signals.privacy.identity import ensure_learners

LEARNERS_AT_ONCE = 10_000
ROWS_AT_ONCE = 100_000
DAY = 86_400_000_000  # microseconds
LONGEST_ID = 255
TOUCHED = (Learner, Identity, LearnerCourse, Event)
READ_BESIDE = (Consent,)  # what is read with the history; empty where nobody has said anything
KIND_COLUMNS = {
    "course.enrolled": "enrolled_at",
    "course.completed": "completed_at",
    "course.viewed": "viewed_at",
}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class InteractionsReport:
    """What became of a file: `created` and `updated` count rows of the history."""

    rows_read: int
    learners: int
    courses: int
    created: int
    updated: int
    unchanged: int
    events: int
    refused: int
    reasons: list[dict[str, object]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that are taken; parallel arrays."""

    learner: NDArray[np.int64]  # place in `names`
    course_ids: NDArray[np.int32]
    keys: NDArray[np.int64]  # microseconds since 1970, or the order
    names: list[str]


def import_interactions(
    path: Path,
    *,
    given: Mapping[str, str],
    kind: str,
    actor: Actor,
    now: datetime,
    say: Say,
) -> InteractionsReport:
    """Bring in a history, committed 100,000 rows at a time; tell progress to `say`.

    Its ledger entry follows the last part: one that was cut off has none until it is run again.

    Raises:
        ValueError: the file, its columns or the kind cannot be used; nothing was changed.
    """
    name = kind if kind.startswith("course.") else f"course.{kind}"
    if name not in KIND_COLUMNS:
        raise ValueError(f"--kind is one of {', '.join(KIND_COLUMNS)}, not {kind!r}.")
    refusals = Refusals()
    table = read_table(path)
    chosen = _columns(table.column_names, given)
    rows = _read(table, chosen, timed="time" in chosen, now=now, refusals=refusals)
    say(f"read {table.num_rows} rows: {len(rows.names)} learners")
    learner_ids = _learners(rows.names, now=now, refusals=refusals, say=say)
    known = learner_ids[rows.learner] > 0
    times = rows.keys if "time" in chosen else _moments_of_order(rows, now=now)
    batch = history.Batch(
        learner_ids=learner_ids[rows.learner][known],
        course_ids=rows.course_ids[known],
        times=times[known],
    )
    source, _ = Source.objects.get_or_create(
        name=f"import-{slugify(path.name)[:50]}",
        defaults={"title": f"Import of {path.name}"[:120], "created_at": now},
    )
    plan = history.Plan(
        source_id=source.pk,
        kind=KINDS[name],
        column=KIND_COLUMNS[name],
        timed="time" in chosen,
        events_from=micros(now - RAW_RETENTION) if "time" in chosen else None,
        received=micros(now),
    )
    created, changed, events = _store(batch, plan, say)
    count_anew(TOUCHED + READ_BESIDE)
    report = InteractionsReport(
        rows_read=table.num_rows,
        learners=int((learner_ids > 0).sum()),
        courses=len(np.unique(batch.course_ids)),
        created=created,
        updated=changed,
        unchanged=history.pairs(batch) - created - changed,
        events=events,
        refused=refusals.total(),
        reasons=refusals.report(),
    )
    with transaction.atomic():
        enter("history", path, {**report.as_dict(), "kind": name}, actor=actor, now=now)
    return report


def _columns(names: list[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return field -> column; a time, if there is one, before an order."""
    found = columns.recognise(names, columns.INTERACTIONS, given=given)
    chosen = {name: several[0] for name, several in found.items()}
    if "order" in given and "time" not in given:
        chosen.pop("time", None)
    missing = [name for name in ("learner", "course") if name not in chosen]
    if missing or not {"time", "order"} & chosen.keys():
        wanted = " and ".join(missing or ["time or order"])
        raise columns.UnknownColumnError(
            f"No column says {wanted}. Columns: {', '.join(names)}."
            " Say which with --learner, --course, --time or --order."
        )
    return chosen


def _read(
    table: pa.Table,
    chosen: Mapping[str, str],
    *,
    timed: bool,
    now: datetime,
    refusals: Refusals,
) -> _Rows:
    learners, learner_names = _coded(table[chosen["learner"]])
    courses, course_names = _coded(table[chosen["course"]])
    by_external = shelf().by_external
    numbers = np.array(
        [by_external[name].course_id if name in by_external else 0 for name in course_names],
        np.int32,
    )
    keys, bad_keys = read_moments(table[chosen["time" if timed else "order"]], timed=timed, now=now)
    long = np.array([not 0 < len(name) <= LONGEST_ID for name in learner_names], bool)
    checks: dict[str, tuple[NDArray[np.bool_], str]] = {
        "the learner's id is missing or longer than 255 characters": (
            (learners < 0) | long[learners] if len(long) else learners < 0,
            chosen["learner"],
        ),
        "the course is not in the catalogue": (
            (courses < 0) | (numbers[courses] == 0) if len(numbers) else courses < 0,
            chosen["course"],
        ),
        **{reason: (where, chosen["time" if timed else "order"]) for reason, where in bad_keys},
    }
    taken = np.ones(table.num_rows, bool)
    for reason, (where, column) in checks.items():
        places = np.flatnonzero(where & taken)
        for number, place in enumerate(places[:5]):
            count = 1 if number < len(places[:5]) - 1 else len(places) - number
            value = table[column][int(place)].as_py()
            refusals.add(reason, row=int(place) + 1, value=value, count=count)
        taken &= ~where
    used, places = np.unique(learners[taken], return_inverse=True)
    names = [learner_names[place] for place in used]
    return _Rows(places, numbers[courses[taken]], keys[taken], names)


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Return each cell's place in the list of distinct texts, -1 where it is empty."""
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    places = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return places, coded.dictionary.to_pylist()


def _learners(
    names: list[str], *, now: datetime, refusals: Refusals, say: Say
) -> NDArray[np.int64]:
    """Return the learner_id of each name, 0 for who was erased."""
    found: dict[str, int] = {}
    for start in range(0, len(names), LEARNERS_AT_ONCE):
        found |= ensure_learners(names[start : start + LEARNERS_AT_ONCE], now=now)
        say(f"learners: {min(start + LEARNERS_AT_ONCE, len(names))} of {len(names)}")
    for _ in range(len(names) - len(found)):
        refusals.add("the learner's data was erased and is not collected again", row=0)
    return np.array([found.get(name, 0) for name in names], np.int64)


def _moments_of_order(rows: _Rows, *, now: datetime) -> NDArray[np.int64]:
    """Return moments in the order of each learner: a day apart, the last of them yesterday.

    A learner with more courses than raw retention has days gets them closer together.
    """
    order = np.lexsort((rows.keys, rows.learner))
    learner = rows.learner[order]
    starts = np.r_[0, np.flatnonzero(np.diff(learner)) + 1] if len(learner) else np.zeros(0, int)
    counts = np.diff(np.r_[starts, len(learner)])
    from_end = np.repeat(starts + counts, counts) - np.arange(len(learner))
    longest = (RAW_RETENTION - timedelta(days=5)) // timedelta(microseconds=1)
    step = np.repeat(np.minimum(DAY, longest // np.maximum(counts, 1)), counts)
    moments = np.empty(len(learner), np.int64)
    moments[order] = (
        micros(now.replace(hour=0, minute=0, second=0, microsecond=0)) - from_end * step
    )
    return moments


def _store(batch: history.Batch, plan: history.Plan, say: Say) -> tuple[int, int, int]:
    created = changed = events = 0
    done = 0
    for part in _parts(batch):
        with transaction.atomic():
            new, merged = history.merge(part, plan)
            events += history.add_events(part, plan)
        created, changed, done = created + new, changed + merged, done + len(part.times)
        say(f"history: {done} of {len(batch.times)}")
    return created, changed, events


def _parts(batch: history.Batch) -> Iterator[history.Batch]:
    """Yield parts in the order of learners, so that a part's rows lie together."""
    order = np.lexsort((batch.times, batch.learner_ids))
    for start in range(0, len(order), ROWS_AT_ONCE):
        some = order[start : start + ROWS_AT_ONCE]
        yield history.Batch(batch.learner_ids[some], batch.course_ids[some], batch.times[some])
