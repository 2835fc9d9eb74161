"""Where does each course stand, and what is it about, as arrays? (L4) The catalogue for policy.

A place is a course's position on the shelf. The shelf is rebuilt when the catalogue changes and
shared by all threads of a process; nothing here reads the database.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms import claims
from personalize.algorithms.wording import Wording
from signals.catalogue import words_of
from signals.data import CourseInfo

Places = NDArray[np.int64]
Floats = NDArray[np.float64]

ALIKE_KEPT = 4_096  # courses whose near-duplicates are remembered
NEAR_SKILLS = 0.3  # share of skills two courses of one field have in common
NEAR_WORDS = 0.15  # cosine of titles and summaries in one field (decision 0349)
NEAR_WORDS_ELSEWHERE = 0.2
NEAREST = 0.01  # of the catalogue
NEAREST_WORDS = 0.12


@dataclass(frozen=True, slots=True)
class Shelf:
    """All listed courses in parallel arrays of length n; codes are -1 where nothing is stated."""

    courses: Mapping[int, CourseInfo]
    version: int  # of the catalogue
    course_ids: NDArray[np.int32]  # ascending
    by_place: tuple[CourseInfo, ...]
    fields: NDArray[np.int32]
    providers: NDArray[np.int32]
    lesson_minutes: Floats  # mean length of a lesson, 0 where unknown
    needing: Places  # with `needed`: pairs of a course and a prerequisite
    needed: Places
    field_codes: Mapping[str, int]
    skill_codes: Mapping[str, int]
    skills_of: tuple[frozenset[int], ...]
    in_field: tuple[Places, ...]  # by field code
    teaching: tuple[Places, ...]  # by skill code
    named: tuple[Places, ...]  # by skill code, the beginners' courses named for it
    languages: NDArray[np.int32]  # codes
    language_codes: Mapping[str, int]  # of two letters
    usual_language: str  # of most courses, "" where none states one
    _place_of: NDArray[np.int64]
    _alike: dict[int, tuple[Places, Floats]] = field(default_factory=dict)
    _near: dict[int, Places] = field(default_factory=dict)
    _wording: list[Wording] = field(default_factory=list)  # made when first asked for

    def places(self, course_ids: NDArray[np.int32] | Sequence[int]) -> Places:
        """Return the place of each course, -1 where it is not on the shelf."""
        ids = np.asarray(course_ids, dtype=np.int64)
        inside = (ids >= 0) & (ids < len(self._place_of))
        return np.where(inside, self._place_of[np.where(inside, ids, 0)], -1)

    def known(self, course_ids: NDArray[np.int32] | Sequence[int]) -> Places:
        """Return the places of the courses that are on the shelf."""
        places = self.places(course_ids)
        return places[places >= 0]

    def alike(self, place: int, *, at_least: float) -> tuple[Places, Floats]:
        """Return the courses of the same field that share skills, with the share of skills shared.

        The share is |both| / |either|; a course without field or skills is like no other.
        """
        found = self._alike.get(place)
        if found is None:
            found = self._find_alike(place)
            if len(self._alike) < ALIKE_KEPT:
                self._alike[place] = found
        places, shares = found
        near = shares >= at_least
        return places[near], shares[near]

    def near(self, place: int) -> Places:
        """Return the other courses that are nearly the same, by their skills or by their words.

        Ascending. In another field only where the words say it more clearly; in a large catalogue
        fewer words in common will do for the nearest.
        """
        found = self._near.get(place)
        if found is None:
            by_skills, _shares = self.alike(place, at_least=NEAR_SKILLS)
            cosines = self.wording().cosines(place)
            same_field = (self.fields == self.fields[place]) & (self.fields >= 0)
            cosines[place] = 0.0
            nearest = np.argsort(-cosines, kind="stable")[: round(NEAREST * len(cosines))]
            by_words = np.flatnonzero(
                cosines >= np.where(same_field, NEAR_WORDS, NEAR_WORDS_ELSEWHERE)
            )
            found = np.unique(
                np.concatenate([by_skills, by_words, nearest[cosines[nearest] >= NEAREST_WORDS]])
            )
            if len(self._near) < ALIKE_KEPT:
                self._near[place] = found
        return found

    def wording(self) -> Wording:
        """Return the words of all courses, weighed; a second for 10,000 of them, once a shelf."""
        if not self._wording:
            titles = [course.title for course in self.by_place]
            self._wording.append(Wording(titles, [course.summary for course in self.by_place]))
        return self._wording[0]

    def knowing(self, skills: Sequence[str]) -> Places:
        """Return the courses somebody knows who knows these skills (algorithms/claims.py)."""
        codes = frozenset(self.skill_codes[name] for name in skills if name in self.skill_codes)
        found = {
            place
            for code in codes
            for place in self.teaching[code].tolist()
            if self.skills_of[place] <= codes
        }
        found.update(place for code in codes for place in self.named[code].tolist())
        return np.array(sorted(found), dtype=np.int64)

    def unread(self, languages: Sequence[str]) -> Places:
        """Return the courses that state a language, and none of these; all are read where ()."""
        codes = [self.language_codes[name] for name in languages if name in self.language_codes]
        if not languages:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero((self.languages >= 0) & ~np.isin(self.languages, codes))

    def _find_alike(self, place: int) -> tuple[Places, Floats]:
        own = self.skills_of[place]
        others = self.in_field[self.fields[place]] if own and self.fields[place] >= 0 else ()
        shares = {
            int(other): len(own & self.skills_of[other]) / len(own | self.skills_of[other])
            for other in others
            if other != place and own & self.skills_of[other]
        }
        return (
            np.fromiter(shares.keys(), dtype=np.int64, count=len(shares)),
            np.fromiter(shares.values(), dtype=np.float64, count=len(shares)),
        )


def build(courses: Mapping[int, CourseInfo], *, version: int = 0) -> Shelf:
    """Return the shelf of a catalogue."""
    ids = np.array(sorted(courses), dtype=np.int32)
    by_place = tuple(courses[course_id] for course_id in ids.tolist())
    place_of = np.full(int(ids[-1]) + 1 if len(ids) else 1, -1, dtype=np.int64)
    place_of[ids] = np.arange(len(ids))
    field_codes = _codes(course.field for course in by_place)
    provider_codes = _codes(course.provider for course in by_place)
    skill_codes = _codes(skill for course in by_place for skill in course.skills)
    fields = np.array([field_codes.get(c.field, -1) for c in by_place], dtype=np.int32)
    spoken = [course.language[:2].lower() for course in by_place]
    language_codes = _codes(spoken)
    skills_of = tuple(frozenset(skill_codes[s] for s in c.skills) for c in by_place)
    pairs = [
        (place, int(place_of[needed]))
        for place, course in enumerate(by_place)
        for needed in course.prerequisites
        if 0 <= needed < len(place_of) and place_of[needed] >= 0
    ]
    needing, needed = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Shelf(
        courses=courses,
        version=version,
        course_ids=ids,
        by_place=by_place,
        fields=fields,
        providers=np.array([provider_codes.get(c.provider, -1) for c in by_place], dtype=np.int32),
        lesson_minutes=np.array([c.minutes / c.modules if c.modules else 0.0 for c in by_place]),
        needing=needing,
        needed=needed,
        field_codes=field_codes,
        skill_codes=skill_codes,
        skills_of=skills_of,
        in_field=tuple(np.flatnonzero(fields == code) for code in range(len(field_codes))),
        teaching=_postings(skills_of, len(skill_codes)),
        named=_postings([_named(course, skill_codes) for course in by_place], len(skill_codes)),
        languages=np.array([language_codes.get(told, -1) for told in spoken], dtype=np.int32),
        language_codes=language_codes,
        usual_language=_usual(spoken),
        _place_of=place_of,
    )


def _codes(names: Iterable[str]) -> dict[str, int]:
    return {name: code for code, name in enumerate(sorted({name for name in names if name}))}


def _named(course: CourseInfo, codes: Mapping[str, int]) -> frozenset[int]:
    words = {skill: words_of(skill) for skill in course.skills}
    skills = claims.named(words_of(course.title), words, level=course.level)
    return frozenset(codes[skill] for skill in skills)


def _usual(spoken: Sequence[str]) -> str:
    told = Counter(name for name in spoken if name)
    return min(told, key=lambda name: (-told[name], name), default="")


def _postings(skills_of: Sequence[frozenset[int]], n: int) -> tuple[Places, ...]:
    teaching: list[list[int]] = [[] for _ in range(n)]
    for place, skills in enumerate(skills_of):
        for skill in skills:
            teaching[skill].append(place)
    return tuple(np.array(places, dtype=np.int64) for places in teaching)


UNREAD = -1  # version of the catalogue of a process that has read none yet


class Kept:
    """The newest shelf of this process; rebuilt only when the catalogue is another object."""

    def __init__(self) -> None:
        """Begin with an empty catalogue."""
        self.shelf = build({}, version=UNREAD)
        self.version = -1

    def renew(self, version: int, read: Callable[[], Mapping[int, CourseInfo]]) -> Shelf:
        """Return the shelf of a version of the catalogue; what `read` raises leaves the old one."""
        if version != self.version:
            self.shelf = build(read(), version=version)
            self.version = version
        return self.shelf
