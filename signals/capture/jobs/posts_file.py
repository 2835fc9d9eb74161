"""L1: which skills do job posts ask for? From a CSV or parquet file of posts.

Either a row is a post with all its skills ("sql; git"), or a post and one skill. Which post a row
is of, the column post says, else title and company together, else the row is a post of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from signals.capture.imports.tables import UnreadableFileError, read_table
from signals.capture.jobs.base import Collected, JobSourceError, counted

MANY, ONE = ("skills", "job_skills"), ("skill", "job_skill")
POST = ("post", "post_id", "id")
TITLE, COMPANY = ("job_title", "title"), ("company_name", "company")
DAY = ("posted_at", "posted", "date")


class PostsFile:
    """Reads a file of job posts."""

    key = "posts"
    title = "Job posts, from a file"
    unit = "job posts"
    fresh_days = 120

    def collect(self, origin: str, *, now: datetime) -> Collected:
        """Return how many posts ask for each skill. Raises JobSourceError."""
        path = Path(origin)
        try:
            table = read_table(path)
        except UnreadableFileError as error:
            raise JobSourceError(str(error)) from error
        names = {name.lower(): name for name in table.column_names}
        if not any(name in names for name in (*MANY, *ONE)):
            raise JobSourceError(
                f"{path.name} has no column {MANY[0]} (all of a post, ; between) or {ONE[0]} (one)."
            )
        rows = [{key.lower(): value for key, value in row.items()} for row in table.to_pylist()]
        posts = [_post(row, number) for number, row in enumerate(rows)]
        pairs = (
            (post, skill) for post, row in zip(posts, rows, strict=True) for skill in _skills(row)
        )
        return Collected(_newest(rows, path, now), len(set(posts)), counted(pairs))


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]) for name in names if row.get(name)), "")


def _post(row: Mapping[str, Any], number: int) -> object:
    if said := _first(row, POST):
        return said
    told = (_first(row, TITLE), _first(row, COMPANY))
    return told if any(told) else number


def _skills(row: Mapping[str, Any]) -> Iterator[str]:
    if said := _first(row, ONE):
        yield said
    yield from (part.strip() for part in _first(row, MANY).split(";") if part.strip())


def _newest(rows: list[dict[str, Any]], path: Path, now: datetime) -> date:
    """Return the day of the newest post, the file's own where posts tell none; never to come."""
    days = [day for row in rows if (day := _day(_first(row, DAY))) and day <= now.date()]
    written = min(datetime.fromtimestamp(path.stat().st_mtime, tz=UTC), now).date()
    return max(days, default=written)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None
