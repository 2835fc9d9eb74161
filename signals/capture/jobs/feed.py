"""L1: which skills do job posts ask for? From an address that an operator listed, in JSON.

{"as_of": "2026-11-16", "posts": [{"id": "7", "skills": ["sql", "git"]}, ...]}
"""

import json
from datetime import date, datetime
from typing import Any

from signals.capture.jobs.base import Collected, JobSourceError, counted
from signals.capture.jobs.https import fetch

MOST_SKILLS = 100  # of one post


class Feed:
    """Reads a JSON feed of job posts."""

    key = "feed"
    title = "Job posts, from a feed"
    unit = "job posts"
    fresh_days = 30

    def collect(self, origin: str, *, now: datetime) -> Collected:
        """Return how many posts ask for each skill. Raises JobSourceError."""
        return read(fetch(origin), now=now)


def read(raw: bytes, *, now: datetime) -> Collected:
    """Return what an answer holds. Raises JobSourceError where it is no feed."""
    try:
        told = json.loads(raw)
        posts = [(_number(post, place), _skills(post)) for place, post in enumerate(told["posts"])]
        as_of = min(date.fromisoformat(str(told["as_of"])[:10]), now.date())
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise JobSourceError(
            'The feed is not {"as_of": "2026-11-16", "posts": [{"id": "7", "skills": ["sql"]}]}.'
        ) from error
    pairs = ((number, skill) for number, skills in posts for skill in skills)
    return Collected(as_of, len({number for number, _ in posts}), counted(pairs))


def _number(post: dict[str, Any], place: int) -> object:
    said = post.get("id")
    return said if isinstance(said, str | int) else ("place", place)


def _skills(post: dict[str, Any]) -> list[str]:
    said = post["skills"]
    if not isinstance(said, list):
        raise TypeError("skills is a list")
    return [skill for skill in said[:MOST_SKILLS] if isinstance(skill, str)]
