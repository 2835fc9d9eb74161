"""What does a brief say without a language model? (L5) From a topic's evidence, by template.

The persona is invented and says so; everything else is counted. What is not known is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from statistics import median

from personalize.agents.briefs.document import (
    Document,
    Figure,
    Row,
    Section,
    Source,
    Text,
    check,
    named,
)
from personalize.agents.demand import WEEKS, Topic
from personalize.algorithms.demand.coverage import LEVELS
from personalize.algorithms.demand.estimates import count_interval
from personalize.algorithms.demand.gap import HALF_LIFE_WEEKS, Part
from personalize.algorithms.demand.topics import key_of
from signals.data import CourseInfo, SearchYield

QUARTER_WEEKS = 13
MIDDLE = 3  # modules between the first and the project
TO_FIVE = 5  # minutes are told to the nearest
USUAL_MINUTES = 60  # of a course where the catalogue tells none
TIMES = "\u00d7"
POINTS = 8  # questions told


@dataclass(frozen=True, slots=True)
class Given:
    """What a brief is written from."""

    topic: Topic
    week: date  # in which it was counted
    courses: Mapping[int, CourseInfo]
    searching: SearchYield


def write(given: Given) -> Document:
    """Return a brief. Every number in it has a source; ValueError would be a fault of this file."""
    topic = given.topic
    bare = Document(
        topic=topic.topic,
        lead=_lead(topic),
        facts=tuple(_facts(given)),
        sections=tuple(_sections(given)),
    )
    used = {figure.source for figure in bare.figures()}
    sources = {source.key: source for source in _sources(given) if source.key in used}
    document = replace(bare, sources=sources)
    check(document)
    return document


def _name(topic: Topic) -> str | Figure:
    return named(topic.topic, "topic")


def _lead(topic: Topic) -> Text:
    if topic.learners:
        about = _figure(topic.learners, "searches" if topic.searches else "forum")
        verb = "searched for" if topic.searches else "opened a forum thread on"
        return (
            "A course on ",
            _name(topic),
            ": about ",
            about,
            f" learners {verb} it in one week.",
        )
    return ("A course on ", _name(topic), ", which employers ask for.")


def _facts(given: Given) -> Iterator[tuple[str, Figure]]:
    topic = given.topic
    yield "Gap score", Figure(str(round(100 * topic.gap(tuple(Part)).score)), "gap")
    if topic.searches:
        yield f"Searches, {_weeks()} weeks", _figure(topic.searches, "searches")
        yield "Found nothing", Figure(_percent(topic.without_result / topic.searches), "in_vain")
    for place, asked in enumerate(topic.jobs):
        if asked.fresh:
            yield asked.unit.capitalize(), _figure(asked.posts, f"jobs-{place}")
    if (expected := estimate(given)) is not None:
        yield "Enrolments, at most, first quarter", Figure(_range(*expected), "estimate")


def _weeks() -> str:
    return {8: "eight", 12: "twelve", 26: "twenty-six"}.get(WEEKS, "the last")


def _sections(given: Given) -> Iterator[Section]:
    topic = given.topic
    level = next((LEVELS[w] for w in topic.topic.split() if w in LEVELS), "beginner")
    beside = _beside(given)
    yield Section(
        "Who it is for",
        paragraph=(
            "Somebody who looked for ",
            _name(topic),
            " here and wants to use it in their own work soon. They have not worked with it before"
            " and study in the evenings."
            if level == "beginner"
            else " here, has worked with it before and wants to go further than courses here do.",
        ),
        note="This person is invented; the numbers beside are not.",
    )
    yield Section(
        "What learners will be able to do",
        points=(
            ("Say what ", _name(topic), " can do, and when something else serves better"),
            *(("Use ", named(one, "topic"), " in a task of their own") for one in beside),
            ("Finish a piece of work in ", _name(topic), " that others can check"),
        ),
    )
    yield Section("Modules", modules=tuple(_modules(given, beside)))
    if points := tuple(_questions(topic)):
        yield Section("What learners ask for", points=points)
    yield _exists(given)
    teaches = [part for one in (topic.topic, *beside) for part in (", ", named(one, "topic"))][1:]
    yield Section("Skills and order", points=(("Teaches: ", *teaches), *_needs(given)))


def _modules(given: Given, beside: tuple[str, ...]) -> Iterator[Row]:
    topic = given.topic
    total = _minutes(given)
    share = total / (len(beside) + 4)  # the project takes two parts
    lesson, project = (
        Figure(str(max(TO_FIVE, TO_FIVE * round(parts * share / TO_FIVE))), "minutes")
        for parts in (1, 2)
    )
    yield Row(("What ", _name(topic), " can do"), lesson, "Quiz")
    yield Row(("First steps in ", _name(topic)), lesson, "Exercise with feedback")
    for one in beside:
        yield Row(("Working with ", named(one, "topic")), lesson, "Exercise with feedback")
    yield Row(("Project: ", _name(topic), " in practice"), project, "Work checked by a rubric")


def _minutes(given: Given) -> float:
    """Return how long a course like it lasts: the median of those that touch it, else of all."""
    near = [
        given.courses[one.course_id].minutes
        for one in given.topic.covering
        if one.course_id in given.courses
    ]
    told = [minutes for minutes in near if minutes] or [
        info.minutes for info in given.courses.values() if info.minutes
    ]
    return float(median(told)) if told else float(USUAL_MINUTES)


def _beside(given: Given) -> tuple[str, ...]:
    """Return what is taught beside the topic: skills of the courses near it."""
    topic = given.topic
    skills = [
        skill.lower()
        for one in topic.covering
        if one.course_id in given.courses
        for skill in given.courses[one.course_id].skills
    ]
    kept: dict[frozenset[str], str] = {}
    for name in skills:
        if key_of(name) and key_of(name) != key_of(topic.topic):
            kept.setdefault(key_of(name), name)
    return tuple(kept.values())[:MIDDLE]


def _questions(topic: Topic) -> Iterator[Text]:
    for one in topic.said[:POINTS]:
        yield (
            "“", named(one.term, "searches"), "”: ", _figure(one.searches, "searches"),
            " searches, of which ", _figure(one.without_result, "in_vain"), " found nothing",
        )  # fmt: skip
    if topic.threads:
        yield ("In forums: ", _figure(topic.threads, "forum"), " threads that name it")


def _exists(given: Given) -> Section:
    covering = [one for one in given.topic.covering if one.course_id in given.courses]
    if not covering:
        return Section(
            "What exists, and what is missing",
            paragraph=("No course offered here names ", _name(given.topic), "."),
        )
    return Section(
        "What exists, and what is missing",
        paragraph=(
            "Courses that touch it: ", _figure(len(covering), "catalogue"), ". The best covers ",
            Figure(_percent(covering[0].supply), "catalogue"), " of what is wanted.",
        ),
        points=tuple(
            (
                named(given.courses[one.course_id].title, "catalogue"),
                ": relevance ", Figure(_percent(one.relevance), "catalogue"),
                ", quality ", Figure(_percent(one.quality), "catalogue"),
                ", freshness ", Figure(_percent(one.freshness), "catalogue"),
            )
            for one in covering
        ),
    )  # fmt: skip


def _needs(given: Given) -> Iterator[Text]:
    """Yield what the courses near it ask for first."""
    before = {
        given.courses[earlier].title
        for one in given.topic.covering
        if one.course_id in given.courses
        for earlier in given.courses[one.course_id].prerequisites
        if earlier in given.courses
    }
    if before:
        parts = [p for name in sorted(before)[:MIDDLE] for p in (", ", named(name, "catalogue"))]
        yield ("Needs what these teach: ", *parts[1:])


def estimate(given: Given) -> tuple[int, int] | None:
    """Return how many enrolments a first quarter brings at most, low to high; None: not known.

    Searches of a usual week, times the enrolments a search led to over all courses, each at the
    near and the far end of its 95% interval. Of enrolments, not learners, and an upper bound: who
    searches in several weeks counts in each.
    """
    searched, joined = given.searching.searches, given.searching.enrolments
    weeks = [week.searches for week in given.topic.weeks if week.searches]
    if not searched or not joined or not weeks:
        return None
    low, high = (bound / WEEKS for bound in count_interval(sum(weeks)))
    (few, many), (least, most) = count_interval(searched), count_interval(joined)
    rate_low, rate_high = min(1.0, least / many), min(1.0, most / few)
    return (
        TO_FIVE * round(QUARTER_WEEKS * low * rate_low / TO_FIVE),
        TO_FIVE * round(QUARTER_WEEKS * high * rate_high / TO_FIVE),
    )


def _sources(given: Given) -> Iterator[Source]:
    topic, day = given.topic, given.week.isoformat()
    half = f"{HALF_LIFE_WEEKS:.0f}"
    searched, joined = given.searching.searches or 0, given.searching.enrolments or 0
    yield Source(
        "topic", "The name of the topic", "As most learners or employers write it.", "terms", day
    )
    yield Source(
        "gap", "Gap score",
        "Demand × (1 − supply) × certainty, of all parts, in hundredths; each part stands there.",  # noqa: RUF001  as the page writes it
        "gap", day,
    )  # fmt: skip
    yield Source(
        "searches", "Searches",
        f"Searches of the last {WEEKS} closed weeks, and learners of the best week; weeks of fewer"
        f" than ten learners are not counted, counts are rounded to 5 (newer weeks weigh more in"
        f" the score: half after {half}).",
        "weeks", day,
    )  # fmt: skip
    yield Source(
        "in_vain", "Searches in vain",
        "Of these searches, those that found nothing, where at least ten learners found nothing.",
        "weeks", day,
    )  # fmt: skip
    yield Source(
        "forum", "Forum threads",
        f"Threads opened in the last {WEEKS} closed weeks that name the topic, by at least ten"
        " learners; of weeks before replies were told apart, all posts.",
        "weeks", day,
    )  # fmt: skip
    for place, asked in enumerate(topic.jobs):
        yield Source(
            f"jobs-{place}", asked.title,
            f"{asked.unit.capitalize()} that ask for it, of {asked.of:,} in {asked.origin}.",
            "jobs", asked.as_of,
        )  # fmt: skip
    yield Source(
        "catalogue", "The catalogue",
        "Courses offered that name the topic, with relevance, quality and freshness of each.",
        "courses", day,
    )  # fmt: skip
    yield Source(
        "minutes", "Length",
        "The median length of the courses that touch the topic, else of all, shared among the"
        " modules; a project takes two parts. To the nearest 5 minutes.",
        "courses", day,
    )  # fmt: skip
    yield Source(
        "estimate", "Enrolments, at most, in the first quarter",
        f"Searches of a usual week {TIMES} enrolments for each search ({joined:,} for {searched:,}"
        f" in {given.searching.days} days, all courses) {TIMES}"
        f" {QUARTER_WEEKS} weeks; from the low to the high end of their 95% intervals. The"
        " same people count in every week they search, so fewer will come. Not measured: it takes"
        " this topic to be like all together.",
        "weeks", day,
    )  # fmt: skip


def _figure(value: int, source: str) -> Figure:
    return Figure(f"{value:,}", source)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _range(low: int, high: int) -> str:
    return f"{low:,} to {high:,}" if low != high else f"{low:,}"
