"""What do the files of lectures and of questions about them say? (L3) Read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from personalize.management.interaction_files import read_table


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked under a video, and whether of somebody who had written before."""

    video: str
    text: str
    is_reply: bool


def read_pieces(path: Path) -> tuple[list[str], list[str], list[float] | None]:
    """Return videos, texts and, if the file has them, beginnings of pieces, as they are spoken."""
    table = read_table(path)
    _require(table.column_names, ("video", "chunk", "text"), path)
    timed = "start_s" in table.column_names
    columns = ["video", "chunk", "text", *(["start_s"] if timed else [])]
    rows = sorted(table.select(columns).to_pylist(), key=_spoken)
    begins = [float(row["start_s"] or 0) for row in rows] if timed else None
    return [str(row["video"]) for row in rows], [str(row["text"] or "") for row in rows], begins


def _spoken(row: Mapping[str, Any]) -> tuple[str, float]:
    return str(row["video"]), float(row["chunk"])


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a file in its order."""
    table = read_table(path)
    _require(table.column_names, ("video", "question"), path)
    return [
        Question(
            video=str(row["video"]),
            text=str(row["question"] or ""),
            is_reply=str(row.get("is_reply")).lower() == "true",
        )
        for row in table.to_pylist()
    ]


def _require(names: Sequence[str], wanted: Sequence[str], path: Path) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise CommandError(f"{path} has no column {', '.join(missing)}; it has {', '.join(names)}.")


def is_kept_out(video: str) -> bool:
    """Say whether weights were fitted without the questions about a video."""
    return bool(sha256(video.encode()).digest()[0] % 2)
