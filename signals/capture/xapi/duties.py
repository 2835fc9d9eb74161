"""L1: what does xAPI do when a learner's data is erased or handed out?

The name it registers under comes before `signals`: it needs the identity that goes there.
"""

from base64 import b64encode

import msgspec

from signals import sealing
from signals.capture.xapi import documents, mentions, tokens, whole
from signals.capture.xapi.statements import File
from signals.models import Document, Statement
from signals.privacy import identity, registry

NAME = "capture.xapi"


def register() -> None:
    """Register the handlers."""
    registry.on_erase(NAME, erase)
    registry.on_export(NAME, export)


def erase(learner_id: int) -> int:
    """Delete what a learner did, and take them out of what others did; return the statements."""
    about = Statement.objects.filter(learner_ids__contains=[learner_id])
    removed, _ = about.filter(actor_ids=[learner_id]).delete()
    for row in list(about):
        _forget(row, learner_id)
        removed += 1
    return removed + Document.objects.filter(learner_id=learner_id).delete()[0]


def _forget(row: Statement, learner_id: int) -> None:
    """Keep what others did, without this learner; where a key is gone, nothing can be kept."""
    body = whole.bodies([row])[0]
    name = identity.external_id(learner_id)
    if body is None or name is None:
        row.delete()
        return
    words = mentions.words_of(body, name)
    changed = whole.forget_agents(body, lambda found: found == name)
    changed = mentions.without_extensions(changed, words)
    others = [number for number in row.learner_ids if number != learner_id]
    keys = sealing.data_keys(row.learner_ids)
    for file in row.files.all():
        content = whole.unseal(bytes(file.sealed), row.learner_ids, keys)
        if content is None:
            file.delete()
        else:
            file.sealed = whole.seal(content, others, keys)
            file.save(update_fields=["sealed"])
    row.actor_ids = [number for number in row.actor_ids if number != learner_id]
    row.learner_ids = others
    row.tokens = tokens.of_statement(changed)
    row.sealed = whole.seal(msgspec.json.encode(changed), others, keys)
    row.save(update_fields=["actor_ids", "learner_ids", "tokens", "sealed"])


def export(learner_id: int) -> dict[str, object]:
    """Hand out the statements a learner acts in, with their files.

    Where others name them it is only said that they do: what others did is theirs.
    """
    about = Statement.objects.filter(learner_ids__contains=[learner_id]).order_by("seq")
    acted = list(about.filter(actor_ids__contains=[learner_id]))
    return {
        "statements": [body for body in whole.bodies(acted) if body is not None],
        "files": [_file(file) for file in whole.files_of(acted)],
        "named_in_statements_of_others": about.count() - len(acted),
        "documents": [_document(row) for row in Document.objects.filter(learner_id=learner_id)],
    }


def _document(row: Document) -> dict[str, object]:
    held = documents.opened(row)
    if held is None:
        return {}
    return {
        "id": held.name,
        "content_type": held.content_type,
        "etag": row.etag,
        "source_id": row.source_id,
        **_content(held.body),
        "updated_at": row.updated_at.isoformat(),
    }


def _file(file: File) -> dict[str, object]:
    return {"sha2": file.sha2, "content_type": file.content_type, **_content(file.content)}


def _content(body: bytes) -> dict[str, object]:
    """Return what a file holds: as text where it is one, else as Base64."""
    try:
        return {"content": body.decode()}
    except UnicodeDecodeError:
        return {"content_base64": b64encode(body).decode()}
