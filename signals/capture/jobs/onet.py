"""L1: which tools are in demand, by occupation? O*NET's technology skills, from its files.

Only tools that O*NET flags as in demand (often named in employers' posts) are counted, each once an
occupation. A tool goes by its short name where its long one ends in it.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from signals.capture.imports.tables import UnreadableFileError, read_table
from signals.capture.jobs.base import Collected, JobSourceError, counted

COLUMNS = {"O*NET-SOC Code", "Example", "In Demand"}
FILES = ("onet_technology_skills.csv.gz", "onet_technology_skills.csv")


class Onet:
    """Reads a folder with O*NET's tables as CSV."""

    key = "onet"
    title = "O*NET, tools in demand"
    unit = "occupations"
    fresh_days = 550  # it comes out quarterly, and employers' flags once a year

    def collect(self, origin: str, *, now: datetime) -> Collected:
        """Return how many occupations use each tool that is in demand. Raises JobSourceError."""
        path = next((file for name in FILES if (file := Path(origin) / name).is_file()), None)
        if path is None:
            raise JobSourceError(f"There is no {FILES[1]} or .csv.gz in {origin}.")
        try:
            table = read_table(path)
        except UnreadableFileError as error:
            raise JobSourceError(str(error)) from error
        if missing := COLUMNS - set(table.column_names):
            raise JobSourceError(f"{path.name} has no column {', '.join(sorted(missing))}.")
        rows = table.to_pylist()
        asked = counted(
            (row["O*NET-SOC Code"], short_name(row["Example"]))
            for row in rows
            if row["In Demand"] == "Y"
        )
        occupations = len({row["O*NET-SOC Code"] for row in rows})
        return Collected(_written(path, now), occupations, asked)


def short_name(tool: str) -> str:
    """Return what people call a tool: "Structured query language SQL" is SQL."""
    *long, short = tool.split() or [""]
    if len(short) > 1 and short.isupper() and len(long) >= len(short) - 1:
        return short
    return tool.removesuffix(" software")


def _written(path: Path, now: datetime) -> date:
    """Return when a file was written: the newest its content can be."""
    return min(datetime.fromtimestamp(path.stat().st_mtime, tz=UTC), now).date()
