"""L1: which verbs came that no rule knows? Counted by source; in words once ten learners used one.

A platform may write a learner's name into the address of a verb. So an address is a keyed hash
here until so many learners used it that it can name none of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signals import sealing
from signals.capture.xapi import agents, tokens
from signals.capture.xapi.statements import Checked, activity_type, verb_of
from signals.data import HiddenVerbs, UnmappedRow
from signals.models import Source, UnmappedVerb
from signals.models.statements import run
from signals.processing.disclosure import publishable

LONGEST = 255
LEARNERS_LEAST = 10  # who used a verb before its address is kept
MOST_UNMAPPED = 500  # rows of one source; what else comes is counted as one
MOST_WAITING = 1_000  # statements of one verb of a source, which wait for a rule
GROUPS = 63  # of learners: bits of a column
OTHERS = (0, 0)

Words = tuple[int, int]  # of the verb; of the verb and the type

_COUNT = """
INSERT INTO signals_unmappedverb AS u
    (source_id, verb_word, type_word, verb, activity_type, statements, learners, first_at, last_at)
SELECT %b, q.verb_word, q.type_word, '', '', q.n, q.learners, %b, %b
FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
    q (verb_word, type_word, n, learners)
ORDER BY q.verb_word, q.type_word
ON CONFLICT (source_id, verb_word, type_word) DO UPDATE SET
    statements = u.statements + excluded.statements,
    learners = u.learners | excluded.learners,
    last_at = greatest(u.last_at, excluded.last_at)
RETURNING verb_word, type_word, verb, statements, learners
"""


@dataclass(slots=True)
class _Came:
    """What came with one verb in a request."""

    verb: str
    activity_type: str
    statements: list[Checked] = field(default_factory=list)
    learners: int = 0  # bits


def words_of(verb: str, of_type: str) -> Words:
    """Return the keyed hashes of a verb, and of it with a type of activity."""
    verb = verb[:LONGEST]
    return tokens.of_verb(verb), tokens.number(f"type {verb} {of_type[:LONGEST]}")


def form_of(words: Words) -> str:
    """Return how a statement that waits is marked: it is found again by verb, or by both."""
    return f"{words[0]} {words[1]}"


def count(
    statements: Sequence[Checked], *, source_id: int, now: datetime
) -> Mapping[str, list[Checked]]:
    """Count statements whose verb no rule knows, inside the caller's transaction.

    Return those that may wait for a rule, by their mark: the first thousand of each verb.
    """
    if not statements:
        return {}
    came = _gathered(statements, source_id)
    waiting: dict[str, list[Checked]] = {}
    for verb_word, type_word, shown, total, learners in _count(came, source_id, now):
        words = (verb_word, type_word)
        found = came[words]
        if not shown and words != OTHERS and learners.bit_count() >= LEARNERS_LEAST:
            _tell(words, found, source_id)
        room = max(MOST_WAITING - (total - len(found.statements)), 0)
        if room:
            waiting[form_of(words)] = found.statements[:room]
    return waiting


def _gathered(statements: Iterable[Checked], source_id: int) -> dict[Words, _Came]:
    came: dict[Words, _Came] = {}
    for statement in statements:
        verb, of_type = verb_of(statement.body), activity_type(statement.body)
        words = words_of(verb, of_type)
        found = came.setdefault(words, _Came(verb[:LONGEST], of_type[:LONGEST]))
        found.statements.append(statement)
        found.learners |= _bit(statement)
    return _within_limits(came, source_id)


def _within_limits(came: dict[Words, _Came], source_id: int) -> dict[Words, _Came]:
    """Count as one what a source with very many verbs sends besides."""
    rows = UnmappedVerb.objects.filter(source_id=source_id)
    if rows.count() < MOST_UNMAPPED:
        return came
    held = set(rows.values_list("verb_word", "type_word"))
    others = _Came("", "")
    for words in came.keys() - held:
        others.statements += came[words].statements
    kept = {words: found for words, found in came.items() if words in held}
    return kept | ({OTHERS: others} if others.statements else {})


def _bit(statement: Checked) -> int:
    """Return the group of who acts, of 63: which says of nobody who they are."""
    name = agents.external_id(statement.body["actor"])
    if name is None:
        return 0
    keyed = int.from_bytes(sealing.lookup(name)[8:16])
    return 1 << keyed % GROUPS


def _count(
    came: Mapping[Words, _Came], source_id: int, now: datetime
) -> list[tuple[int, int, str, int, int]]:
    rows = [(*words, len(found.statements), found.learners) for words, found in came.items()]
    columns = [list(column) for column in zip(*rows, strict=True)]
    counted: list[tuple[int, int, str, int, int]] = run(
        _COUNT, [source_id, now, now, *columns]
    ).fetchall()
    return counted


def _tell(words: Words, found: _Came, source_id: int) -> None:
    """Keep the words of a verb by now used by many."""
    rows = UnmappedVerb.objects.filter(
        source_id=source_id, verb_word=words[0], type_word=words[1], verb=""
    )
    rows.update(verb=found.verb, activity_type=found.activity_type)


def forget(verb: str, of_type: str) -> None:
    """Forget the counts of a verb a rule knows by now; without type, of all its types."""
    words = words_of(verb, of_type)
    rows = UnmappedVerb.objects.filter(verb_word=words[0])
    (rows.filter(type_word=words[1]) if of_type else rows).delete()


def rows() -> tuple[UnmappedRow, ...]:
    """Return the verbs no rule knows over all sources, most frequent first."""
    titles = _titles()
    found: defaultdict[tuple[str, str], list[UnmappedVerb]] = defaultdict(list)
    for row in UnmappedVerb.objects.exclude(verb="").order_by("-statements", "pk"):
        found[row.verb, row.activity_type].append(row)
    told = [
        UnmappedRow(
            verb=verb,
            activity_type=of_type,
            statements=sum(row.statements for row in of_sources),
            by_source=tuple((titles.get(r.source_id, ""), r.statements) for r in of_sources),
            last_at=max(row.last_at for row in of_sources),
        )
        for (verb, of_type), of_sources in found.items()
    ]
    return tuple(sorted(told, key=lambda row: (-row.statements, row.verb, row.activity_type)))


def hidden() -> tuple[HiddenVerbs, ...]:
    """Return by source how many verbs fewer than ten learners used, and in how many statements."""
    titles = _titles()
    verbs: Counter[int] = Counter()
    statements: Counter[int] = Counter()
    for source_id, total in _hidden():
        verbs[source_id] += 1
        statements[source_id] += total
    return tuple(
        HiddenVerbs(titles.get(source_id, ""), count, publishable(statements[source_id]))
        for source_id, count in verbs.most_common()
    )


def _hidden() -> Iterable[Any]:
    return UnmappedVerb.objects.filter(verb="").values_list("source_id", "statements")


def _titles() -> dict[int, str]:
    return dict(Source.objects.values_list("pk", "title"))
