"""Which topics are wanted and hardly covered? (L5) The conductor: aggregates in, topics out.

What is stored are the parts a gap is made of; which of them count, a page says, and the score is
computed where it is shown. Counting anew in the same week replaces the week's topics.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from django.db import transaction
from django.utils.text import slugify

from personalize.algorithms.demand.coverage import Coverage, Covering, Offer
from personalize.algorithms.demand.estimates import Trend, certainty, trend
from personalize.algorithms.demand.gap import Gap, Part, gap, level, weekly
from personalize.algorithms.demand.topics import merged
from personalize.models import DemandTopic
from signals import aggregates, catalogue
from signals.data import CourseInfo, ForumWeek, JobShelf, TermWeek

WEEKS = 12
KEPT = timedelta(days=730)
COURSES = 6  # told of a topic, the best first


@dataclass(frozen=True, slots=True)
class Said:
    """A term of a topic over the weeks: learners in its best week, and sums of searches."""

    term: str
    learners: int
    searches: int
    without_result: int


@dataclass(frozen=True, slots=True)
class Week:
    """One closed week of a topic; learners are those of its commonest spelling."""

    ago: int
    learners: int = 0
    searches: int = 0
    without_result: int = 0
    forum_learners: int = 0  # who opened a thread
    forum_posts: int = 0
    forum_threads: int | None = None  # None: counted before replies were told apart

    @property
    def threads(self) -> int:
        """Return the threads; all posts where replies are not told apart."""
        return self.forum_posts if self.forum_threads is None else self.forum_threads


@dataclass(frozen=True, slots=True)
class Asked:
    """What one source of job posts says of a topic."""

    title: str
    unit: str
    origin: str
    as_of: str  # a day, ISO
    posts: int
    of: int
    fresh: bool

    @property
    def place(self) -> str:
        """Return which source it is, of several of a kind as well."""
        return f"{self.title}: {self.origin}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with everything its gap is made of."""

    slug: str
    topic: str
    said: tuple[Said, ...] = ()
    weeks: tuple[Week, ...] = ()  # newest first, those with a count
    jobs: tuple[Asked, ...] = ()
    levels: Mapping[str, float] = field(default_factory=dict)
    sure: Mapping[str, float] = field(default_factory=dict)
    covering: tuple[Covering, ...] = ()
    field: str = ""  # of the course that covers it best
    since: int | None = None  # weeks ago, since which the same sources send searches; None: always

    def within(self, weeks: int) -> Self:
        """Return the topic as the newest weeks alone tell it; levels stay as they were."""
        return replace(self, weeks=tuple(week for week in self.weeks if week.ago < weeks))

    def asked_in(self, place: str) -> Self:
        """Return the topic as one source of job posts alone tells it; levels stay as they were."""
        return replace(self, jobs=tuple(one for one in self.jobs if one.place == place))

    def taught_in(self, courses: Collection[int]) -> Self:
        """Return the topic as these courses alone cover it."""
        return replace(
            self, covering=tuple(one for one in self.covering if one.course_id in courses)
        )

    @property
    def supply(self) -> float:
        """Return the supply of the course that does best."""
        return self.covering[0].supply if self.covering else 0.0

    @property
    def learners(self) -> int:
        """Return the learners of the best week, who searched or wrote."""
        return max((max(week.learners, week.forum_learners) for week in self.weeks), default=0)

    @property
    def searches(self) -> int:
        """Return the searches of all weeks."""
        return sum(week.searches for week in self.weeks)

    @property
    def without_result(self) -> int:
        """Return how many of them found nothing."""
        return sum(week.without_result for week in self.weeks)

    @property
    def threads(self) -> int:
        """Return the forum threads of all weeks; where replies are not told apart, the posts."""
        return sum(week.threads for week in self.weeks)

    @property
    def counts_replies(self) -> bool:
        """Say whether replies are among the threads of some week."""
        return any(week.forum_posts and week.forum_threads is None for week in self.weeks)

    @property
    def job_posts(self) -> int:
        """Return the job posts of all fresh sources that count posts or occupations."""
        return sum(asked.posts for asked in self.jobs if asked.fresh)

    @property
    def alike(self) -> tuple[Week, ...]:
        """Return the weeks whose searches came from the sources of today, those with learners."""
        first = WEEKS if self.since is None else self.since
        return tuple(week for week in self.weeks if week.learners and week.ago <= first)

    @property
    def sources_changed(self) -> bool:
        """Say whether some weeks were searched through other sources, and so are not compared."""
        return any(week.learners and week not in self.alike for week in self.weeks)

    def trend(self) -> Trend | None:
        """Return how learners who search change a week; None where fewer than four weeks tell.

        A source that comes or goes changes the count, not the demand: of weeks before it nothing
        is told.
        """
        return trend([(-week.ago, week.learners) for week in self.alike])

    def gap(self, parts: Collection[Part]) -> Gap:
        """Return the gap over the parts that are to count."""
        levels = {Part(name): value for name, value in self.levels.items()}
        sure = {Part(name): value for name, value in self.sure.items()}
        return gap(levels, sure, supply=self.supply, parts=parts)

    @classmethod
    def read(cls, row: DemandTopic) -> Self:
        """Return a topic from its row."""
        told: dict[str, Any] = dict(row.evidence)
        return cls(
            slug=row.slug,
            topic=row.topic,
            field=told["field"],
            said=tuple(Said(**one) for one in told["said"]),
            weeks=tuple(Week(**one) for one in told["weeks"]),
            jobs=tuple(Asked(**one) for one in told["jobs"]),
            levels=told["levels"],
            sure=told["sure"],
            covering=tuple(Covering(**one) for one in told["covering"]),
            since=told.get("since"),
        )


def derive_gaps(*, now: datetime) -> int:
    """Count this week's topics anew; return how many there are."""
    found = topics(now=now)
    today = now.astimezone(UTC).date()
    week = today - timedelta(days=today.weekday())
    with transaction.atomic():
        DemandTopic.objects.filter(week=week).delete()
        DemandTopic.objects.filter(week__lt=week - KEPT).delete()
        DemandTopic.objects.bulk_create(
            DemandTopic(week=week, slug=one.slug, topic=one.topic, evidence=_evidence(one))
            for one in found
        )
    return len(found)


def newest() -> tuple[date | None, tuple[Topic, ...]]:
    """Return the week that was counted last with its topics; (None, ()) before the first."""
    row = DemandTopic.objects.order_by("-week").values_list("week", flat=True).first()
    if row is None:
        return None, ()
    return row, tuple(map(Topic.read, DemandTopic.objects.filter(week=row).order_by("topic")))


def narrowed(found: Sequence[Topic], *, weeks: int, posts_of: str = "") -> tuple[Topic, ...]:
    """Return topics as the newest closed weeks alone tell them, held against each other anew.

    posts_of names the place of one source of job posts (`Asked.place`); empty: all of them.
    """
    told = [one.within(weeks) for one in found]
    if posts_of:
        told = [one.asked_in(posts_of) for one in told]
    return _levelled(told, weeks=min(weeks, WEEKS))


def topic(slug: str) -> tuple[date, Topic] | None:
    """Return a topic as last counted, with the week it was counted in."""
    row = DemandTopic.objects.filter(slug=slug).order_by("-week").first()
    return None if row is None else (row.week, Topic.read(row))


def topics(*, now: datetime) -> tuple[Topic, ...]:
    """Return every topic of searches, forums and job posts with its evidence."""
    searched = aggregates.term_weeks(weeks=WEEKS, now=now)
    written = aggregates.forum_weeks(weeks=WEEKS, now=now)
    shelves = aggregates.job_shelves(now=now)
    courses = catalogue.courses()
    stands = _stands(searched, written, shelves, courses)
    terms: dict[str, list[TermWeek]] = defaultdict(list)
    for row in searched:
        terms[stands[row.term]].append(row)
    posts: dict[str, list[ForumWeek]] = defaultdict(list)
    for post in written:
        posts[stands[post.term]].append(post)
    jobs = _jobs(shelves, stands)
    covered = _coverage(courses, now=now)
    since = aggregates.same_sources(weeks=WEEKS, now=now)
    bare = [
        replace(
            _topic(name, terms.get(name, ()), posts.get(name, ()), jobs.get(name, ())), since=since
        )
        for name in sorted(set(stands.values()))
    ]
    return _weighed(bare, covered, courses)


def _stands(
    searched: Iterable[TermWeek],
    written: Iterable[ForumWeek],
    shelves: Iterable[JobShelf],
    courses: Mapping[int, CourseInfo],
) -> dict[str, str]:
    """Return for each term the one that stands for its topic."""
    asked: dict[str, int] = defaultdict(int)
    for row in searched:
        asked[row.term] += row.learners
    for post in written:
        asked[post.term] += post.learners
    for shelf in shelves:
        for term in shelf.asked:
            asked[term] += 1  # what learners say names the topic
    known = [text for info in courses.values() for text in (info.title, *info.skills)]
    return merged(asked, known)


def _jobs(shelves: Iterable[JobShelf], stands: Mapping[str, str]) -> Mapping[str, Sequence[Asked]]:
    """Return by topic what each source says: of several spellings the commonest."""
    found: dict[str, dict[tuple[str, str], Asked]] = defaultdict(dict)
    for shelf in shelves:
        for term, posts in shelf.asked.items():
            place = (shelf.source, shelf.origin)
            before = found[stands[term]].get(place)
            if before is None or posts > before.posts:
                found[stands[term]][place] = Asked(
                    title=shelf.title,
                    unit=shelf.unit,
                    origin=shelf.origin,
                    as_of=shelf.as_of.isoformat(),
                    posts=posts,
                    of=shelf.posts,
                    fresh=shelf.fresh,
                )
    return {name: tuple(by_place.values()) for name, by_place in found.items()}


def _topic(
    name: str, terms: Sequence[TermWeek], posts: Sequence[ForumWeek], jobs: Sequence[Asked]
) -> Topic:
    by_term: dict[str, list[TermWeek]] = defaultdict(list)
    for row in terms:
        by_term[row.term].append(row)
    said = [
        Said(
            term,
            max(row.learners for row in rows),
            sum(row.searches for row in rows),
            sum(row.without_result for row in rows),
        )
        for term, rows in by_term.items()
    ]
    weeks = [
        _week(
            ago,
            [row for row in terms if row.ago == ago],
            [row for row in posts if row.ago == ago],
        )
        for ago in sorted({row.ago for row in terms} | {row.ago for row in posts})
    ]
    return Topic(
        slug=_slug(name),
        topic=name,
        said=tuple(sorted(said, key=lambda one: (-one.learners, one.term))),
        weeks=tuple(weeks),
        jobs=tuple(jobs),
    )


def _week(ago: int, terms: Sequence[TermWeek], posts: Sequence[ForumWeek]) -> Week:
    """Return one week of a topic; who only answers in a forum does not ask for it."""
    apart = all(row.apart for row in posts)
    return Week(
        ago,
        learners=max((row.learners for row in terms), default=0),
        searches=sum(row.searches for row in terms),
        without_result=sum(row.without_result for row in terms),
        forum_learners=max((row.openers for row in posts), default=0),
        forum_posts=sum(row.posts for row in posts),
        forum_threads=sum(row.threads for row in posts) if apart else None,
    )


def _coverage(courses: Mapping[int, CourseInfo], *, now: datetime) -> Coverage:
    ratings = aggregates.course_ratings(list(courses))
    changed = catalogue.changed_at()
    return Coverage(
        Offer(
            course_id=info.course_id,
            title=info.title,
            skills=" ; ".join(info.skills),
            summary=info.summary,
            level=info.level,
            age_days=(now - changed[info.course_id]).days if info.course_id in changed else None,
            rating=ratings.get(info.course_id, (None, 0))[0],
            raters=ratings.get(info.course_id, (None, 0))[1],
        )
        for info in courses.values()
    )


def _weighed(
    bare: Sequence[Topic], covered: Coverage, courses: Mapping[int, CourseInfo]
) -> tuple[Topic, ...]:
    found = []
    for one in bare:
        covering = _told(covered.of(one.topic), courses)
        field_of = courses[covering[0].course_id].field if covering else ""
        found.append(replace(one, field=field_of, covering=covering))
    return _levelled(found, weeks=WEEKS)


def _told(covering: Sequence[Covering], courses: Mapping[int, CourseInfo]) -> tuple[Covering, ...]:
    """Return the best courses of a topic, and the best of each language that has none among them.

    A page may ask what is missing in one language.
    """
    best = list(covering[:COURSES])
    known = {courses[one.course_id].language for one in best}
    for one in covering[COURSES:]:
        if courses[one.course_id].language not in known:
            known.add(courses[one.course_id].language)
            best.append(one)
    return tuple(best)


def _levelled(found: Sequence[Topic], *, weeks: int) -> tuple[Topic, ...]:
    """Return topics with where each part lies among all of them, and how sure it is."""
    counts = {one.slug: _counts(one, weeks=weeks) for one in found}
    most = {part: max((each[part][0] for each in counts.values()), default=0.0) for part in Part}
    return tuple(
        replace(
            one,
            levels={p: round(level(n, most[p]), 4) for p, (n, _) in counts[one.slug].items()},
            sure={p: round(sure, 4) for p, (_, sure) in counts[one.slug].items()},
        )
        for one in found
    )


def _counts(one: Topic, *, weeks: int) -> dict[Part, tuple[float, float]]:
    """Return by part what a usual week counts, or a source's posts, and how sure that is."""
    posts = max((asked.posts for asked in one.jobs if asked.fresh), default=0)
    series = {
        Part.SEARCHES: [(week.ago, week.learners) for week in one.weeks],
        Part.IN_VAIN: [(week.ago, week.without_result) for week in one.weeks],
        Part.FORUM: [(week.ago, week.forum_learners) for week in one.weeks],
    }
    found = {
        part: (weekly(counted, weeks=weeks), certainty(max((n for _, n in counted), default=0)))
        for part, counted in series.items()
    }
    return {**found, Part.JOBS: (float(posts), certainty(posts))}


def _slug(name: str) -> str:
    """Return the last part of a topic's address: readable, and another for c++ than for c."""
    plain = slugify(name)
    if plain.replace("-", " ") == name:
        return plain
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{plain}-{mark}" if plain else mark


def _evidence(one: Topic) -> dict[str, Any]:
    told = asdict(one)
    return {key: told[key] for key in told.keys() - {"slug", "topic"}}
