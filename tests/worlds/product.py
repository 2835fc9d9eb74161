"""The product without its servers: what it knows is what it was sent, on arrays.

Rules of what is learned from, members of the blend, popularity, trust in a history and policy are
the product's own functions. Left out: the members that take longest to fit (als, choice,
graph_filter), tuning their weights, probabilities of the heads, the place that is tried out, and
rules of quality (robots are learned from); nothing is stated, refused, boosted or pinned.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.lab.courses import FIELDS, Courses, Ints
from demo.lab.days import SHOWN
from demo.lab.events import NONE, Events, Kind
from experiments.data import Plan
from experiments.stats.bucketing import choose
from personalize.algorithms.base import FloatArray, History, Recommender
from personalize.algorithms.blend import Blend
from personalize.data import Objectives
from personalize.decision import fusion, objectives, policy, shelf
from personalize.decision.policy import Rules, Situation
from personalize.engine import dataset, popular
from personalize.engine.packing import positions
from signals.data import CourseInfo, Touch, TrainingRows
from signals.privacy.training_rows import WEIGHTS

DAY_S = 86_400.0
FIRST_DAY = 20_000  # of a lab, in days since the epoch
WEIGHT_OF = {
    Touch.VIEWED: WEIGHTS["viewed"],
    Touch.STARTED: WEIGHTS["started"],
    Touch.ENROLLED: WEIGHTS["enrolled"],
    Touch.COMPLETED: WEIGHTS["enrolled"],
}
TOUCHED_BY = {
    Kind.VIEWED: Touch.VIEWED,
    Kind.STARTED: Touch.STARTED,
    Kind.ENROLLED: Touch.ENROLLED,
    Kind.COMPLETED: Touch.COMPLETED,
}
MEMBERS = ("transitions", "item_knn", "session_knn", "content", "ease", "popularity")


def infos(courses: Courses) -> dict[int, CourseInfo]:
    """Return the catalogue as the product holds it; course i of the lab is i + 1."""
    return {
        place + 1: CourseInfo(
            course_id=place + 1,
            external_id=key,
            slug=key,
            title=key,
            summary="",
            field=FIELDS[courses.field[place]],
            level="",
            language="en",
            provider="",
            minutes=int(courses.minutes[place] * courses.modules[place]),
            skills=(),
            prerequisites=tuple((np.flatnonzero(courses.needs[place]) + 1).tolist()),
            modules=int(courses.modules[place]),
        )
        for place, key in enumerate(courses.keys)
    }


@dataclass(frozen=True, slots=True)
class Model:
    """What serves: the blend with its courses, and what most take."""

    recommender: Recommender
    courses: NDArray[np.int32]  # places of its courses, ascending
    popularity: NDArray[np.float64]  # by place, 1 for the most taken
    generic: list[int]  # places, most taken first


@dataclass
class Product:
    """Knows events, learns at night, answers with lists."""

    courses: Courses
    learners: int
    plan: Plan
    first_id: int  # of its learners
    model: Model | None = None
    shown_on: list[NDArray[np.int16]] = field(default_factory=list)  # lists by day and learner
    clicked_on: list[NDArray[np.int16]] = field(default_factory=list)
    modules_on: list[NDArray[np.int16]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with knowing nobody."""
        shape = (self.learners, self.courses.n)
        self.touch = np.zeros(shape, np.int8)
        self.last_at = np.zeros(shape)
        self.first_at = np.full((max(Touch) + 1, *shape), np.inf)
        self.seen = np.zeros(shape)

    @cached_property
    def shelf(self) -> shelf.Shelf:
        """Return the catalogue for policy."""
        return shelf.build(infos(self.courses))

    @cached_property
    def arms(self) -> NDArray[np.bool_]:
        """Return who is in the variant, as the product draws them."""
        plan = self.plan
        drawn = [
            choose(unit=self.first_id + n, salt=plan.salt, arms=plan.variants, shares=plan.shares)
            for n in range(self.learners)
        ]
        return np.array([arm == plan.variants[1] for arm in drawn])

    @cached_property
    def strives(self) -> Objectives:
        """Return what lists strive for unless people decide otherwise."""
        return objectives.USUAL

    def take(self, events: Events, day: int) -> None:
        """Take in a day's events."""
        for kind, days in (
            (Kind.SHOWN, self.shown_on),
            (Kind.CLICKED, self.clicked_on),
            (Kind.FINISHED, self.modules_on),
        ):
            counts = np.bincount(events.of(kind).learner, minlength=self.learners)
            days.append(counts.astype(np.int16))
        at = FIRST_DAY + day + events.second / DAY_S
        about = events.course != NONE
        who, course = events.learner[about], events.course[about]
        np.maximum.at(self.last_at, (who, course), at[about])
        self.seen[who, course] = 0.0
        for kind, touch in TOUCHED_BY.items():
            rows = events.kind == kind
            who, course = events.learner[rows], events.course[rows]
            np.minimum.at(self.first_at[touch], (who, course), at[rows])
            again = kind is Kind.ENROLLED
            now = self.touch[who, course]
            over = (now == Touch.LEFT) & (not again)
            self.touch[who, course] = np.where(over, now, _stronger(now, touch))
        left = events.of(Kind.LEFT)
        self.touch[left.learner, left.course] = Touch.LEFT

    def rows(self) -> TrainingRows:
        """Return every choice, as the product's query makes them: the strongest touch's moment."""
        chosen = (self.touch > 0) & (self.touch != Touch.LEFT)
        who, course = np.nonzero(chosen)
        touch = self.touch[who, course]
        first = self.first_at[:, who, course]
        strongest = np.where(touch == Touch.COMPLETED, Touch.ENROLLED, touch)
        times = first[strongest, np.arange(len(who))]
        weights = np.array([WEIGHT_OF.get(Touch(t), 0.0) for t in range(1, max(Touch) + 1)])
        order = np.lexsort((course, times, who))
        return TrainingRows(
            learner_ids=(who + self.first_id)[order].astype(np.int64),
            course_ids=(course + 1)[order].astype(np.int32),
            times=times[order],
            weights=weights[touch - 1][order].astype(np.float32),
        )

    def learn(self, *, seed: int) -> None:
        """Fit a blend of the members that take no time, in equal parts: nothing is tuned."""
        data = dataset.build(self.rows(), courses=infos(self.courses))
        equal = dict.fromkeys(MEMBERS, 1 / len(MEMBERS))
        blend = Blend(members=MEMBERS, weights=equal)
        blend.fit(data.interactions, rng=np.random.default_rng(seed))
        places = data.course_ids - np.int32(1)
        arrays = popular.popular_arrays(data.interactions, [""] * len(places))
        popularity = np.zeros(self.courses.n)
        popularity[places] = arrays[popular.SCORES]
        order = np.argsort(-popularity[places], kind="stable")
        self.model = Model(blend, places, popularity / popularity.max(), places[order].tolist())

    def __call__(self, who: Ints, second: NDArray[np.float64], day: int) -> Ints:
        """Answer with a list each."""
        assert self.model is not None, "learn before you answer"
        lists = np.full((len(who), SHOWN), NONE)
        personal = self.arms[who] & (self._speaks(who) > 0).any(axis=1)
        now = FIRST_DAY + day + second / DAY_S
        asks = np.flatnonzero(personal)
        histories = [self._history(who[row], now[row]) for row in asks.tolist()]
        scores = self.model.recommender.score_many([history for history, _ in histories])
        for row, score, (_, trust) in zip(asks.tolist(), scores, histories, strict=True):
            found = self._ranked(who[row], score, trust)
            lists[row, : len(found)] = found
        for row in np.flatnonzero(~personal).tolist():
            generic = self.generic(who[row])
            lists[row, : len(generic)] = generic
        rows, places = np.nonzero(lists != NONE)
        np.add.at(self.seen, (who[rows], lists[rows, places]), 1.0)
        return lists

    def _speaks(self, who: Ints) -> NDArray[np.float64]:
        found: NDArray[np.float64] = fusion.TOUCH_WEIGHTS[self.touch[who]]
        return found

    def _history(self, who: int, now: float) -> tuple[History, float]:
        """Return what the model is told of somebody, and what that counts."""
        assert self.model is not None
        spoken = np.flatnonzero(fusion.TOUCH_WEIGHTS[self.touch[who]] > 0)
        spoken = spoken[np.argsort(self.last_at[who, spoken], kind="stable")]
        age_s = (now - self.last_at[who, spoken]) * DAY_S
        touches = self.touch[who, spoken]
        weights = fusion.weights(touches, age_s)
        evidence = float(fusion.decayed(touches, age_s).sum())
        history = History(positions(self.model.courses, spoken), weights.astype(np.float32))
        return history, fusion.trust(evidence)

    def _ranked(self, who: int, score: FloatArray, trust: float) -> NDArray[np.int64]:
        assert self.model is not None
        base = np.zeros(self.courses.n)
        base[self.model.courses] = score
        touch = self.touch[who]
        fields = np.bincount(self.shelf.fields[touch > 0], minlength=len(FIELDS)).astype(float)
        seen = np.flatnonzero(self.seen[who])
        situation = Situation(
            met=np.flatnonzero((touch == Touch.ENROLLED) | (touch == Touch.COMPLETED)),
            open=np.flatnonzero((touch == Touch.ENROLLED) | (touch == Touch.STARTED)),
            history_fields=fields / max(fields.sum(), 1.0),
            seen=seen,
            seen_times=self.seen[who, seen],
            trust=trust,
        )
        ranked = policy.rank(
            base,
            popularity=self.model.popularity,
            shelf=self.shelf,
            situation=situation,
            rules=Rules(objectives=self.strives),
            k=SHOWN,
        )
        return ranked.places

    def generic(self, who: int) -> list[int]:
        """Return what most take, without what is taken already."""
        assert self.model is not None
        touch = self.touch[who]
        taken = (touch == Touch.ENROLLED) | (touch == Touch.COMPLETED)
        return [place for place in self.model.generic if not taken[place]][:SHOWN]


def _stronger(now: NDArray[np.int8], touch: Touch) -> NDArray[np.int8]:
    """Return the stronger of two touches; who enrols again after leaving is enrolled."""
    back = (now == Touch.LEFT) & (touch is Touch.ENROLLED)
    return np.where(back, np.int8(touch), np.maximum(now, np.int8(touch)))
