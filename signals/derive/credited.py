"""Whose were the items each learner answered? Made ahead beside the exposure, as values are (L2).

Who put an item on a list is known above, so what is kept is made by a function handed down. It goes
with `kept`: forgotten for those whose events changed, so what is there is right. Nothing is kept of
who answered in the last minutes: the log above is written after the answer to a request, and an
answer may be here before it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import perf_counter

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from signals.data import Answered
from signals.derive.answers import answered
from signals.derive.kept import EVER, KEEPING, WITHOUT, changed, forget_changed
from signals.derive.packing import COUNTED
from signals.derive.pending import BUDGET_S
from signals.models.statements import run
from signals.privacy import gate

Credits = NDArray[np.int32]
Credit = Callable[[Sequence[Answered]], Mapping[int, Sequence[int]]]  # learner -> their numbers

AT_ONCE = 2_000  # learners a transaction: the log above is asked for all their answers
SETTLED = timedelta(minutes=5)
_NUMBER = np.dtype(">i4")

_HELD = f"""
SELECT string_agg(measured, '') FILTER (WHERE holds),
    array_agg(learner_id) FILTER (WHERE NOT holds)
FROM (
    SELECT x.learner_id, x.measured, (
        x.measured_form = %(form)s AND x.learner_id <> ALL(%(changed)s::bigint[])
        AND x.measured_to <= %(as_of)s
    ) IS TRUE AS holds
    FROM signals_exposure x {COUNTED}
    WHERE x.experiment = %(experiment)s AND x.exposed_at <= %(as_of)s
) everyone
"""  # noqa: S608  only constants of this product are put in
_KEEP = """
UPDATE signals_exposure kept SET measured = made.packed, measured_form = %(form)s,
    measured_to = coalesce(made.newest, kept.exposed_at)
FROM unnest(%(learners)s::bigint[], %(packed)s::bytea[], %(newest)s::timestamptz[])
    AS made (learner_id, packed, newest)
WHERE kept.experiment = %(experiment)s AND kept.learner_id = made.learner_id
"""


def credited(experiment: str, credit: Credit, *, form: int, width: int, as_of: datetime) -> Credits:
    """Return the numbers of everybody exposed by then, a row each and `width` of them.

    `form` stands for the way `credit` makes them: another way has another number.
    """
    given = {"experiment": experiment, "form": form, "as_of": as_of, "changed": changed()}
    packed, others = run(_HELD, given, prepared=False).fetchone() or (None, None)
    found = [np.frombuffer(packed or b"", _NUMBER).reshape(-1, width)]
    for learners in _at_once(others or ()):
        made = credit(answered(experiment, learners, as_of=as_of))
        rows = np.array([made.get(learner, [0] * width) for learner in learners], _NUMBER)
        found.append(rows.reshape(-1, width))
    return np.concatenate(found).astype(np.int32)


def keep_credited(experiment: str, credit: Credit, *, form: int, width: int, now: datetime) -> int:
    """Make the numbers of everybody ready who has none; return of how many learners."""
    forget_changed(now=now)
    given = {"experiment": experiment, "form": form, "at_once": AT_ONCE}
    until, done, after = perf_counter() + BUDGET_S, 0, 0
    while perf_counter() < until:
        with transaction.atomic():
            run(gate.STORING)
            run(KEEPING)
            found = run(WITHOUT, {**given, "after": after}).fetchall()
            learners = [learner_id for (learner_id,) in found]
            if not learners:
                break
            told = answered(experiment, learners, as_of=EVER)
            newest = _newest(told)
            settled = [who for who in learners if _is_settled(newest.get(who), now=now)]
            made, nothing = credit(told), [0] * width
            packed = [np.array(made.get(who, nothing), _NUMBER).tobytes() for who in settled]
            ready = {"learners": settled, "packed": packed, "newest": [*map(newest.get, settled)]}
            run(_KEEP, {**given, **ready}, prepared=False)
        done, after = done + len(settled), learners[-1]
    return done


def _newest(told: Sequence[Answered]) -> dict[int, datetime]:
    newest: dict[int, datetime] = {}
    for answer in told:
        newest[answer.learner_id] = max(answer.at, newest.get(answer.learner_id, answer.at))
    return newest


def _is_settled(newest: datetime | None, *, now: datetime) -> bool:
    return newest is None or newest <= now - SETTLED


def _at_once(learners: Sequence[int]) -> list[Sequence[int]]:
    return [learners[start : start + AT_ONCE] for start in range(0, len(learners), AT_ONCE)]
