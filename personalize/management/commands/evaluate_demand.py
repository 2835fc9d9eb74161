"""Are the topics a catalogue lacked those it got courses on later? Files in, figures out (L3).

Needs no database. Topics are what job posts, occupations and learners' questions name in the year
of the catalogue; which of them were gaps, the courses say that a later catalogue has and it had
not. Two readings of that, both told: `filled`, a later course names the topic more plainly than any
course did (title before skills before description); `taught`, any later course names it at all,
which favours what everybody teaches already.
"""

import json
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
from django.core.management.base import BaseCommand, CommandError
from sklearn.metrics import average_precision_score, roc_auc_score

from personalize.algorithms.demand.coverage import Coverage, Offer
from personalize.algorithms.demand.estimates import certainty
from personalize.algorithms.demand.gap import Part, gap, level
from personalize.algorithms.demand.topics import key_of, merged, stems

FIRST = 20
FEWEST = 10  # job posts, occupations or questions that name a topic
WHOLE = 0.5  # a topic is named where all of it is, in title, skills or description
DRAWS = 2_000
JOBS = ("posts", "occupations")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic before it is ranked, and what became of it."""

    name: str
    demand: float
    score: float
    supply: float
    filled: bool
    taught: bool


class Command(BaseCommand):
    help = "Report how many of the first 20 gaps of a catalogue a later catalogue filled"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--catalogue", required=True, type=Path, help="courses of the year")
        parser.add_argument("--later", required=True, type=Path, help="courses of a later year")
        parser.add_argument("--jobs", required=True, type=Path, help="folder of O*NET and posts")
        parser.add_argument("--questions", required=True, type=Path, help="what learners asked")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")

    def handle(self, *args: object, **options: Any) -> None:
        before = [_course(row) for row in _rows(options["catalogue"])]
        had = {_address(row) for row in before} | {_plain(row["title"]) for row in before}
        later = [_course(row) for row in _rows(options["later"])]
        new = [c for c in later if _address(c) not in had and _plain(c["title"]) not in had]
        topics = _topics(before, new, _demand(options["jobs"], options["questions"]))
        if len(topics) < FIRST:
            raise CommandError(
                f"Only {len(topics)} topics were named {FEWEST} times; look at both."
            )
        report: dict[str, Any] = {
            "topics": len(topics),
            "courses": len(before),
            "new_courses": len(new),
            "filled_share": _share(topics, "filled"),
            "taught_share": _share(topics, "taught"),
        }
        orders: Mapping[str, Callable[[Topic], float]] = {
            "gap": lambda topic: topic.score,
            "demand_only": lambda topic: topic.demand,
            "demand_of_uncovered": lambda topic: topic.demand if topic.supply == 0 else -1.0,
        }
        for name, by in orders.items():
            first = _first(topics, by)
            report[name] = {
                "filled@20": _share(first, "filled"),
                "taught@20": _share(first, "taught"),
                "first": [topic.name for topic in first],
            }
            figures = report[name]
            figures |= _whole_order(topics, by)
            self.stdout.write(
                f"{name:22} filled {figures['filled@20']:.2f}   taught {figures['taught@20']:.2f}"
                f"   AP {figures['filled_ap']:.3f}   AUC {figures['filled_auc']:.3f}"
            )
        report["difference"] = _difference(topics)
        low, high = report["difference"]
        self.stdout.write(f"gap minus demand only, filled: {low:+.2f} to {high:+.2f} (bootstrap)")
        if options["json"]:
            options["json"].write_text(json.dumps(report, indent=2) + "\n")


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise CommandError(f"{path} is not there; give the path of a .csv or .csv.gz")
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    rows: list[dict[str, Any]] = pyarrow.csv.read_csv(path, parse_options=options).to_pylist()
    return rows


_NAMES = {
    "title": ("course_title", "course_name", "title"),
    "skills": ("skills", "course_skills"),
    "description": ("description",),
    "address": ("url", "link"),
    "rating": ("course_rating", "rating"),
}


def _course(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        meaning: next((str(row[name]) for name in names if row.get(name)), "")
        for meaning, names in _NAMES.items()
    }


def _address(course: Mapping[str, str]) -> str:
    return course["address"].split("?")[0].rstrip("/").rsplit("/", 1)[-1].lower() or course["title"]


def _plain(title: str) -> str:
    return " ".join(stems(title))


def _offer(place: int, course: Mapping[str, str]) -> Offer:
    said = course["rating"].removesuffix("stars")
    rating = float(said) if said.replace(".", "", 1).isdigit() else None
    # How many rated is not in the file: a hundred is what a listed course has at least.
    return Offer(
        course_id=place,
        title=course["title"],
        skills=course["skills"],
        summary=course["description"],
        rating=rating,
        raters=100 if rating is not None else 0,
    )


def _demand(jobs: Path, questions: Path) -> dict[str, dict[str, int]]:
    """Return by source how often each topic was named: posts, occupations, questions."""
    posts: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in _rows(jobs / "wuzzuf_skills.csv.gz"):
        posts[row["job_skill"].lower()].add((row["job_title"], row["company_name"]))
    occupations: dict[str, set[str]] = defaultdict(set)
    for row in _rows(jobs / "onet_technology_skills.csv.gz"):
        if row["In Demand"] == "Y":
            occupations[_tool(row["Example"])].add(row["O*NET-SOC Code"])
    counted = {
        "posts": {name: len(who) for name, who in posts.items() if len(who) >= FEWEST},
        "occupations": {name: len(who) for name, who in occupations.items() if len(who) >= FEWEST},
    }
    named: Counter[str] = Counter()
    texts = [f" {' '.join(stems(row['question'] or ''))} " for row in _rows(questions)]
    for name in {*counted["posts"], *counted["occupations"]}:
        phrase = f" {' '.join(stems(name))} "
        named[name] = sum(phrase in text for text in texts) if phrase.strip() else 0
    counted["questions"] = {name: n for name, n in named.items() if n >= FEWEST}
    return counted


def _tool(name: str) -> str:
    """Return what people call a tool: its short name where it has one, without "software"."""
    words = name.split()
    *long, short = words
    if len(short) > 1 and short.isupper() and len(long) >= len(short) - 1:
        return short.lower()
    return " ".join(words).lower().removesuffix(" software")


def _topics(
    before: Sequence[Mapping[str, str]],
    new: Sequence[Mapping[str, str]],
    counted: Mapping[str, Mapping[str, int]],
) -> list[Topic]:
    names: Counter[str] = Counter()
    for source in counted.values():
        names.update(source)
    stands = merged(names, [course["title"] for course in before])
    by_topic = {source: _most(counts.items(), stands) for source, counts in counted.items()}
    had, got = (Coverage(map(_offer, range(len(rows)), rows)) for rows in (before, new))
    most = {source: max(counts.values()) for source, counts in by_topic.items()}
    topics = []
    for name in sorted(set(stands.values())):
        if not key_of(name):
            continue
        n = {source: counts.get(name, 0) for source, counts in by_topic.items()}
        levels = {
            Part.JOBS: max(level(n[source], most[source]) for source in JOBS),
            Part.FORUM: level(n["questions"], most["questions"]),
        }
        sure = {
            Part.JOBS: max(certainty(n[source]) for source in JOBS),
            Part.FORUM: certainty(n["questions"]),
        }
        covering = had.of(name)
        found = gap(
            levels, sure, supply=covering[0].supply if covering else 0.0, parts=tuple(levels)
        )
        plainly = max((one.relevance for one in covering), default=0.0)
        later = max((one.relevance for one in got.of(name)), default=0.0)
        topics.append(
            Topic(
                name,
                demand=found.demand,
                score=found.score,
                supply=found.supply,
                filled=later >= WHOLE and later > plainly,
                taught=later >= WHOLE,
            )
        )
    return topics


def _most(counts: Iterable[tuple[str, int]], stands: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, n in counts:
        topic = stands[name]
        found[topic] = max(found.get(topic, 0), n)
    return found


def _first(topics: Sequence[Topic], by: Callable[[Topic], float]) -> list[Topic]:
    return sorted(topics, key=lambda topic: (-by(topic), topic.name))[:FIRST]


def _share(topics: Sequence[Topic], judged: str) -> float:
    right: int = sum(getattr(topic, judged) for topic in topics)
    return round(right / len(topics), 4)


def _whole_order(topics: Sequence[Topic], by: Callable[[Topic], float]) -> dict[str, float]:
    """Return average precision and AUC of a whole order for `filled`; 20 places alone are few."""
    filled = [topic.filled for topic in topics]
    scores = [by(topic) for topic in topics]
    if all(filled) or not any(filled):
        return {"filled_ap": 0.0, "filled_auc": 0.0}
    return {
        "filled_ap": round(float(average_precision_score(filled, scores)), 4),
        "filled_auc": round(float(roc_auc_score(filled, scores)), 4),
    }


def _difference(topics: Sequence[Topic]) -> tuple[float, float]:
    """Return the 95% bootstrap interval of the difference in `filled@20`, over topics."""
    rng = np.random.default_rng(20)
    score, demand, filled = (
        np.array([getattr(topic, name) for topic in topics], float)
        for name in ("score", "demand", "filled")
    )
    gaps = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, len(topics), len(topics))
        shares = [
            filled[drawn][np.argsort(-by[drawn], kind="stable")[:FIRST]].mean()
            for by in (score, demand)
        ]
        gaps.append(shares[0] - shares[1])
    low, high = np.quantile(gaps, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)
