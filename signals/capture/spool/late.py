"""L1: which statements may wait on disk? Those that need no consent, and those of `store`."""

import msgspec

from signals.capture.spool.keep import append, consent_unread, keep_once, not_stored, replace_body
from signals.capture.spool.records import Record
from signals.capture.xapi import verbs
from signals.capture.xapi.multipart import JSON
from signals.capture.xapi.statements import Checked, Outcome, Sent, activity_type, verb_of
from signals.data import Tier
from signals.kinds.registry import KINDS


def keep_statements(sent: Sent, record: Record) -> Outcome:
    """Keep checked statements on disk; a Problem 503 where some are to be sent again.

    Whether another statement took an id is found out later: the first one counts then as ever.
    """
    rules = verbs.known_rules()
    unread = [
        place
        for place, statement in enumerate(sent.statements)
        if not record.store and _needs_consent(statement, rules)
    ]
    if unread:
        _keep_rest(sent, record, without=set(unread))
        raise consent_unread(unread, kept=len(sent.statements) - len(unread))
    append(record)
    return Outcome(len(sent.statements), 0)


def _needs_consent(statement: Checked, rules: verbs.Rules) -> bool:
    kind = verbs.kind_of(rules, verb_of(statement.body), activity_type(statement.body))
    return bool(kind) and KINDS[kind or ""].tier >= Tier.FINE_GRAINED


def _keep_rest(sent: Sent, record: Record, *, without: set[int]) -> None:
    if sent.files:
        raise not_stored("Some of these statements need consent, which cannot be read.")
    rest = [one for place, one in enumerate(sent.statements) if place not in without]
    if rest:
        said = msgspec.json.encode([one.body for one in rest])
        kept = msgspec.structs.replace(replace_body(record, said), content_type=JSON)
        keep_once(kept, said=said)
