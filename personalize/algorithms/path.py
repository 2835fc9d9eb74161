"""Which courses lead to what is wanted, in which order, within the time there is? (L3, pure)

Weighted cover over the prerequisite graph: a course brings the wanted skills it teaches and costs
its minutes and those of the prerequisites that are missing. Courses are taken greedily by what
they bring a minute, the single best course is kept where it beats that, and beside the plan stands
a bound no plan can exceed, so what greed has left is known (Khuller, Moss and Naor, 1999; Leskovec
et al., 2007, section 3.2, for the bound).
"""

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

MOST_STEPS = 8  # more is no path any more but a catalogue
UNKNOWN_MINUTES = 120  # of a course whose length nobody stated
SWAP_LEAST = 0.5  # of the weight of what a step brings, the least that stands in its place brings
LEVELS = {"beginner": 0, "": 1, "intermediate": 1, "advanced": 2}


@dataclass(frozen=True, slots=True)
class Course:
    """What planning needs of a course; minutes are those still to do."""

    course_id: int
    minutes: int
    skills: frozenset[str]
    prerequisites: tuple[int, ...] = ()
    level: str = ""
    begun: bool = False

    @property
    def cost(self) -> int:
        """Return the minutes it takes."""
        return self.minutes or UNKNOWN_MINUTES


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted and what stands: skills with weights, what is known, and limits."""

    wanted: Mapping[str, float]
    known: frozenset[str] = frozenset()  # skills
    finished: frozenset[int] = frozenset()  # course_ids
    budget: int | None = None  # minutes; None is as long as it takes
    instead: frozenset[int] = frozenset()  # asked for, so they come first
    without: frozenset[int] = frozenset()  # never part of the plan
    most_steps: int = MOST_STEPS


@dataclass(frozen=True, slots=True)
class Step:
    """One course of a plan and why it stands there."""

    course_id: int
    minutes: int
    brings: tuple[str, ...]  # wanted skills it is the first to teach
    needed_by: tuple[int, ...] = ()  # later steps that build on it


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan in order, what it covers of 0..1, and the most any plan could."""

    steps: tuple[Step, ...]
    covered: float
    bound: float
    missing: tuple[str, ...]  # wanted, taught by no step
    out_of_reach: tuple[str, ...]  # of these, taught by no course at all
    skipped: tuple[int, ...]  # courses left out because what they teach is known

    @property
    def minutes(self) -> int:
        """Return the minutes of all steps."""
        return sum(step.minutes for step in self.steps)


@dataclass(slots=True)
class _Search:
    courses: Mapping[int, Course]
    wish: Wish
    wanted: dict[str, float]
    closures: dict[int, frozenset[int] | None] = field(default_factory=dict)

    def settled(self, course_id: int) -> bool:
        """Say whether a course is not to be taken again: finished, or all it teaches is known."""
        if course_id in self.wish.finished:
            return True
        course = self.courses.get(course_id)
        if course is None or course_id in self.wish.instead:
            return False
        return bool(course.skills) and course.skills <= self.wish.known

    def closure(self, course_id: int) -> frozenset[int] | None:
        """Return the course with every missing prerequisite; None where it cannot be reached."""
        if course_id not in self.closures:
            self.closures[course_id] = self._close(course_id)
        return self.closures[course_id]

    def _close(self, course_id: int) -> frozenset[int] | None:
        before: dict[int, tuple[int, ...]] = {}
        waiting = [course_id]
        while waiting:
            at = waiting.pop()
            course = self.courses.get(at)
            if course is None or at in self.wish.without or at in self.wish.finished:
                return None
            if at not in before:
                before[at] = tuple(b for b in course.prerequisites if not self.settled(b))
                waiting += before[at]
        return frozenset(before) if _has_an_order(before) else None

    def gain(self, chosen: Collection[int], covered: Collection[str]) -> float:
        """Return the weight of the wanted skills these courses add to those covered."""
        taught = {skill for course_id in chosen for skill in self.courses[course_id].skills}
        return sum(self.wanted[skill] for skill in taught - set(covered) if skill in self.wanted)

    def cost(self, chosen: Iterable[int]) -> int:
        """Return the minutes of these courses."""
        return sum(self.courses[course_id].cost for course_id in chosen)

    def fits(self, chosen: Collection[int]) -> bool:
        """Say whether these courses keep to the limits."""
        budget = self.wish.budget
        within = budget is None or self.cost(chosen) <= budget
        return within and len(chosen) <= self.wish.most_steps

    def covered(self, chosen: Iterable[int]) -> set[str]:
        """Return the wanted skills these courses teach."""
        return {s for c in chosen for s in self.courses[c].skills if s in self.wanted}


def plan(courses: Mapping[int, Course], wish: Wish) -> Planned:
    """Return the courses that lead to a wish, each after what it needs; the same for the same.

    What is known is neither wanted nor taken again. A budget is never exceeded, also not by what
    was asked for.
    """
    wanted = {s: w for s, w in sorted(wish.wanted.items()) if w > 0 and s not in wish.known}
    search = _Search(courses, wish, wanted)
    useful = [
        course_id
        for course_id in sorted(courses)
        if not search.settled(course_id)
        and (wanted.keys() & courses[course_id].skills)
        and search.closure(course_id) is not None
    ]
    first = _asked_for(search)
    chosen = _greedy(search, useful, first)
    alone = _best_alone(search, useful) if not first else frozenset()
    if search.gain(alone, ()) > search.gain(chosen, ()):
        chosen = tuple(sorted(alone))
    kept = _pruned(search, chosen)
    return _told(search, kept, useful)


def alternatives(
    courses: Mapping[int, Course], wish: Wish, planned: Planned, course_id: int, *, most: int = 2
) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return what could stand in a step's place: (course_id, wanted skills it would bring).

    First what teaches the same, then what leads to the goal by skills the plan leaves out, where
    they weigh at least half of those that go. Each is such that the plan with it still keeps every
    rule; a step others build on has none.
    """
    step = next((step for step in planned.steps if step.course_id == course_id), None)
    if step is None or step.needed_by or not step.brings:
        return ()
    others = {other.course_id for other in planned.steps} - {course_id}
    wanted = {s: w for s, w in wish.wanted.items() if w > 0 and s not in wish.known}
    search = _Search(courses, wish, wanted)
    covered = search.covered(others)
    least = SWAP_LEAST * sum(wanted[skill] for skill in step.brings)
    found = []
    for other in sorted(courses):
        closed = None if other in others or other == course_id else search.closure(other)
        if closed is None or search.settled(other) or course_id in closed:
            continue
        brings = (courses[other].skills & wanted.keys()) - covered
        value = sum(wanted[skill] for skill in brings)
        if brings and value >= least and search.fits(others | closed):
            same = sum(wanted[skill] for skill in brings & set(step.brings))
            cost = search.cost(closed - others)
            found.append((-same, -value, cost, other, tuple(sorted(brings))))
    return tuple((other, brings) for *_rank, other, brings in sorted(found)[:most])


def _asked_for(search: _Search) -> tuple[int, ...]:
    chosen: tuple[int, ...] = ()
    for course_id in sorted(search.wish.instead - search.wish.finished):
        closed = search.closure(course_id) if course_id in search.courses else None
        if closed is not None and search.fits(frozenset(chosen) | closed):
            chosen += tuple(sorted(closed - frozenset(chosen)))
    return chosen


def _greedy(search: _Search, useful: list[int], first: tuple[int, ...]) -> tuple[int, ...]:
    chosen = list(first)
    while True:
        taken, covered = frozenset(chosen), search.covered(chosen)
        best: tuple[float, float, int] | None = None
        for course_id in useful:
            closed = search.closure(course_id) or frozenset()
            new = closed - taken
            gain = search.gain(new, covered)
            if gain <= 0 or not search.fits(taken | closed):
                continue
            offer = (gain / search.cost(new), gain, -course_id)
            best = offer if best is None or offer > best else best
        if best is None:
            return tuple(chosen)
        closed = search.closure(-best[2]) or frozenset()
        chosen += sorted(closed - taken)


def _best_alone(search: _Search, useful: list[int]) -> frozenset[int]:
    best: frozenset[int] = frozenset()
    for course_id in useful:
        closed = search.closure(course_id) or frozenset()
        if search.fits(closed) and search.gain(closed, ()) > search.gain(best, ()):
            best = closed
    return best


def _pruned(search: _Search, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Return the choice without what later courses made needless, oldest choices first."""
    kept = list(chosen)
    for course_id in chosen:
        others = [other for other in kept if other != course_id]
        needed = any(course_id in search.courses[other].prerequisites for other in others)
        asked = course_id in search.wish.instead
        if not needed and not asked and search.covered(others) == search.covered(kept):
            kept = others
    return tuple(kept)


def _ordered(search: _Search, chosen: tuple[int, ...]) -> list[int]:
    """Return the courses each after what it needs; else begun ones, easy ones, useful ones first.

    A circle among prerequisites cannot be chosen, so every course gets its turn (Kahn, 1962).
    """
    turn = {course_id: place for place, course_id in enumerate(chosen)}
    waits = {c: {b for b in search.courses[c].prerequisites if b in turn} for c in chosen}
    ready = [(_rank(search.courses[c], turn[c]), c) for c in chosen if not waits[c]]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        _rank_of_it, course_id = heapq.heappop(ready)
        order.append(course_id)
        for other in chosen:
            if course_id in waits[other]:
                waits[other].discard(course_id)
                if not waits[other]:
                    heapq.heappush(ready, (_rank(search.courses[other], turn[other]), other))
    return order


def _rank(course: Course, turn: int) -> tuple[bool, int, int]:
    return (not course.begun, LEVELS.get(course.level, 1), turn)


def _has_an_order(before: Mapping[int, tuple[int, ...]]) -> bool:
    """Say whether no course needs itself in the end."""
    left = dict(before)
    while left:
        free = [course_id for course_id, needs in left.items() if not left.keys() & set(needs)]
        if not free:
            return False
        for course_id in free:
            del left[course_id]
    return True


def _told(search: _Search, chosen: tuple[int, ...], useful: list[int]) -> Planned:
    order = _ordered(search, chosen)
    covered: set[str] = set()
    steps = []
    for course_id in order:
        new = search.covered([course_id]) - covered
        covered |= new
        brings = sorted(new, key=lambda skill: (-search.wanted[skill], skill))
        needed_by = tuple(c for c in order if course_id in search.courses[c].prerequisites)
        steps.append(Step(course_id, search.courses[course_id].cost, tuple(brings), needed_by))
    whole = sum(search.wanted.values())
    missing = [s for s in search.wanted if s not in covered]
    taught = search.covered(useful)
    return Planned(
        steps=tuple(steps),
        covered=sum(search.wanted[s] for s in covered) / whole if whole else 1.0,
        bound=_bound(search, useful, covered) / whole if whole else 1.0,
        missing=tuple(sorted(missing, key=lambda skill: (-search.wanted[skill], skill))),
        out_of_reach=tuple(skill for skill in missing if skill not in taught),
        skipped=_skipped(search, order),
    )


def _bound(search: _Search, useful: list[int], covered: set[str]) -> float:
    """Return a weight no plan exceeds: what is covered, and the rest as a fractional knapsack."""
    reached = sum(search.wanted[skill] for skill in covered)
    most = sum(search.wanted[skill] for skill in search.covered(useful) | covered)
    if search.wish.budget is None:
        return most
    left, added = float(search.wish.budget), 0.0
    offers = [(search.gain([c], covered), search.courses[c].cost) for c in useful]
    for gain, cost in sorted(offers, key=lambda offer: -offer[0] / offer[1]):
        share = min(1.0, left / cost)
        added, left = added + gain * share, left - cost * share
        if left <= 0:
            break
    return min(reached + added, most)


def _skipped(search: _Search, chosen: Iterable[int]) -> tuple[int, ...]:
    """Return courses the plan does without because all they teach is known."""
    wish = search.wish
    needed = {before for course_id in chosen for before in search.courses[course_id].prerequisites}
    return tuple(
        course_id
        for course_id in sorted(search.courses)
        if course_id not in wish.finished
        and search.settled(course_id)
        and (course_id in needed or wish.wanted.keys() & search.courses[course_id].skills)
    )
