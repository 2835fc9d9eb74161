"""Which boosts, pins, hides, edited list and weights were in force for a decision? (L4)

They change seldom and hold for all, so each set of them is kept once, under a digest that the
decisions made by it name. Nothing in it is about a learner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

import msgspec
from django.db import connection

from personalize.data import Aim, Change, Objectives
from personalize.decision import background
from personalize.decision.overrides import Controls, InForce
from personalize.models import Rulebook

_KEEP = """
INSERT INTO personalize_rulebook (digest, content) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""

OPENED_MOST = 64

_newest: tuple[Controls, int, str] | None = None
_kept: set[int] = set()
_opened: dict[int, Controls] = {}  # a digest names one content, so what was read stays true


def digest_of(controls: Controls) -> int:
    """Return the number by which decisions name what was in force."""
    return _told(controls)[0]


def keep(used: Iterable[Controls]) -> None:
    """Write what was in force when lists were made, where it is not written yet."""
    for controls in {id(one): one for one in used}.values():
        digest, content = _told(controls)
        # Inside somebody's transaction nothing is sure to stay.
        if background.allowed_here() and digest in _kept:
            continue
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [digest, content])
        _kept.add(digest)


def read(digest: int) -> Controls | None:
    """Return what was in force, None where it was never written."""
    if digest in _opened:
        return _opened[digest]
    row = Rulebook.objects.filter(pk=digest).first()
    if row is None:
        return None
    told = msgspec.json.decode(row.content)
    if len(_opened) >= OPENED_MOST:
        _opened.clear()
    found = _opened[digest] = Controls(
        changes=tuple(
            msgspec.convert({**one, "change": Change(one["change"])}, InForce)
            for one in told["changes"]
        ),
        curated=tuple(told["curated"]),
        aims=_aims(told),
    )
    return found


def forget() -> None:
    """Write everything again; for tests that roll back."""
    _kept.clear()
    _opened.clear()


def _aims(told: Mapping[str, Any]) -> tuple[Aim, ...]:
    """Return what lists strove for; what was kept before they had scopes is for all."""
    if "aims" not in told:
        return (Aim(Objectives(*told["objectives"]), None),)
    return tuple(msgspec.convert(one, Aim) for one in told["aims"])


def _told(controls: Controls) -> tuple[int, str]:
    global _newest
    if _newest is None or _newest[0] is not controls:
        content = msgspec.json.encode(
            {
                "changes": [asdict(change) for change in controls.changes],
                "curated": controls.curated,
                "aims": [asdict(aim) for aim in controls.aims],
            }
        )
        digest = int.from_bytes(blake2b(content, digest_size=8).digest(), signed=True)
        _newest = controls, digest, content.decode()
    return _newest[1:]
