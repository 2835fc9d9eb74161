"""A list of more than one school, of the fields a learner learns in, and not of blockbusters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize.decision import policy
from personalize.decision.policy import Ranked, Rules, Situation
from personalize.decision.shelf import Shelf, build
from signals.data import CourseInfo


def course(course_id: int, *, field: str = "", provider: str = "") -> CourseInfo:
    return CourseInfo(
        course_id=course_id,
        external_id=f"c{course_id}",
        slug=f"c{course_id}",
        title=f"Course {course_id}",
        summary="",
        field=field,
        level="",
        language="en",
        provider=provider,
        minutes=60,
        skills=(),
        prerequisites=(),
        modules=3,
    )


def shelf_of(*courses: CourseInfo) -> Shelf:
    return build({info.course_id: info for info in courses})


def rank(
    shelf: Shelf,
    base: np.ndarray,
    *,
    met: tuple[int, ...] = (),
    popularity: np.ndarray | None = None,
) -> Ranked:
    taken = np.array(met, dtype=np.int64)
    fields = shelf.fields[taken]
    counts = np.bincount(fields[fields >= 0], minlength=len(shelf.field_codes)).astype(float)
    return policy.rank(
        base,
        popularity=np.zeros(len(base)) if popularity is None else popularity,
        shelf=shelf,
        situation=Situation(met=taken, history_fields=counts / max(counts.sum(), 1.0)),
        rules=Rules(),
        k=12,
    )


def test_one_school_takes_half_of_a_list_while_others_have_something() -> None:
    big = (course(i, provider="Big") for i in range(1, 81))
    small = (course(i, provider=f"School {i % 5}") for i in range(81, 101))
    shelf = shelf_of(*big, *small)

    found = rank(shelf, np.linspace(1.0, 0.1, 100))

    big_ones = [place for place in found.places.tolist() if place < 80]
    assert len(found.places) == 12
    assert big_ones == list(range(6))


def test_one_school_fills_the_list_where_there_is_no_other() -> None:
    shelf = shelf_of(*(course(i, provider="Only") for i in range(1, 31)))

    assert rank(shelf, np.linspace(1.0, 0.1, 30)).places.tolist() == list(range(12))


def test_courses_without_a_school_are_of_no_school() -> None:
    shelf = shelf_of(*(course(i) for i in range(1, 31)))

    assert rank(shelf, np.linspace(1.0, 0.1, 30)).places.tolist() == list(range(12))


def test_fields_stand_in_a_list_as_in_what_the_learner_learns() -> None:
    shelf = shelf_of(*(course(i, field="AB"[i % 2]) for i in range(1, 101)))
    base = np.full(100, 1.0) - np.arange(100) * 1e-4
    of_a = [place for place in range(60, 100) if shelf.fields[place] == shelf.field_codes["A"]]

    def share_of_a(met: tuple[int, ...]) -> float:
        return float((shelf.fields[rank(shelf, base, met=met).places] == 0).mean())

    assert share_of_a(()) == 0.5
    assert share_of_a(tuple(of_a[:8])) == 0.75


def test_what_is_better_known_than_what_one_takes_stands_back() -> None:
    shelf = shelf_of(*(course(i) for i in range(1, 31)))
    popularity = np.linspace(1.0, 0.0, 30)
    base = np.full(30, 1.0)

    niche = rank(shelf, base, met=(28, 29), popularity=popularity)
    usual = rank(shelf, base, met=(0, 1), popularity=popularity)

    assert popularity[niche.places].mean() < popularity[usual.places].mean()
    assert "well_known" not in usual.parts
    assert (niche.parts["well_known"] <= 0).all()


@given(st.integers(0, 2**32))
def test_who_would_come_next_is_not_in_the_list_and_scores_no_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    shelf = shelf_of(*(course(i, field=str(rng.choice(["", "A", "B"]))) for i in range(1, n + 1)))
    base = rng.random(n)

    found = rank(shelf, base)

    assert not set(found.places.tolist()) & set(found.rivals.tolist())
    assert len(found.totals) == len(found.places) + len(found.rivals)
    assert len(found.rivals) == 0 or len(found.places) == 12
