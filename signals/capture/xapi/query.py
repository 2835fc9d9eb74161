"""L1: which kept statements are asked for? The filters of GET /xapi/statements, and the next page.

A statement that refers to one that matches is found with it, as the specification asks (2.1.3);
a void one is found by voidedStatementId alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from signals.capture.xapi import tokens
from signals.capture.xapi.reading import decoded
from signals.capture.xapi.valid import values
from signals.capture.xapi.valid.actors import IDENTIFIERS, actor
from signals.capture.xapi.valid.values import InvalidError
from signals.models import Statement
from signals.models.statements import raw_connection, run

MOST = 100  # statements of one answer
LAST_PLACE = 2**128 - 1  # of a UUID; a row's number is less
LONGEST_PLACE = 39  # digits of it
FORMATS = ("ids", "exact", "canonical")
_FLAGS = ("related_activities", "related_agents", "ascending", "attachments")
_FILTERS = ("agent", "verb", "activity", "registration")
_WITH_ONE = frozenset({"attachments", "format"})
_ONE = ("statementId", "voidedStatementId")
PARAMETERS = frozenset({*_ONE, *_FLAGS, *_FILTERS, "since", "until", "limit", "format", "cursor"})

_VOID = """(NOT s.voids AND EXISTS (SELECT 1 FROM signals_statement v
    WHERE v.source_id = s.source_id AND v.refers = s.id AND v.voids))"""
_MATCHES = """(s.tokens @> {tokens}::bigint[] OR (s.refers IS NOT NULL AND EXISTS (
    WITH RECURSIVE chain AS (
        SELECT t.source_id, t.refers, t.tokens, 1 AS far FROM signals_statement t
        WHERE t.source_id = s.source_id AND t.id = s.refers
        UNION
        SELECT t.source_id, t.refers, t.tokens, c.far + 1 FROM chain c JOIN signals_statement t
            ON t.source_id = c.source_id AND t.id = c.refers AND c.far < 32
    ) SELECT 1 FROM chain WHERE chain.tokens @> {tokens}::bigint[])))"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a GET asks for."""

    one: UUID | None = None
    void: bool = False
    agent: Mapping[str, Any] | None = None
    verb: str | None = None
    activity: str | None = None
    registration: str | None = None
    related_activities: bool = False
    related_agents: bool = False
    since: datetime | None = None
    until: datetime | None = None
    limit: int = MOST
    format: str = "exact"
    attachments: bool = False
    ascending: bool = False
    cursor: tuple[datetime, int] | None = None

    @property
    def filtered(self) -> list[int]:
        """Return the tokens a statement must have."""
        found: list[int] = []
        if self.agent is not None:
            found.append(tokens.of_agent(self.agent, related=self.related_agents))
        if self.verb is not None:
            found.append(tokens.of_verb(self.verb))
        if self.activity is not None:
            found.append(tokens.of_activity(self.activity, related=self.related_activities))
        if self.registration is not None:
            found.append(tokens.of_registration(self.registration))
        return found


def asked(parameters: Mapping[str, str]) -> Asked:
    """Return what the parameters of a GET ask for; InvalidError where they are none of xAPI's."""
    for name in parameters:
        if name not in PARAMETERS:
            raise InvalidError(name[:80], "There is no such parameter; upper and lower case count.")
    named = [name for name in _ONE if name in parameters]
    if named and set(parameters) - _WITH_ONE - {named[0]}:
        raise InvalidError(named[0], "With this go format and attachments alone.")
    flags = {name: _flag(parameters, name) for name in _FLAGS}
    chosen = parameters.get("format", "exact")
    if chosen not in FORMATS:
        raise InvalidError("format", f"This is one of: {', '.join(FORMATS)}.")
    if named:
        values.uuid(parameters[named[0]], named[0])
        one, void = UUID(parameters[named[0]]), named[0] == "voidedStatementId"
        return Asked(one, void, format=chosen, attachments=flags["attachments"])
    _check(parameters)
    return Asked(
        agent=_agent(parameters["agent"]) if "agent" in parameters else None,
        verb=parameters.get("verb"),
        activity=parameters.get("activity"),
        registration=parameters.get("registration"),
        since=_moment(parameters, "since"),
        until=_moment(parameters, "until"),
        limit=_limit(parameters.get("limit", "0")),
        format=chosen,
        cursor=_cursor(parameters["cursor"]) if "cursor" in parameters else None,
        related_activities=flags["related_activities"],
        related_agents=flags["related_agents"],
        ascending=flags["ascending"],
        attachments=flags["attachments"],
    )


def _check(parameters: Mapping[str, str]) -> None:
    checks = {"verb": values.iri, "activity": values.iri, "registration": values.uuid}
    for name, check in checks.items():
        if name in parameters:
            check(parameters[name], name)


def _flag(parameters: Mapping[str, str], name: str) -> bool:
    text = parameters.get(name, "false")
    if text not in ("true", "false"):
        raise InvalidError(name, "This is true or false.")
    return text == "true"


def _agent(text: str) -> Mapping[str, Any]:
    found = decoded(text.encode(), place="agent")
    actor(found, "agent")
    agent: Mapping[str, Any] = found
    if not any(name in agent for name in IDENTIFIERS):
        raise InvalidError("agent", "Ask for an agent or a group that has an identifier.")
    return agent


def _moment(parameters: Mapping[str, str], name: str) -> datetime | None:
    return values.moment(parameters[name], name) if name in parameters else None


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidError("limit", "This is a whole number; 0 means as many as we give.")
    return min(int(text[:9]) or MOST, MOST)


def _cursor(text: str) -> tuple[datetime, int]:
    at, _, seq = text.partition("~")
    if not seq.isascii() or not seq.isdigit() or len(seq) > LONGEST_PLACE:
        raise InvalidError("cursor", "Use the address in `more` as it is.")
    return values.moment(at, "cursor"), min(int(seq), LAST_PLACE)


def find(wanted: Asked, *, source_id: int) -> tuple[list[Statement], bool]:
    """Return the statements of one page of a source, and whether there are more."""
    query = sql.SQL("SELECT s.* FROM signals_statement s WHERE {} ORDER BY {} LIMIT {}").format(
        sql.SQL(" AND ").join(_conditions(wanted, source_id)),
        sql.SQL("s.stored_at, s.seq" if wanted.ascending else "s.stored_at DESC, s.seq DESC"),
        sql.Literal(wanted.limit + 1),
    )
    rows = list(Statement.objects.raw(query.as_string(raw_connection())))
    return rows[: wanted.limit], len(rows) > wanted.limit


def _conditions(wanted: Asked, source_id: int) -> Sequence[sql.Composable]:
    found: list[sql.Composable] = [
        sql.SQL("s.source_id = {}").format(source_id),
        sql.SQL(_VOID if wanted.void else f"NOT {_VOID}"),
    ]
    if wanted.one is not None:
        return [*found, sql.SQL("s.id = {}").format(wanted.one)]
    if wanted.filtered:
        found.append(sql.SQL(_MATCHES).format(tokens=wanted.filtered))
    if wanted.since is not None:
        found.append(sql.SQL("s.stored_at > {}").format(wanted.since))
    if wanted.until is not None:
        found.append(sql.SQL("s.stored_at <= {}").format(wanted.until))
    if wanted.cursor is not None:
        compared = sql.SQL(">" if wanted.ascending else "<")
        at, seq = wanted.cursor
        found.append(sql.SQL("(s.stored_at, s.seq) {} ({}, {}::numeric)").format(compared, at, seq))
    return found


_CONSISTENT = """
SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND datname = current_database()
"""


def consistent_through(now: datetime) -> datetime:
    """Return until when everything stored can be found: the oldest writer that is still at it."""
    row = run(_CONSISTENT).fetchone()
    found: datetime = row[0] if row else now
    return found
