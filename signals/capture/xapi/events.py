"""L1: which event is a statement? Its kind by the verb's rule, its value by what the kind counts.

What a kind needs and a statement does not say makes it `platform.used`: nothing is invented, and
the moment still counts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from signals.capture.contract import WireEvent
from signals.capture.xapi import agents
from signals.capture.xapi.places import Place, place_of
from signals.capture.xapi.statements import (
    Checked,
    Json,
    activity_type,
    object_type,
    part,
    verb_of,
)
from signals.capture.xapi.valid.statements import VOIDED
from signals.capture.xapi.verbs import Rules, kind_of
from signals.kinds.kind import Need
from signals.kinds.registry import KINDS

FALLBACK = "platform.used"
LONGEST_QUERY = 500
LONGEST_POST = 20_000
LONGEST_SESSION = 255
LARGEST = 1e150  # of a number: what lies beyond is no score, and its differences are infinite
_VIDEO = "https://w3id.org/xapi/video/extensions/"
_PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*x?")
_DURATION = re.compile(
    r"P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_DAY_MINUTES = 1440
_REPLIED = "http://id.tincanapi.com/verb/replied"
_THREADS = frozenset(
    f"http://id.tincanapi.com/activitytype/{name}" for name in ("discussion", "forum-topic")
)
_STARS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a kind takes from a statement; None where the statement does not say it."""

    value: float | None = None
    context: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """A statement as an event; unmapped or without a learner it is none."""

    event: WireEvent | None
    unmapped: tuple[str, str] | None = None
    known_course: bool = True


def kind_of_body(body: Json, rules: Rules) -> str | None:
    """Return the kind a rule gives a statement, "" where it is not kept, None without rule."""
    return kind_of(rules, verb_of(body), activity_type(body))


def mapped(statement: Checked, rules: Rules) -> Mapped:
    """Return the event of a statement."""
    body = statement.body
    if verb_of(body) == VOIDED:
        return Mapped(None)
    name = kind_of_body(body, rules)
    if name is None:
        return Mapped(None, (verb_of(body), activity_type(body)))
    learner = agents.external_id(body["actor"])
    if not name or learner is None:
        return Mapped(None)
    place = place_of(body)
    reading = _reading(name, body, place)
    if reading is None:
        name, reading = FALLBACK, Reading()
    event = WireEvent(
        id=statement.id,
        kind=name,
        learner=learner,
        occurred_at=statement.occurred_at,
        course=place.course,
        module=place.module,
        session=_session(body),
        value=reading.value,
        context=msgspec.Raw(msgspec.json.encode(reading.context)),
    )
    return Mapped(event, known_course=place.known or place.course is None)


def _reading(name: str, body: Json, place: Place) -> Reading | None:
    """Return value and context for a kind, None where the statement lacks what it needs."""
    kind = KINDS.get(name)
    if kind is None or (kind.course is Need.REQUIRED and place.course is None):
        return None
    if kind.module is Need.REQUIRED and place.module is None and place.known:
        return None  # finer than the catalogue; of an unknown course it waits in quarantine
    reader = _READERS.get(name)
    return reader(body) if reader else Reading()


def _session(body: Json) -> str | None:
    """Return the sender's session: an extension of the context, or the registration."""
    for name, value in (part(body, "context", "extensions") or {}).items():
        if name.endswith(("/session-id", "/session_id")) and isinstance(value, str) and value:
            return value[:LONGEST_SESSION]
    registration: str | None = part(body, "context", "registration")
    return registration


def _extension(body: Json, name: str) -> Any:
    for where in ("result", "context"):
        value = part(body, where, "extensions", name)
        if value is not None:
            return value
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -LARGEST <= value <= LARGEST else None


def _share(body: Json) -> float | None:
    """Return a score as a share: scaled, else raw within its range, else success."""
    score = part(body, "result", "score") or {}
    scaled, raw, high = (_number(score.get(name)) for name in ("scaled", "raw", "max"))
    low = _number(score.get("min")) or 0.0
    if raw is not None and high is not None and high > low:
        return min(max((raw - low) / (high - low), 0.0), 1.0)
    if scaled is not None:
        return max(scaled, 0.0)
    success = part(body, "result", "success")
    return float(success) if isinstance(success, bool) and not score else None


def _scored(body: Json) -> Reading | None:
    share = _share(body)
    return None if share is None else Reading(share)


def _progressed(body: Json) -> Reading | None:
    percent = _number(_extension(body, _PROGRESS))
    share = percent / 100 if percent is not None else _number(_extension(body, f"{_VIDEO}progress"))
    return None if share is None or not 0 <= share <= 1 else Reading(share)


def _played(body: Json) -> Reading:
    found = _SPEED.fullmatch(str(_extension(body, f"{_VIDEO}speed") or ""))
    speed = float(found[1]) if found else 0.0
    return Reading(context={"speed": speed} if 0 < speed <= 16 else None)


def _paused(body: Json) -> Reading | None:
    """Watched since it was last played: the length of the last segment."""
    last = str(_extension(body, f"{_VIDEO}played-segments") or "").split("[,]")[-1]
    start, found, end = last.partition("[.]")
    try:
        watched = float(end) - float(start) if found else -1.0
    except ValueError:
        return None
    return Reading(watched) if 0 <= watched <= 60 * _DAY_MINUTES else None


def _seeked(body: Json) -> Reading | None:
    start, end = (_number(_extension(body, f"{_VIDEO}{name}")) for name in ("time-from", "time-to"))
    if start is None or end is None or not (0 <= start <= 86_400 and 0 <= end <= 86_400):
        return None
    return Reading(context={"from_s": start, "to_s": end})


def _searched(body: Json) -> Reading | None:
    query = part(body, "result", "response")
    results = _number(_extension(body, "https://w3id.org/xapi/acrossx/extensions/total-items"))
    if not isinstance(query, str) or not query or results is None or results < 0:
        return None
    return Reading(results, {"query": query[:LONGEST_QUERY]})


def _posted(body: Json) -> Reading | None:
    """Read what was written: the post, else what a new thread is about, else its title."""
    text, reply = part(body, "result", "response"), verb_of(body) == _REPLIED
    titled = not reply and activity_type(body) in _THREADS
    for said in ("description", "name") if titled else ("description",):
        text = text or next(iter((part(body, "object", "definition", said) or {}).values()), "")
    if not text:
        return None
    answered = {"reply_to": _REPLIED} if reply else {}  # to which is not kept
    return Reading(context={"text": text[:LONGEST_POST], **answered})


def _joined(body: Json) -> Reading:
    found = _DURATION.fullmatch(part(body, "result", "duration") or "")
    if not found:
        return Reading()
    days, hours, minutes, seconds = (float(group or 0) for group in found.groups())
    stayed = days * _DAY_MINUTES + hours * 60 + minutes + seconds / 60
    return Reading(stayed if stayed <= _DAY_MINUTES else None)


def _rated(body: Json) -> Reading | None:
    raw = _number(part(body, "result", "score", "raw"))
    return Reading(raw) if raw is not None and 1 <= raw <= _STARS else None


_READERS: dict[str, Callable[[Json], Reading | None]] = {
    "quiz.scored": _scored,
    "lesson.progressed": _progressed,
    "video.played": _played,
    "video.paused": _paused,
    "video.seeked": _seeked,
    "search.performed": _searched,
    "forum.posted": _posted,
    "live.joined": _joined,
    "course.rated": _rated,
}


def referred(body: Json) -> UUID | None:
    """Return the statement that is the object of this one."""
    return UUID(body["object"]["id"]) if object_type(body) == "StatementRef" else None
