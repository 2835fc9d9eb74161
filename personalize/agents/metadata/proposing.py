"""What is proposed of courses today? (L5 conductor) Reads the catalogue, writes rows; by the clock.

What a person decided stays decided: it is not proposed again. An open proposal for which nothing
speaks any more is withdrawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from zlib import crc32

from django.db import connection, transaction
from threadpoolctl import threadpool_limits

from personalize.agents.metadata import before, levels, quality, reading, skills
from personalize.agents.metadata.found import Found, Learnt
from personalize.llm import choice
from personalize.models import MetadataProposal, MetadataRun

AGENT = "metadata"
CHUNK = 1000
_LOCK = crc32(b"propose_metadata")
State = MetadataProposal.State


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run did; `why` says why it did nothing."""

    courses: int = 0
    proposed: int = 0
    withdrawn: int = 0
    why: str = ""


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # untyped package
def propose(*, now: datetime) -> Ran:
    """Propose skills, levels, courses to take before, and courses to look at."""
    if not choice.setting(AGENT).on:
        return Ran(why="The agent is switched off.")
    courses = reading.offered()
    if not courses:
        return Ran(why="There is no course to read.")
    texts = reading.texts(courses)
    found: list[Found] = []
    learnt: dict[str, Learnt] = {}
    for kind, (several, of) in {
        "skill": skills.find(courses, texts),
        "level": levels.find(courses, texts),
        "prerequisite": before.find(courses, texts),
        "quality": quality.find(courses, texts, now=now),
    }.items():
        found += several
        learnt[kind] = of
    return _written(found, learnt, courses=len(courses), now=now)


def _written(
    found: Sequence[Found], learnt: dict[str, Learnt], *, courses: int, now: datetime
) -> Ran:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            (free,) = cursor.fetchone() or (False,)
        if not free:
            return Ran(why="Another run is writing just now.")
        held = {_key(row): row for row in MetadataProposal.objects.select_for_update()}
        keys = {(one.course_id, one.kind, one.value) for one in found}
        gone = [r for key, r in held.items() if r.state == State.OPEN and key not in keys]
        for row in gone:
            row.state = State.WITHDRAWN
        fresh, changed = _split(found, held, now=now)
        MetadataProposal.objects.bulk_create(fresh, batch_size=CHUNK)
        MetadataProposal.objects.bulk_update(
            [*changed, *gone], ["state", "score", "evidence"], batch_size=CHUNK
        )
        MetadataRun.objects.create(
            ran_at=now, courses=courses, learnt={kind: asdict(of) for kind, of in learnt.items()}
        )
    return Ran(courses=courses, proposed=len(fresh), withdrawn=len(gone))


def _split(
    found: Iterable[Found],
    held: dict[tuple[int, str, str], MetadataProposal],
    *,
    now: datetime,
) -> tuple[list[MetadataProposal], list[MetadataProposal]]:
    """Return rows to make, and rows nobody decided on that are to be as found now."""
    fresh, changed = [], []
    for one in found:
        row = held.get((one.course_id, one.kind, one.value))
        if row is None:
            fresh.append(MetadataProposal(**asdict(one), made_at=now))
        elif row.state in {State.OPEN, State.WITHDRAWN}:
            row.state, row.score, row.evidence = State.OPEN, one.score, dict(one.evidence)
            changed.append(row)
    return fresh, changed


def _key(row: MetadataProposal) -> tuple[int, str, str]:
    return row.course_id, row.kind, row.value
