"""Lists that learners had and what they made of them, as rows, for watching a canary."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

from personalize.data import Source
from personalize.decision.partitions import ensure_days
from personalize.engine.live import Pointer
from personalize.engine.serving import in_canary
from personalize.models import Decision
from personalize.models.decisions import SOURCE_CODES
from signals import api as signals
from signals.data import NewEvent
from signals.models import Learner
from signals.request_ids import Arm, read_request_id
from tests.factories import moment, new_course

NUMBERS = count(1)


def drawn_or_not(number: int, pointer: Pointer, *, drawn: bool) -> list[int]:
    """Make learners who see the pointer's canary, or such as do not; none is made twice."""
    fitting = (one for one in NUMBERS if in_canary(one, pointer) is drawn)
    found = list(islice(fitting, number))
    made = [Learner(learner_id=one, created_at=moment(days=60)) for one in found]
    Learner.objects.bulk_create(made)
    return found


def had(
    learner_ids: Sequence[int],
    model: str | None,
    *,
    at: datetime,
    source: Source = Source.MODEL,
    **columns: Any,
) -> list[Decision]:
    """Let each of these learners have had one list; return the rows."""
    ensure_days({at.astimezone(UTC).date()})
    rows = []
    for learner_id in learner_ids:
        request_id = signals.new_request_id(
            at=at, surface=1, arm=Arm.PERSONAL, learner_id=learner_id
        )
        values = {
            "learner_id": learner_id,
            "request_id": request_id,
            "served_at": read_request_id(request_id)[0],
            "surface": 1,
            "source": SOURCE_CODES[source],
            "model": model,
            "signals": 4,
            "took_ms": 20.0,
            "course_ids": [1, 2, 3],
            "scores": [3.0, 2.0, 1.0],
            "confidences": [3, 3, 3],
            "slots": [1, 1, 1],
        }
        rows.append(Decision(**(values | columns)))
    return list(Decision.objects.bulk_create(rows))


def clicked(rows: Sequence[Decision]) -> None:
    """Let the learners have clicked something on these lists."""
    _answered(rows, "rec.clicked")


def refused(rows: Sequence[Decision]) -> None:
    """Let the learners have said of something on these lists that it is not for them."""
    _answered(rows, "rec.dismissed")


def _answered(rows: Sequence[Decision], kind: str) -> None:
    course_id = new_course(f"course-{next(NUMBERS)}").course_id
    events = [
        NewEvent(
            kind=kind,
            learner_id=row.learner_id or 0,
            occurred_at=row.served_at,
            course_id=course_id,
            context={"request_id": str(row.request_id)},
        )
        for row in rows
    ]
    signals.record(events, now=rows[0].served_at)
