"""Where does this learner stand just now? (L4) History, stated wishes and session, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from os import urandom

import numpy as np
from numpy.typing import NDArray

from personalize.data import Intent
from personalize.decision import fusion
from personalize.decision.parts import JUST_NOW
from personalize.decision.policy import Situation
from personalize.decision.shelf import Shelf
from personalize.decision.standing import Standing
from personalize.decision.surfaces.base import Surface
from signals.data import LearnerState, Touch

HISTORY_MOST = 200  # newest courses that count


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for a list. The learner is named by our number or by the platform's id."""

    learner_id: int | None
    external_id: str | None
    surface: Surface
    unit: str
    intent: Intent | None
    k: int
    now: datetime
    near: int | None = None  # the course a surface stands beside
    language: str = ""  # of the page or of the request; what who states none is taken to read
    entropy: bytes = field(default_factory=lambda: urandom(8))  # of the request id, and all draws

    @property
    def lessons(self) -> bool:
        """Say whether lessons are wanted instead of courses."""
        return self.unit == "lesson"

    @property
    def mixed(self) -> bool:
        """Say whether next lessons of begun courses stand beside new courses."""
        return self.unit == "any"

    @property
    def place(self) -> str:
        """Return what a remembered list is kept under."""
        return f"{self.surface.key}:{self.unit}"


@dataclass(frozen=True, slots=True)
class Context:
    """What ranking needs to know about one learner; history is oldest first."""

    state: LearnerState
    standing: Standing
    situation: Situation
    history: NDArray[np.int32]  # course_ids that say something
    touches: NDArray[np.int8]  # what was done there, as parts tell it
    weights: NDArray[np.float64]
    signals: int  # courses of the learner's own that stand behind the list
    newest_at: float | None  # when the newest of them was touched, seconds since the epoch
    seen: Mapping[int, int] = field(default_factory=dict)  # how often courses were shown
    format_shares: Mapping[str, float] = field(default_factory=dict)  # where formats count
    languages: tuple[str, ...] = ()  # lists keep to; () to none
    unread: frozenset[int] = frozenset()  # courses in other languages, none of them begun

    def not_offered(self) -> frozenset[int]:
        """Return the courses no list of new courses holds for this learner."""
        return _done_or_refused(self.state, self.standing) | self.unread


@dataclass(frozen=True, slots=True)
class _Past:
    """The courses that say something, oldest first, as parallel arrays."""

    courses: NDArray[np.int32]
    touches: NDArray[np.int8]
    age_s: NDArray[np.float64]

    def beside(self, near: int) -> "_Past":
        """Return it with one course as the newest thing said: the learner is there just now."""
        others = self.courses != near
        touch = self.touches[~others] if not others.all() else np.array([Touch.VIEWED], np.int8)
        return _Past(
            np.append(self.courses[others], np.int32(near)),
            np.append(self.touches[others], touch),
            np.append(self.age_s[others], 0.0),
        )


def _past(ask: Ask, state: LearnerState) -> _Past:
    speaks = np.flatnonzero(fusion.TOUCH_WEIGHTS[state.touches] > 0)[-HISTORY_MOST:]
    age_s = ask.now.timestamp() - state.last_at[speaks]
    return _Past(state.course_ids[speaks], state.touches[speaks], age_s)


def counted(state: LearnerState, standing: Standing) -> LearnerState:
    """Return a learner's history without the courses that shall not count."""
    if not standing.unused:
        return state
    counts = ~np.isin(state.course_ids, standing.unused)
    return replace(
        state,
        course_ids=state.course_ids[counts],
        touches=state.touches[counts],
        last_at=state.last_at[counts],
    )


def _done_or_refused(state: LearnerState, standing: Standing) -> frozenset[int]:
    taken = (state.touches == Touch.ENROLLED) | (state.touches == Touch.COMPLETED)
    return standing.kept_away() | frozenset(state.course_ids[taken].tolist())


def _unread(
    languages: tuple[str, ...],
    state: LearnerState,
    standing: Standing,
    shelf: Shelf,
    hidden: frozenset[int],
) -> NDArray[np.int64]:
    """Return the places of courses in other languages; none where nothing else is left to show."""
    away = shelf.unread(languages)
    if not len(away):
        return away
    away = away[~np.isin(shelf.course_ids[away], _begun(state))]
    left = np.ones(len(shelf.course_ids), dtype=bool)
    left[away] = False
    left[shelf.known([*(_done_or_refused(state, standing) | hidden)])] = False
    return away if left.any() else away[:0]


def languages_of(ask: Ask, standing: Standing, shelf: Shelf) -> tuple[str, ...]:
    """Return the languages a learner reads: as stated, else those of the page and of most courses.

    () where nobody stated any and no page says one: every language then is as good.
    """
    if standing.languages or not ask.language:
        return standing.languages
    return tuple(dict.fromkeys(name for name in (ask.language, shelf.usual_language) if name))


def read(
    ask: Ask,
    state: LearnerState,
    standing: Standing,
    shelf: Shelf,
    *,
    hidden: frozenset[int] = frozenset(),
) -> Context:
    """Put together what is known; nothing is read here. hidden are courses staff took away."""
    languages = languages_of(ask, standing, shelf)
    unread = _unread(languages, state, standing, shelf, hidden)
    said = _past(ask, counted(state, standing))
    signals, evidence = len(said.courses), float(fusion.decayed(said.touches, said.age_s).sum())
    newest_at = ask.now.timestamp() - float(said.age_s[-1]) if signals else None
    if ask.near is not None:
        said = said.beside(ask.near)
    weights = fusion.weights(said.touches, said.age_s)
    if ask.near is not None:
        weights[-1] = fusion.SESSION  # whatever was done there before, it is what counts now
    return Context(
        state=state,
        standing=standing,
        situation=replace(
            _situation(ask, state, standing, shelf), trust=fusion.trust(evidence), unread=unread
        ),
        history=said.courses,
        touches=np.where(fusion.in_session(said.age_s), JUST_NOW[said.touches], said.touches),
        weights=weights,
        signals=signals,
        newest_at=newest_at,
        languages=languages if len(unread) else (),
        unread=frozenset(shelf.course_ids[unread].tolist()),
    )


def with_seen(context: Context, seen: Mapping[int, int], shelf: Shelf) -> Context:
    """Add how often courses were shown and not opened."""
    if not seen:
        return context
    places = shelf.places(list(seen))
    known = places >= 0
    times = np.fromiter(seen.values(), dtype=np.float64, count=len(seen))
    situation = replace(context.situation, seen=places[known], seen_times=times[known])
    return replace(context, situation=situation, seen=seen)


def with_quizzes(context: Context, course_ids: list[int], shelf: Shelf) -> Context:
    """Add which begun courses have a quiz."""
    return replace(context, situation=replace(context.situation, with_quiz=shelf.known(course_ids)))


def _situation(ask: Ask, state: LearnerState, standing: Standing, shelf: Shelf) -> Situation:
    touches = state.touches
    places = shelf.places(state.course_ids)
    here = places >= 0
    enrolled, done = touches == Touch.ENROLLED, touches == Touch.COMPLETED
    beside = () if ask.near is None else (ask.near,)
    return Situation(
        met=places[here & (enrolled | done)],
        open=places[here & (enrolled | (touches == Touch.STARTED))],
        history_fields=_field_shares(shelf.places(counted(state, standing).course_ids), shelf),
        goal_field=shelf.field_codes.get(standing.goal, -1),
        interests=frozenset(
            shelf.skill_codes[skill] for skill in standing.interests if skill in shelf.skill_codes
        ),
        known=_known(state, standing, shelf),
        intent=ask.intent,
        lessons=ask.lessons,
        mixed=ask.mixed,
        refused=shelf.known(standing.refused),
        snoozed=shelf.known((*standing.snoozed, *beside)),
        more=shelf.known(standing.more),
    )


def _known(state: LearnerState, standing: Standing, shelf: Shelf) -> NDArray[np.int64]:
    """Return the courses a learner says they know.

    What they say of a skill counts where they went into no course that teaches it: what was done
    there, quizzes among it, speaks more.
    """
    if not standing.known:
        return np.zeros(0, dtype=np.int64)
    went = np.isin(state.touches, (Touch.ENROLLED, Touch.STARTED, Touch.COMPLETED))
    done = {s for place in shelf.known(state.course_ids[went]) for s in shelf.skills_of[place]}
    claimed = [name for name in standing.known if shelf.skill_codes.get(name) not in done]
    return shelf.knowing(claimed)


def _begun(state: LearnerState) -> NDArray[np.int32]:
    begun: NDArray[np.int32] = state.course_ids[
        (state.touches == Touch.ENROLLED) | (state.touches == Touch.STARTED)
    ]
    return begun


def _field_shares(places: NDArray[np.int64], shelf: Shelf) -> NDArray[np.float64]:
    fields = shelf.fields[places[places >= 0]]
    fields = fields[fields >= 0]
    counts = np.bincount(fields, minlength=len(shelf.field_codes)).astype(np.float64)
    shares: NDArray[np.float64] = counts / max(counts.sum(), 1.0)
    return shares
