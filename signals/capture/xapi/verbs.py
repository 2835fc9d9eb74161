"""L1: which kind of signal is a verb? Rows that people edit; verbs.csv is what they start from."""

import csv
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Sum

from signals import ledger
from signals.data import Actor
from signals.kinds.registry import KINDS
from signals.models import UnmappedVerb, VerbRule
from signals.models.statements import run

SHIPPED = Path(__file__).with_name("verbs.csv")
CACHED_FOR_S = 5.0  # an edited rule works everywhere within this time
LONGEST = 255
MOST_UNMAPPED = 500  # rows of one source; what else comes is counted under OTHERS
OTHERS = "(others)"

Rules = Mapping[tuple[str, str], str]

_lock = threading.Lock()
_held: tuple[float, Rules] | None = None

_COUNT = """
INSERT INTO signals_unmappedverb AS u
    (source_id, verb, activity_type, statements, first_at, last_at)
SELECT %b, q.verb, q.activity_type, q.n, %b, %b
FROM unnest(%b::text[], %b::text[], %b::bigint[]) q (verb, activity_type, n)
ORDER BY q.verb, q.activity_type
ON CONFLICT (source_id, verb, activity_type) DO UPDATE SET
    statements = u.statements + excluded.statements,
    last_at = greatest(u.last_at, excluded.last_at)
"""


def forget_cached() -> None:
    """Read the rules again."""
    global _held
    _held = None


def rules() -> Rules:
    """Return (verb, activity type) -> kind, as edited; the shipped rules where there are none."""
    global _held
    held = _held
    if held is None or monotonic() - held[0] > CACHED_FOR_S:
        held = _held = (monotonic(), _read())
    return held[1]


def known_rules() -> Rules:
    """Return the rules read last, the shipped ones where none were: asks no database."""
    if _held is not None:
        return _held[1]
    return {(rule.verb, rule.activity_type): rule.kind for rule in _shipped()}


def kind_of(known: Rules, verb: str, activity_type: str) -> str | None:
    """Return the kind of a verb, "" where it is known and not kept, None where no rule knows it."""
    kind = known.get((verb, activity_type))
    return known.get((verb, "")) if kind is None else kind


def ship() -> None:
    """Write the shipped rules where there are none at all."""
    VerbRule.objects.bulk_create(_shipped(), ignore_conflicts=True)


def _shipped() -> list[VerbRule]:
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return [VerbRule(**row) for row in csv.DictReader(file)]


def set_rule(actor: Actor, *, verb: str, activity_type: str, kind: str, now: datetime) -> None:
    """Make or change a rule; ValueError for a kind that does not exist."""
    if kind and kind not in KINDS:
        raise ValueError(f"There is no kind {kind!r}. Choose one of: {', '.join(sorted(KINDS))}.")
    key: dict[str, Any] = {"verb": verb, "activity_type": activity_type}
    with transaction.atomic():
        before = VerbRule.objects.filter(**key).values_list("kind", flat=True).first()
        VerbRule.objects.update_or_create(**key, defaults={"kind": kind})
        UnmappedVerb.objects.filter(**key).delete()
        if not activity_type:
            UnmappedVerb.objects.filter(verb=verb).delete()
        _note(actor, "verb.mapped", key | {"before": before, "kind": kind}, now)
    forget_cached()


def drop_rule(actor: Actor, *, verb: str, activity_type: str, now: datetime) -> None:
    """Forget a rule: statements with its verb are counted as unmapped again."""
    key = {"verb": verb, "activity_type": activity_type}
    with transaction.atomic():
        VerbRule.objects.filter(**key).delete()
        _note(actor, "verb.unmapped", key, now)
    forget_cached()


def count_unmapped(found: Mapping[tuple[str, str], int], *, source_id: int, now: datetime) -> None:
    """Count statements whose verb no rule knows, inside the caller's transaction."""
    if not found:
        return
    found = _shortened(found)
    rows = UnmappedVerb.objects.filter(source_id=source_id)
    if rows.count() >= MOST_UNMAPPED:
        held = set(rows.values_list("verb", "activity_type"))
        found = {key: count for key, count in found.items() if key in held} | {
            (OTHERS, ""): sum(count for key, count in found.items() if key not in held)
        }
    verbs, types, counts = [], [], []
    for (verb, activity_type), count in found.items():
        verbs.append(verb)
        types.append(activity_type)
        counts.append(count)
    run(_COUNT, [source_id, now, now, verbs, types, counts])


def _shortened(found: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    """Count as one what is equal as far as it is kept."""
    counted: Counter[tuple[str, str]] = Counter()
    for (verb, activity_type), count in found.items():
        counted[verb[:LONGEST], activity_type[:LONGEST]] += count
    return counted


def unmapped() -> list[dict[str, Any]]:
    """Return the verbs no rule knows over all sources, most frequent first."""
    rows = UnmappedVerb.objects.values("verb", "activity_type")
    return [dict(row) for row in rows.annotate(total=Sum("statements")).order_by("-total", "verb")]


def _read() -> Rules:
    rows = VerbRule.objects.values_list("verb", "activity_type", "kind")
    found = {(verb, activity_type): kind for verb, activity_type, kind in rows}
    if not found:
        with _lock:
            ship()
        found = {(verb, activity_type): kind for verb, activity_type, kind in rows.all()}
    return found


def _note(actor: Actor, action: str, detail: Mapping[str, object], now: datetime) -> None:
    ledger.append(actor=actor, action=action, subject="xapi:verbs", detail=dict(detail), now=now)
