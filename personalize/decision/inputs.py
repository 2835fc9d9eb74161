"""What was a decision made from, in a form that fits into the log? (L4, pure)

All that was read for a list and may be otherwise tomorrow: what was asked for, the learner's
history and words, what people at the controls had decided. With the model of its version the list
can be made again from it (decision/replay.py), and other models can be asked about it. Who allows
no list of their own leaves nothing of themselves here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.fusion import TOUCH_WEIGHTS
from personalize.decision.parts import TOUCH_BITS, TOUCH_MASK, course_codes
from personalize.decision.policy import SEEN_FREE
from personalize.decision.rankers import MODEL
from personalize.decision.standing import Standing
from signals.data import Allowed, LearnerState, Touch

UNITS = ("course", "lesson", "any")  # written as their places: append, never reorder
DAY_S = 86_400.0
PER_S = 8  # ages are kept in eighths of a second
WIDE, NARROW = "<u4", "<u2"
AGES = "<i4"
NARROW_MOST = 1 << 16

Pairs = tuple[int, ...]  # what is told and how, in turns


class Own(msgspec.Struct, frozen=True, array_like=True):
    """What was known of the learner."""

    courses: bytes  # with what was done there, as parts code it; oldest first
    ages: bytes  # parallel, in eighths of a second before the list
    score_mean: float | None
    minor: bool
    interests: tuple[str, ...]
    refused: tuple[int, ...]
    snoozed: tuple[int, ...]
    more: tuple[int, ...]
    seen: Pairs  # courses shown often and not opened, and how often
    format: str  # the part by which formats count, "" where they do not
    shares: dict[str, float]  # by format
    unused: tuple[int, ...] = ()  # courses that shall not count
    known: tuple[str, ...] = ()  # skills, as claimed
    languages: tuple[str, ...] = ()  # the list kept to


class Inputs(msgspec.Struct, frozen=True, array_like=True):
    """What one decision was made from; what the row says beside it is not said again."""

    unit: int
    k: int
    near: int  # course the surface stands beside, 0 for none
    catalogue: int  # its version
    controls: int  # digest of what people had decided (decision/rulebooks.py)
    most_chosen: str  # model whose popular courses filled places; "" for none
    own: Own | None
    ranker: str = ""
    drafted: tuple[str, ...] = ()  # control, variant and salt, where two rankers made the list
    following: Pairs = ()  # courses and the next lesson of each, 0 where none is left
    pool: bytes = b""  # courses one place was drawn from

    def encoded(self) -> bytes:
        """Return what the log keeps."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, raw: bytes) -> Self:
        """Read what `encoded` wrote; msgspec.DecodeError for anything else."""
        return msgspec.msgpack.decode(raw, type=cls)

    def pool_courses(self) -> NDArray[np.int32]:
        """Return the courses one place was drawn from."""
        return _courses(self.pool)

    def next_lessons(self) -> dict[int, int]:
        """Return the next lesson of each course that was placed by its lessons."""
        return _mapping(self.following)


def of(ask: Ask, chosen: Chosen, *, catalogue: int, controls: int, kept: Context | None) -> Inputs:
    """Return what a list was made from; `kept` is what may be kept of its learner."""
    return Inputs(
        unit=UNITS.index(ask.unit),
        k=ask.k,
        near=ask.near or 0,
        catalogue=catalogue,
        controls=controls,
        most_chosen=chosen.most_chosen,
        own=_own(ask, kept) if kept is not None else None,
        ranker=chosen.ranker if chosen.ranker != MODEL else "",
        drafted=chosen.drafted if kept is not None else (),
        following=_pairs(chosen.following),
        pool=_bytes(chosen.pool) if kept is not None else b"",
    )


def _own(ask: Ask, known: Context) -> Own:
    state, said = known.state, known.standing
    ages = np.rint((ask.now.timestamp() - state.last_at) * PER_S)
    limits = np.iinfo(np.int32)
    return Own(
        courses=_bytes(course_codes(state.course_ids, state.touches)),
        ages=np.clip(ages, limits.min, limits.max).astype(AGES).tobytes(),
        score_mean=None if np.isnan(state.score_mean) else state.score_mean,
        minor=state.minor,
        interests=said.interests,
        refused=said.refused,
        snoozed=said.snoozed,
        more=said.more,
        seen=_pairs({one: times for one, times in known.seen.items() if times > SEEN_FREE}),
        format=known.situation.format,
        shares=dict(known.format_shares),
        unused=said.unused,
        known=said.known,
        languages=known.languages,
    )


def state_of(own: Own, *, learner_id: int, allowed: Allowed, at: datetime) -> LearnerState:
    """Return the learner as a decision at that time read them."""
    codes, ages = _courses(own.courses), np.frombuffer(own.ages, AGES)
    return LearnerState(
        learner_id=learner_id,
        kind="learner",
        age_band="",
        allowed=allowed,
        course_ids=codes >> TOUCH_BITS,
        touches=(codes & TOUCH_MASK).astype(np.int8),
        last_at=at.timestamp() - ages / PER_S,
        score_mean=np.nan if own.score_mean is None else own.score_mean,
    )


def standing_of(own: Own, *, goal: str) -> Standing:
    """Return what the learner had said by then."""
    return Standing(
        goal=goal,
        interests=own.interests,
        refused=own.refused,
        snoozed=own.snoozed,
        more=own.more,
        unused=own.unused,
        known=own.known,
        languages=own.languages,
    )


def languages(raw: bytes | None) -> tuple[str, ...]:
    """Return the languages a list kept to; () where to none."""
    own = Inputs.decoded(raw).own if raw else None
    return own.languages if own else ()


def seen_of(own: Own) -> dict[int, int]:
    """Return how often courses had been shown that counted as shown often."""
    return _mapping(own.seen)


def newest_days(raw: bytes | None) -> float:
    """Return how old the newest course was that a list was made of; nan where none was."""
    own = Inputs.decoded(raw).own if raw else None
    if own is None:
        return np.nan
    touches = _courses(own.courses) & TOUCH_MASK
    ages = np.frombuffer(own.ages, AGES)[TOUCH_WEIGHTS[touches] > 0]
    return max(0.0, float(ages.min()) / PER_S / DAY_S) if len(ages) else np.nan


def _bytes(courses: NDArray[np.int32]) -> bytes:
    """Return numbers in two bytes each where all fit, else in four; the first byte says which."""
    narrow = int(courses.max(initial=0)) < NARROW_MOST
    return (b"\x02" if narrow else b"\x04") + courses.astype(NARROW if narrow else WIDE).tobytes()


def _courses(raw: bytes) -> NDArray[np.int32]:
    if not raw:
        return np.zeros(0, dtype=np.int32)
    return np.frombuffer(raw[1:], NARROW if raw[0] == 2 else WIDE).astype(np.int32)


def _pairs(told: Mapping[int, int]) -> Pairs:
    return tuple(number for pair in told.items() for number in pair)


def _mapping(pairs: Iterable[int]) -> dict[int, int]:
    numbers = iter(pairs)
    return dict(zip(numbers, numbers, strict=True))


def in_words(raw: bytes) -> dict[str, object]:
    """Return what a list was made from as a copy for its learner holds it."""
    told = Inputs.decoded(raw)
    words: dict[str, object] = {
        "unit": UNITS[told.unit],
        "wanted": told.k,
        "beside_course": told.near or None,
        "next_lessons": told.next_lessons(),
        "tried_out_from": told.pool_courses().tolist(),
    }
    if told.own is None:
        return words
    own = told.own
    codes = _courses(own.courses)
    ages = np.frombuffer(own.ages, AGES) / PER_S
    return words | {
        "history": [
            {"course_id": code >> TOUCH_BITS, "did": Touch(code & TOUCH_MASK).name, "seconds": age}
            for code, age in zip(codes.tolist(), ages.tolist(), strict=True)
        ],
        "score_mean": own.score_mean,
        "minor": own.minor,
        "interests": own.interests,
        "refused": own.refused,
        "snoozed": own.snoozed,
        "more": own.more,
        "not_to_count": own.unused,
        "known": own.known,
        "languages": own.languages,
        "seen_often": seen_of(own),
        "formats": own.shares,
    }
