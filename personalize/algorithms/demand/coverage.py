"""How well is a topic covered by the courses there are? (L3, pure)

supply = relevance x freshness x quality x level fit of the course that does best, each 0 to 1.
Relevance is where a course names the topic; of a topic named in parts only, the rarer words count
more (Sparck Jones 1972) and the whole counts half.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from personalize.algorithms.demand.estimates import wilson
from personalize.algorithms.demand.topics import stems

IN_TITLE, IN_SKILLS, IN_SUMMARY = 1.0, 0.8, 0.5
IN_PARTS = 0.5  # of what the whole would count
FRESH_DAYS = 730.0  # a course not changed for this long is half as fresh
STALEST = 0.5  # what a topic needs does not all grow old
UNRATED = 0.6  # quality where too few rated
OTHER_LEVEL = 0.5  # fit of a course of another level than asked for
BESIDE = 0.2  # relevance from which a course is said to touch a topic
LEVELS = {
    "beginner": "beginner",
    "beginners": "beginner",
    "introduction": "beginner",
    "basics": "beginner",
    "fundamentals": "beginner",
    "intermediate": "intermediate",
    "advanced": "advanced",
    "expert": "advanced",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A course as it counts here."""

    course_id: int
    title: str
    skills: str
    summary: str
    level: str = ""
    age_days: float | None = None  # since it last changed
    rating: float | None = None  # 1 to 5
    raters: int = 0


@dataclass(frozen=True, slots=True)
class Covering:
    """One course before a topic, with the factors of its supply."""

    course_id: int
    relevance: float
    freshness: float
    quality: float
    level_fit: float

    @property
    def supply(self) -> float:
        """Return their product."""
        return self.relevance * self.freshness * self.quality * self.level_fit


def quality(rating: float | None, raters: int) -> float:
    """Return the lower end of the 95% interval of a rating, as a share of the way from 1 to 5."""
    if rating is None or raters <= 0:
        return UNRATED
    return wilson((rating - 1) / 4 * raters, raters)[0]


def freshness(age_days: float | None) -> float:
    """Return 1 for a course just changed, 1/2 for an old one; 1 where its age is not known."""
    if age_days is None:
        return 1.0
    return STALEST + (1 - STALEST) * math.exp2(-max(age_days, 0.0) / FRESH_DAYS)


class Coverage:
    """Courses by the words they are named by."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        """Read titles, skills and summaries once."""
        self._offers = tuple(offers)
        self._texts: list[tuple[str, str, str]] = []
        self._weights: list[dict[str, float]] = []
        self._having: dict[str, set[int]] = defaultdict(set)
        for place, offer in enumerate(self._offers):
            parts = [stems(text) for text in (offer.title, offer.skills, offer.summary)]
            self._texts.append(
                (_padded(parts[0]), _padded(parts[1]), _padded(parts[2])),
            )
            weights: dict[str, float] = {}
            for weight, words in zip((IN_SUMMARY, IN_SKILLS, IN_TITLE), parts[::-1], strict=True):
                weights.update(dict.fromkeys(words, weight))
            self._weights.append(weights)
            for word in weights:
                self._having[word].add(place)

    def of(self, topic: str) -> tuple[Covering, ...]:
        """Return the courses that touch a topic, the best supply first."""
        words = topic.lower().split()
        level = next((LEVELS[word] for word in words if word in LEVELS), "")
        about = " ".join(word for word in words if word not in LEVELS)
        asked = tuple(dict.fromkeys(stems(about or topic)))
        places = set().union(*(self._having.get(word, ()) for word in asked)) if asked else set()
        told = {word: self._rarity(word) for word in asked}
        found = []
        for place in places:
            relevance = self._relevance(place, asked, told)
            if relevance >= BESIDE:
                offer = self._offers[place]
                fits = not level or not offer.level or offer.level == level
                found.append(
                    Covering(
                        offer.course_id,
                        relevance,
                        freshness(offer.age_days),
                        quality(offer.rating, offer.raters),
                        1.0 if fits else OTHER_LEVEL,
                    )
                )
        return tuple(sorted(found, key=lambda one: (-one.supply, one.course_id)))

    def _relevance(self, place: int, asked: Sequence[str], told: dict[str, float]) -> float:
        phrase = _padded(asked)
        for weight, text in zip((IN_TITLE, IN_SKILLS, IN_SUMMARY), self._texts[place], strict=True):
            if phrase in text:
                return weight
        weights = self._weights[place]
        named = sum(told[word] * weights.get(word, 0.0) for word in asked)
        whole = all(word in weights for word in asked)
        return (1.0 if whole else IN_PARTS) * named / sum(told.values())

    def _rarity(self, word: str) -> float:
        return math.log((1 + len(self._offers)) / (1 + len(self._having.get(word, ())))) + 1


def _padded(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
