"""L1: how is a whole statement kept? Sealed under the keys of all it names, found by keyed tokens.

A source of the profile `store` keeps statements as they came. Erasing a learner deletes what they
did and takes them out of what others did; without any one of the keys nothing can be read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from signals import sealing
from signals.capture.xapi import agents, tokens
from signals.capture.xapi.events import referred
from signals.capture.xapi.multipart import attachments
from signals.capture.xapi.statements import Checked, File, Json, Sent, object_type, part
from signals.capture.xapi.voiding import voided_by
from signals.models import Statement, StatementFile
from signals.privacy.gate import storing
from signals.privacy.identity import ensure_learners

USE = "statement"
ERASED_HOME = "https://northway.invalid/erased"
_GROUPS = "staff"  # the kind of learner a group stands as: it trains no model


@dataclass(frozen=True, slots=True)
class Prepared:
    """What sealing needs, read before the transaction."""

    learners: Mapping[str, int]  # by external id; who was erased is missing
    keys: Mapping[int, AESGCM]
    files: Mapping[str, File]
    version: str


def prepare(sent: Sent, *, now: datetime) -> Prepared:
    """Return the learners and keys of all agents of a request, making the unknown."""
    named = [agent for statement in sent.statements for agent in agents.named(statement.body)]
    people = {name for agent in named if (name := agents.external_id(agent)) is not None}
    groups = {name for agent in named if (name := _group_name(agent)) is not None}
    learners = ensure_learners(sorted(people), now=now)
    if groups:
        learners = learners | ensure_learners(sorted(groups), now=now, kind=_GROUPS)
    return Prepared(learners, sealing.data_keys(learners.values()), sent.files, sent.version)


def _group_name(agent: Json) -> str | None:
    name = agents.identifier(agent) if agent.get("objectType") == "Group" else None
    return None if name is None else f"group {tokens.number(name)}"


def _learner_name(agent: Json) -> str | None:
    return agents.external_id(agent) or _group_name(agent)


@dataclass(frozen=True, slots=True)
class Stored:
    """Which statements were not kept before, and which took the id of another that is."""

    fresh: list[Checked]
    conflicts: list[Checked]


def store(statements: Sequence[Checked], prepared: Prepared, *, source_id: int) -> Stored:
    """Keep statements whose ids are claimed, inside the caller's transaction.

    An id counts here for as long as its statement is kept, claimed anew or not.
    """
    if not statements:
        return Stored([], [])
    prepared = _still_here(prepared)
    stored_at = _stamp()
    rows = [
        row
        for statement in statements
        if (row := _row(statement, prepared, source_id, stored_at)) is not None
    ]
    known = Statement.objects.filter(source_id=source_id, id__in=[row.id for row in rows])
    held = {found: bytes(digest) for found, digest in known.values_list("id", "digest")}
    made = Statement.objects.bulk_create([row for row in rows if row.id not in held])
    _store_files(made, {statement.id: statement for statement in statements}, prepared)
    fresh = {row.id for row in made}
    return Stored(
        [statement for statement in statements if statement.id in fresh],
        [one for one in statements if held.get(one.id, one.digest) != one.digest],
    )


def _still_here(prepared: Prepared) -> Prepared:
    """Leave out who was erased since, and hold erasures off until the transaction ends."""
    here = storing(set(prepared.learners.values()))
    learners = {name: number for name, number in prepared.learners.items() if number in here}
    return replace(prepared, learners=learners)


def _stamp() -> datetime:
    """Return the database's time now: never before the transaction began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        stamp: datetime = cursor.fetchone()[0]
    return stamp.astimezone(UTC)


def _row(
    statement: Checked, prepared: Prepared, source_id: int, stored_at: datetime
) -> Statement | None:
    """Return the row of a statement, None where nobody it is about is left."""
    acting = [_learner_name(agent) for agent in agents.acting(statement.body)]
    learners = prepared.learners
    actor_ids = [learners[name] for name in acting if name is not None and name in learners]
    if not actor_ids:
        return None
    known = arrays_in_context(statement.body)
    body = forget_agents(known, lambda name: name not in prepared.learners)
    completed = {
        **body,
        "id": str(statement.id),
        "timestamp": _timestamp(statement, body, prepared.version) or written(stored_at),
        "version": body.get("version", prepared.version),
    }
    learner_ids = named_learners(body, prepared.learners)
    refers = referred(body)
    return Statement(
        source_id=source_id,
        id=statement.id,
        stored_at=stored_at,
        digest=statement.digest,
        actor_ids=list(dict.fromkeys(actor_ids)),
        learner_ids=learner_ids,
        tokens=tokens.of_statement(body),
        refers=refers,
        voids=voided_by(statement) is not None,
        sealed=seal(msgspec.json.encode(completed), learner_ids, prepared.keys),
    )


def arrays_in_context(body: Json) -> Json:
    """Return a statement whose context names activities in arrays, as they are handed out."""
    changed = dict(body)
    roles = part(body, "context", "contextActivities")
    if roles is not None:
        lists = {role: [one] if isinstance(one, dict) else one for role, one in roles.items()}
        changed["context"] = {**body["context"], "contextActivities": lists}
    if object_type(body) == "SubStatement":
        changed["object"] = arrays_in_context(body["object"])
    return changed


def _timestamp(statement: Checked, body: Json, version: str) -> str | None:
    """Return the timestamp as sent; in version 2.0 in UTC, as that asks."""
    sent: str | None = body.get("timestamp")
    if sent is None or not version.startswith("2") or sent.endswith("Z"):
        return sent
    return written(statement.occurred_at)


def _store_files(
    rows: Iterable[Statement], statements: Mapping[UUID, Checked], prepared: Prepared
) -> None:
    """Keep the files of new statements, each sealed like its statement."""
    StatementFile.objects.bulk_create(
        StatementFile(
            statement=row,
            sha2=file.sha2,
            content_type=file.content_type,
            sealed=seal(file.content, row.learner_ids, prepared.keys),
        )
        for row in rows
        for sha2 in sorted({a["sha2"].lower() for a in attachments(statements[row.id].body)})
        if (file := prepared.files.get(sha2)) is not None
    )


def named_learners(body: Json, learners: Mapping[str, int]) -> list[int]:
    """Return the learners a statement names, each once."""
    names = (_learner_name(agent) for agent in agents.named(body))
    known = (learners[name] for name in names if name is not None and name in learners)
    return list(dict.fromkeys(known))


def forget_agents(body: Json, gone: Callable[[str], bool]) -> Json:
    """Return a statement in which agents whose external id is gone stand without identity."""

    def change(agent: Json) -> Json | None:
        name = _learner_name(agent)
        if name is None or not gone(name):
            return None
        account = {"homePage": ERASED_HOME, "name": str(uuid4())}
        return {"objectType": agent.get("objectType", "Agent"), "account": account}

    changed: Json = agents.replaced(body, change)
    return changed


def seal(data: bytes, learner_ids: Sequence[int], keys: Mapping[int, AESGCM]) -> bytes:
    """Seal under one key after the other; raise KeyError where one of them is destroyed."""
    for learner_id in learner_ids:
        data = sealing.seal_with(keys[learner_id], learner_id, data, use=USE)
    return data


def unseal(sealed: bytes, learner_ids: Sequence[int], keys: Mapping[int, AESGCM]) -> bytes | None:
    """Return what was sealed, None where one of the keys is gone."""
    for learner_id in reversed(learner_ids):
        if learner_id not in keys:
            return None
        sealed = sealing.open_with(keys[learner_id], learner_id, sealed, use=USE)
    return sealed


def bodies(rows: Sequence[Statement]) -> list[Json | None]:
    """Return the statements of rows, None where a key is gone."""
    keys = sealing.data_keys({learner_id for row in rows for learner_id in row.learner_ids})
    opened = (unseal(bytes(row.sealed), row.learner_ids, keys) for row in rows)
    return [None if body is None else msgspec.json.decode(body) for body in opened]


def purge(*, before: datetime) -> int:
    """Delete statements stored before a moment, with their files; return how many."""
    _, by_table = Statement.objects.filter(stored_at__lt=before).delete()
    return by_table.get(Statement._meta.label, 0)


def files_of(rows: Sequence[Statement]) -> list[File]:
    """Return the files of statements, each once."""
    found = StatementFile.objects.filter(statement__in=rows).select_related("statement")
    kept = list(found.order_by("pk"))
    keys = sealing.data_keys({n for file in kept for n in file.statement.learner_ids})
    files: dict[str, File] = {}
    for row in kept:
        content = unseal(bytes(row.sealed), row.statement.learner_ids, keys)
        if content is not None:
            files.setdefault(row.sha2, File(row.sha2, row.content_type, content))
    return list(files.values())


def written(at: datetime) -> str:
    """Return a moment as xAPI writes it, with milliseconds, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
