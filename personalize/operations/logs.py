"""For operators: what may a line of a log say? What happened and where, never about whom.

One JSON object a line. Texts of our own say what they say; of everybody else's only the template
is kept, with its numbers, since a driver, a server or a library puts names, addresses and values
of rows into its texts. Of an exception its class, its place and SQLSTATE are kept, and its text
where the class is ours. What looks like an address of a mailbox, a key or a token is struck out of
anything.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

OURS = ("signals", "experiments", "personalize", "controltower", "northway")
SPEAKS = (*OURS, "gunicorn.error")  # loggers whose texts name nobody
ROOT = Path(__file__).resolve().parents[2]
STRUCK = "[…]"
# Bounded: whoever sends a long text must not have it searched again from each of its characters.
PERSONAL = re.compile(
    r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,255}"  # mailboxes, of the lengths of RFC 5321
    r"|\bnw_[A-Za-z0-9_-]+"  # keys
    r"|\b(?:Bearer|Basic)\s+\S+"
    r"|\b[A-Za-z0-9_-]{40,}\b"  # tokens, digests, sealed texts
)
FRAMES_MOST = 30
LONGEST = 2_000  # characters of a text; a request may hold more, and nobody reads it


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": struck(said(record)),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= {name: _plain(value) for name, value in fields.items()}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = told(record.exc_info[1])
            line["frames"] = frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def said(record: logging.LogRecord) -> str:
    """Return a record's text as far as it may be kept."""
    template = str(record.msg) if isinstance(record.msg, str) else STRUCK
    if not record.args:
        return template if _speaks(record.name) else _without_values(template)
    keep = _kept if _speaks(record.name) else _number
    given = record.args
    try:
        if isinstance(given, tuple):
            return template % tuple(keep(value) for value in given)
        return template % {name: _named(record.name, name, given[name]) for name in given}
    except (TypeError, ValueError, KeyError):  # a template that asks for a number we struck out
        return template


def told(error: BaseException) -> str:
    """Return what may be said of an exception: its class, SQLSTATE, its text where it is ours."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if kind.__module__.partition(".")[0] in OURS:
        return f"{name}: {struck(str(error))}"
    cause: BaseException | None = error
    while cause is not None:  # Django keeps the driver's error as the cause
        state = getattr(cause, "sqlstate", None)
        if state:
            return f"{name} (SQLSTATE {state})"
        cause = cause.__cause__
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    return name


def frames(error: BaseException) -> list[str]:
    """Return where an exception was raised, the innermost last, without any value."""
    return [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-FRAMES_MOST:]
    ]


def struck(text: str) -> str:
    """Return a text without what looks like a mailbox, a key or a token."""
    return PERSONAL.sub(STRUCK, text[:LONGEST])


def _speaks(name: str) -> bool:
    return name.startswith(SPEAKS)


def _without_values(text: str) -> str:
    """Return the first line of a foreign text that was put together before it came here."""
    first, _, rest = text.partition("\n")
    head, colon, _ = first.partition(":")
    return f"{head}: {STRUCK}" if colon or rest else first


def _kept(value: object) -> object:
    return told(value) if isinstance(value, BaseException) else value


def _number(value: object) -> object:
    return value if isinstance(value, int | float) else STRUCK


def _named(logger: str, name: str, value: object) -> object:
    """Keep what celery calls its tasks; whatever else it tells may hold what a task was given."""
    if logger.startswith("celery") and name == "name":
        return value
    return _kept(value) if _speaks(logger) else _number(value)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | None) else struck(str(value))


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(ROOT):
        return path.relative_to(ROOT).as_posix()
    return "/".join(path.parts[-2:])
