"""L1: what does a source of the profile `capture` get back? What is kept: events, as statements.

The actor is a keyed pseudonym, the verb that of the kind. Nothing that was stripped comes back.
Statements of the last 35 days are listed, as long as their ids are known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from psycopg import sql

from signals import sealing
from signals.capture.xapi import agents
from signals.capture.xapi.query import Asked
from signals.capture.xapi.statements import Json
from signals.capture.xapi.valid.values import IRI
from signals.capture.xapi.whole import written
from signals.kinds.registry import KINDS
from signals.models import Module
from signals.models.shelf import shelf
from signals.models.statements import run
from signals.privacy.identity import find_learner

HOME = "https://northway.invalid"
_ADL = "http://adlnet.gov/expapi/verbs/"
_VIDEO = "https://w3id.org/xapi/video/verbs/"
VERBS = {
    "course.viewed": "http://id.tincanapi.com/verb/viewed",
    "course.enrolled": f"{_ADL}registered",
    "course.unenrolled": "http://id.tincanapi.com/verb/unregistered",
    "course.completed": f"{_ADL}completed",
    "course.rated": "http://id.tincanapi.com/verb/rated",
    "lesson.started": f"{_ADL}initialized",
    "lesson.completed": f"{_ADL}completed",
    "lesson.progressed": f"{_ADL}progressed",
    "quiz.scored": f"{_ADL}scored",
    "video.played": f"{_VIDEO}played",
    "video.paused": f"{_VIDEO}paused",
    "video.seeked": f"{_VIDEO}seeked",
    "search.performed": "https://w3id.org/xapi/acrossx/verbs/searched",
    "forum.posted": "https://w3id.org/xapi/acrossx/verbs/posted",
    "live.joined": f"{_ADL}attended",
}
USED = f"{_ADL}interacted"
_NAMES = {kind.code: kind.name for kind in KINDS.values()}
_SHARES = frozenset({"quiz.scored", "lesson.progressed"})

_ROWS = """
SELECT e.id, e.learner_id, e.kind, e.course_id, e.module_id, e.value, e.occurred_at, s.received_at
FROM signals_statementid s JOIN signals_event e
    ON e.occurred_at = s.occurred_at AND e.source_id = s.source_id AND e.id = s.id
WHERE {} ORDER BY {} LIMIT {}
"""


def pseudonym(learner_id: int) -> str:
    """Return the name under which a learner stands in a statement handed out."""
    keyed = blake2b(b"%d" % learner_id, digest_size=16, key=sealing.statement_key())
    return keyed.hexdigest()


def verb_of(kind: str) -> str:
    """Return the verb a kind is handed out with."""
    return VERBS.get(kind, USED)


def find(wanted: Asked, *, source_id: int) -> tuple[list[Json], bool, str]:
    """Return the statements of one page, whether there are more, and where the next begins."""
    if wanted.void or wanted.registration is not None:
        return [], False, ""
    query = sql.SQL(_ROWS).format(
        sql.SQL(" AND ").join(_conditions(wanted, source_id)),
        sql.SQL("s.received_at, s.id" if wanted.ascending else "s.received_at DESC, s.id DESC"),
        sql.Literal(wanted.limit + 1),
    )
    rows = run(query).fetchall()
    page = rows[: wanted.limit]
    after = f"{written(page[-1][7])}~{page[-1][0].int}" if page else ""
    return _statements(page), len(rows) > wanted.limit, after


def _conditions(wanted: Asked, source_id: int) -> Sequence[sql.Composable]:
    found: list[sql.Composable] = [sql.SQL("s.source_id = {}").format(source_id)]
    if wanted.one is not None:
        return [*found, sql.SQL("s.id = {}").format(wanted.one)]
    if wanted.agent is not None:
        found.append(sql.SQL("e.learner_id = {}").format(_learner(wanted.agent)))
    if wanted.verb is not None:
        kinds = [code for code, name in _NAMES.items() if verb_of(name) == wanted.verb]
        found.append(sql.SQL("e.kind = ANY({}::int[])").format(kinds))
    if wanted.activity is not None:
        found.append(_about(wanted.activity))
    if wanted.since is not None:
        found.append(sql.SQL("s.received_at > {}").format(wanted.since))
    if wanted.until is not None:
        found.append(sql.SQL("s.received_at <= {}").format(wanted.until))
    if wanted.cursor is not None:
        compared = sql.SQL(">" if wanted.ascending else "<")
        at, last = wanted.cursor
        key = UUID(int=last)
        found.append(sql.SQL("(s.received_at, s.id) {} ({}, {})").format(compared, at, key))
    return found


def _learner(agent: Mapping[str, Any]) -> int:
    name = agents.external_id(agent)
    return (find_learner(name) if name else None) or 0


def _about(activity: str) -> sql.Composable:
    name = activity.removeprefix(f"{HOME}/courses/").removeprefix(f"{HOME}/modules/")
    course = shelf().by_external.get(name)
    modules = list(Module.objects.filter(external_id=name).values_list("pk", flat=True))
    return sql.SQL(
        "(e.course_id = {} AND e.module_id IS NULL OR e.module_id = ANY({}::int[]))"
    ).format(course.course_id if course else 0, modules)


def _statements(rows: Sequence[tuple[Any, ...]]) -> list[Json]:
    courses = shelf().courses
    wanted = {row[3] for row in rows if row[3] is not None} & set(courses)
    modules = {
        module.module_id: module.external_id
        for found in shelf().modules(wanted).values()
        for module in found
    }
    return [
        _statement(row, _place(row, {i: courses[i].external_id for i in wanted}, modules))
        for row in rows
    ]


def _place(row: tuple[Any, ...], courses: Mapping[int, str], modules: Mapping[int, str]) -> str:
    if row[4] in modules:
        return _iri("modules", modules[row[4]])
    if row[3] in courses:
        return _iri("courses", courses[row[3]])
    return f"{HOME}/platform"


def _iri(family: str, external_id: str) -> str:
    return external_id if IRI.fullmatch(external_id) else f"{HOME}/{family}/{external_id}"


def _statement(row: tuple[Any, ...], place: str) -> Json:
    statement_id, learner_id, kind, _, _, value, occurred_at, received_at = row
    name = _NAMES.get(kind, "")
    body: dict[str, object] = {
        "id": str(statement_id),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": f"{HOME}/learners", "name": pseudonym(learner_id)},
        },
        "verb": {"id": verb_of(name)},
        "object": {"objectType": "Activity", "id": place},
        "timestamp": written(_utc(occurred_at)),
        "stored": written(_utc(received_at)),
        "version": "1.0.3",
    }
    if value is not None:
        scaled = name in _SHARES
        counted = {"scaled": value} if scaled else {"raw": value}
        body["result"] = {"score": counted}
    return body


def _utc(at: datetime) -> datetime:
    return at
