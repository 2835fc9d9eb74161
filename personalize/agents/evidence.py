"""What do courses and quizzes say of what somebody knows? (L5) It overrules what was claimed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signals.data import CourseInfo, ModuleState

PASSED = 0.6  # share of a quiz from which it speaks for knowing what the course teaches


@dataclass(frozen=True, slots=True)
class Facts:
    """What somebody did: course_ids and skills. Handed in, never read here."""

    finished: frozenset[int] = frozenset()
    begun: Mapping[int, float] | None = None  # course_id -> share done, 0..1
    failed: frozenset[int] = frozenset()  # courses with a quiz that was not passed
    proved: frozenset[str] = frozenset()
    missed: frozenset[str] = frozenset()

    def share(self, course_id: int) -> float | None:
        """Return how much of a begun course is done; None of one that is not begun."""
        return (self.begun or {}).get(course_id)

    def known(self, claimed: Iterable[str]) -> frozenset[str]:
        """Return what counts as known: what was proved, and claims no quiz speaks against."""
        return self.proved | (frozenset(claimed) - self.missed)


def facts(
    courses: Mapping[int, CourseInfo],
    *,
    finished: Iterable[int],
    begun: Iterable[int],
    states: Iterable[ModuleState],
) -> Facts:
    """Return what history and quizzes say; a quiz failed once and passed later is passed.

    A skill is missed where a course that teaches it has a quiz that was not passed, and proved by
    a finished course whose quizzes, if it has any, were.
    """
    by_course: dict[int, list[ModuleState]] = defaultdict(list)
    for state in states:
        by_course[state.course_id].append(state)
    failed = {
        course_id
        for course_id, held in by_course.items()
        if any(state.score is not None and state.score < PASSED for state in held)
    }
    done = frozenset(finished)
    missed = _skills(courses, failed)
    return Facts(
        finished=done,
        begun={c: _share(courses[c], by_course[c]) for c in begun if c in courses},
        failed=frozenset(failed),
        proved=_skills(courses, done - failed) - missed,
        missed=missed,
    )


def _skills(courses: Mapping[int, CourseInfo], of: Iterable[int]) -> frozenset[str]:
    return frozenset(skill for c in of if c in courses for skill in courses[c].skills)


def _share(course: CourseInfo, states: Iterable[ModuleState]) -> float:
    done = sum(state.completed_at is not None for state in states)
    return min(done / course.modules, 1.0) if course.modules else 0.0
