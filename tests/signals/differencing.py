"""What does somebody learn who subtracts published numbers? Worlds, questions, and the attack.

Every pair is of two published numbers, one of which counts a few people more than the other: over
time, over windows, or a whole and its parts. Those few, one to nine, are the hidden cell. The
attacker knows the rules and keeps every true number that fits what is shown; a cell is recovered
where one alone is left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations

import numpy as np

from signals import aggregates
from signals.data import KpiReport, KpiTotals
from signals.derive import demand as weekly
from signals.derive.quality import count_quality
from signals.kinds.registry import code_of
from signals.models import (
    Consent,
    DemandTerm,
    Learner,
    LearnerCourse,
    QualityFinding,
    QualityMonth,
    Rollup,
)
from signals.processing import demand as terms
from signals.processing import disclosure
from signals.processing.rules.registry import RULES

NOW = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)  # midnight of a Wednesday
FEW = 9
MOST = 400  # greatest count in any world
STEPS = 12
STARS = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two published numbers, and what is true of those the second counts and the first does not."""

    first: tuple[int, ...]  # true numbers that fit what was shown first
    second: tuple[int, ...]
    hidden: int

    @property
    def recovered(self) -> bool:
        """Say whether one difference alone fits."""
        return len({later - earlier for earlier in self.first for later in self.second}) == 1


def fitting(shown: int | None) -> tuple[int, ...]:
    """Return every true count that is shown so."""
    return tuple(count for count in range(MOST) if disclosure.publishable(count) == shown)


def fitting_events(shown: int) -> tuple[int, ...]:
    """Return every true number of events that is shown so, where learners were counted apart."""
    near = range(max(shown - disclosure.STEP, 0), shown + disclosure.STEP + 1)
    return tuple(count for count in near if disclosure.rounded(count) == shown)


def pairs_of(shown: Sequence[tuple[int, ...]], true: Sequence[int]) -> Iterator[Pair]:
    """Yield the pairs of a number told again and again whose hidden cell is of one to nine."""
    for one, other in combinations(range(len(true)), 2):
        hidden = true[other] - true[one]
        if 1 <= hidden <= FEW:
            yield Pair(shown[one], shown[other], hidden)


# --- over time: key figures of all learners, asked for again a little later


METRICS = {
    "slates": ("rec.shown", 1),
    "clicks": ("rec.clicked", 1),
    "enrolments": ("course.enrolled", None),
    "completions": ("course.completed", None),
    "ratings": ("course.rated", None),
}


def key_figures(rng: np.random.Generator) -> Iterator[Pair]:
    """Ask for the week and for today thirteen times in one day."""
    Rollup.objects.all().delete()
    rows = [*_past(rng), *_today(rng)]
    Rollup.objects.bulk_create(rows)
    moments = [NOW + timedelta(hours=2 * step, minutes=1) for step in range(STEPS)]
    reports = [aggregates.kpis(days=14, now=moment) for moment in moments]
    for metric, (kind, _) in METRICS.items():
        for since, part in ((NOW - timedelta(days=6), _week), (NOW, _last_day)):
            true = [_count(rows, kind, since, moment) for moment in moments]
            shown = [fitting(getattr(part(report), metric)) for report in reports]
            yield from pairs_of(shown, true)


def whole_and_parts(rng: np.random.Generator) -> Iterator[Pair]:
    """Subtract the six days that are shown from their week: what is left is the seventh."""
    Rollup.objects.all().delete()
    rows = [*_past(rng), *_today(rng)]
    Rollup.objects.bulk_create(rows)
    at = NOW + timedelta(hours=23)
    report = aggregates.kpis(days=14, now=at)
    for metric, (kind, _) in METRICS.items():
        days = [NOW - timedelta(days=back) for back in range(6, -1, -1)]
        true = [_count(rows, kind, day, day + timedelta(days=1)) for day in days]
        shown = [fitting(getattr(totals, metric)) for _, totals in report.days[-7:]]
        week = fitting(getattr(report.week, metric))
        for hidden in range(7):
            others = [shown[day] for day in range(7) if day != hidden]
            if 1 <= true[hidden] <= FEW:
                yield Pair(_sums(others), week, true[hidden])


def _sums(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    found = {0}
    for part in parts:
        found = {total + one for total in found for one in (part[0], part[-1])}
    return tuple(range(min(found), max(found) + 1))


def _past(rng: np.random.Generator) -> Iterator[Rollup]:
    for back in range(1, 14):
        yield from _rows(rng, NOW - timedelta(days=back), most=30, steps=1)


def _today(rng: np.random.Generator) -> Iterator[Rollup]:
    yield from _rows(rng, NOW, most=6, steps=STEPS)


def _rows(rng: np.random.Generator, day: datetime, *, most: int, steps: int) -> Iterator[Rollup]:
    for kind, surface in METRICS.values():
        for step in range(steps):
            count = int(rng.integers(0, most))
            if count:
                stars = rng.integers(1, STARS + 1, count)
                yield Rollup(
                    step_at=day + timedelta(hours=2 * step),
                    kind=code_of(kind),
                    surface=surface or 0,
                    arm=0,
                    count=count,
                    total=float(stars.sum()),
                    squares=float((stars**2).sum()),
                )


def _count(rows: Iterable[Rollup], kind: str, since: datetime, until: datetime) -> int:
    code = code_of(kind)
    return sum(row.count for row in rows if row.kind == code and since <= row.step_at < until)


def _week(report: KpiReport) -> KpiTotals:
    return report.week


def _last_day(report: KpiReport) -> KpiTotals:
    return report.days[-1][1]


# --- over time: a course's mean and raters, as somebody rates it


def ratings(rng: np.random.Generator) -> Iterator[Pair]:
    """Ask for courses' ratings again after a few more; number and sum of stars are attacked."""
    LearnerCourse.objects.all().delete()
    courses = list(range(1, 16))
    stars = {course: list(rng.integers(1, STARS + 1, rng.integers(6, 40))) for course in courses}
    told: dict[int, list[tuple[tuple[int, int], ...]]] = {course: [] for course in courses}
    true: dict[int, list[int]] = {course: [] for course in courses}
    for step in range(STEPS):
        _store_ratings(stars, step)
        found = aggregates.course_ratings(courses)
        for course in courses:
            told[course].append(_fitting_ratings(found.get(course)))
            true[course].append(len(stars[course]))
            stars[course] += list(rng.integers(1, STARS + 1, rng.integers(0, 4)))
    for course in courses:
        yield from pairs_of([tuple(n for n, _ in all_) for all_ in told[course]], true[course])


def _store_ratings(stars: dict[int, list[int]], step: int) -> None:
    at = NOW + timedelta(minutes=step)
    LearnerCourse.objects.all().delete()
    LearnerCourse.objects.bulk_create(
        LearnerCourse(learner_id=number, course_id=course, last_at=at, rating=float(star))
        for course, given in stars.items()
        for number, star in enumerate(given)
    )


def _fitting_ratings(shown: tuple[float, int] | None) -> tuple[tuple[int, int], ...]:
    """Return every number of raters and sum of stars that is shown so."""
    if shown is None:
        return tuple((count, 0) for count in fitting(None))
    mean, raters = shown
    return tuple(
        (count, total)
        for count in fitting(raters)
        for total in range(count, STARS * count + 1)
        if abs(disclosure.rounded_mean(total / count) - mean) < 1e-9
    )


# --- over windows: search terms of more and more weeks


def searches(rng: np.random.Generator) -> Iterator[Pair]:
    """Ask for a term's searches of one week, of two, and so on: the difference is one week's."""
    DemandTerm.objects.all().delete()
    monday = weekly.monday(NOW.date())
    names = [f"term {number}" for number in range(12)]
    true: dict[str, list[int]] = {name: [] for name in names}
    for back in range(1, 9):
        looked = {name: int(rng.integers(0, 16)) for name in names}
        week = monday - timedelta(weeks=back)
        DemandTerm.objects.bulk_create(
            DemandTerm(
                term=count.term,
                week=week,
                learners=count.learners,
                searches=count.searches,
                without_result=count.without_result,
            )
            for count in terms.count_terms(
                terms.Searched(number, name, 1) for name in names for number in range(looked[name])
            )
        )
        for name in names:
            true[name].append(looked[name] + (true[name][-1] if true[name] else 0))
    told = [
        {row.term: row.searches for row in aggregates.demand(weeks=weeks, now=NOW)}
        for weeks in range(1, 9)
    ]
    for name in names:
        shown = [fitting_events(row[name]) if name in row else fitting(None) for row in told]
        yield from pairs_of(shown, true[name])


# --- over closed days: what a rule found in a month so far


def findings(rng: np.random.Generator) -> Iterator[Pair]:
    """Ask for the audit's cells each night of a month: the difference is who was found that day."""
    QualityFinding.objects.all().delete()
    rules, sources = [rule.code for rule in RULES[:4]], (1, 2)
    first = NOW.date().replace(day=1)
    true: dict[tuple[int, int], list[int]] = {(s, r): [] for s in sources for r in rules}
    told: dict[tuple[int, int], list[tuple[int, ...]]] = {key: [] for key in true}
    fresh = Counter[tuple[int, int]]()
    for day in range(STEPS):
        at = first + timedelta(days=day)
        for key in true:
            new = int(rng.integers(0, 7))
            _find(key, at, range(fresh[key], fresh[key] + new))
            fresh[key] += new
        midnight = datetime.combine(at + timedelta(days=1), time(2), tzinfo=UTC)
        count_quality(now=midnight)
        cells = QualityMonth.objects.filter(month=first)
        rows = {(row.source_id, row.rule): row.learners for row in cells}
        for key in true:
            true[key].append(fresh[key])
            told[key].append(fitting(rows.get(key)))
    for key in true:
        yield from pairs_of(told[key], true[key])


def _find(key: tuple[int, int], day: date, learners: Iterable[int]) -> None:
    source, rule = key
    QualityFinding.objects.bulk_create(
        QualityFinding(
            learner_id=number, day=day, source_id=source, rule=rule, events=1, told="found"
        )
        for number in learners
    )


# --- over time: how many learners chose what


def choices(rng: np.random.Generator) -> Iterator[Pair]:
    """Ask how many switched what, again and again while learners switch."""
    Consent.objects.all().delete()
    Learner.objects.all().delete()
    names = [one.name for one in fields(aggregates.choices()) if one.name != "minors"]
    true: dict[str, list[int]] = {name: [] for name in names}
    told: dict[str, list[tuple[int, ...]]] = {name: [] for name in names}
    count = 0
    for _ in range(STEPS):
        count = _join(rng, count)
        shown = aggregates.choices()
        held = {
            "learners": Learner.objects.count(),
            "gpc": Consent.objects.filter(gpc=True).count(),
            "objected": Consent.objects.filter(personalization=False).count(),
            "fine_grained": Consent.objects.filter(fine_grained=True).count(),
            "inferred": Consent.objects.filter(inferred=True).count(),
        }
        for name in names:
            true[name].append(held[name])
            told[name].append(fitting(getattr(shown, name)))
    for name in names:
        yield from pairs_of(told[name], true[name])


def _join(rng: np.random.Generator, count: int) -> int:
    numbers = range(count, count + int(rng.integers(1, 7)))
    Learner.objects.bulk_create(Learner(learner_id=number, created_at=NOW) for number in numbers)
    Consent.objects.bulk_create(
        Consent(
            learner_id=number,
            updated_at=NOW,
            gpc=bool(rng.random() < 0.5),
            personalization=bool(rng.random() < 0.6),
            fine_grained=bool(rng.random() < 0.4),
            inferred=bool(rng.random() < 0.3),
        )
        for number in numbers
    )
    return numbers.stop


ATTACKS = {
    "key figures, over time": key_figures,
    "a day, from its week and the other days": whole_and_parts,
    "raters and mean of a course, over time": ratings,
    "search terms, over windows of weeks": searches,
    "quality findings, over closed days": findings,
    "learners' choices, over time": choices,
}


def run_attack(name: str, *, pairs: int, seed: int = 11) -> tuple[int, int]:
    """Return how many pairs were attacked, at least so many, and how many cells recovered."""
    rng = np.random.default_rng(seed)
    attacked = recovered = 0
    while attacked < pairs:
        for pair in ATTACKS[name](rng):
            attacked += 1
            recovered += pair.recovered
    return attacked, recovered
