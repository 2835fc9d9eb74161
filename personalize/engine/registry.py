"""Which model serves, and how does that change? (L3) Rows and ledger first, then the pointer.

Every change is one transaction with its ledger entry. The pointer that web processes follow is
written after the commit, under the same lock, so it can lag behind the rows but never contradict
a later change; `follow_rows` repairs it after a crash in between.
"""

from dataclasses import asdict
from datetime import datetime

import msgspec
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from personalize.data import GateFinding, ModelRow
from personalize.engine import artifacts, live
from personalize.engine.artifacts import Card, ModelUnusable
from personalize.engine.serving import LoadedModel
from personalize.models import ModelVersion
from signals import api
from signals.data import Actor, ActorKind

KEPT_FOLDERS = 5  # newest folders kept beside the live one, to roll back to
REGISTRY_LOCK = 0x4E57_0001  # one change of the registry at a time, over all nodes

State = ModelVersion.State


def row_of(model: ModelVersion) -> ModelRow:
    """Return a version as pages show it."""
    card = msgspec.convert(model.card, Card)
    return ModelRow(
        version=model.version,
        state=model.state,
        trained_at=model.trained_at,
        learners=card.learners,
        courses=card.courses,
        pairs=card.pairs,
        metrics=card.metrics,
        weights=card.weights,
        findings=tuple(GateFinding(**finding) for finding in model.findings),
    )


def versions(*, limit: int = 50) -> tuple[ModelRow, ...]:
    """Return the newest versions, newest first."""
    return tuple(row_of(model) for model in ModelVersion.objects.order_by("-trained_at")[:limit])


def live_version() -> ModelRow | None:
    """Return the version that should serve, None before the first promotion."""
    model = ModelVersion.objects.filter(state=State.LIVE).first()
    return row_of(model) if model else None


def champion() -> LoadedModel | None:
    """Open the live model; None when there is none or it cannot be used any more."""
    row = live_version()
    if row is None:
        return None
    try:
        return LoadedModel(artifacts.load(settings.MODELS_DIR, row.version))
    except ModelUnusable:
        return None


def free_version(*, now: datetime) -> str:
    """Return a version named after the moment that no row and no folder has."""
    moment = f"{now:%Y%m%d-%H%M%S}"
    taken = set(
        ModelVersion.objects.filter(version__startswith=moment).values_list("version", flat=True)
    )
    version, number = moment, 1
    while version in taken or artifacts.exists(settings.MODELS_DIR, version):
        number += 1
        version = f"{moment}-{number}"
    return version


def _lock() -> None:
    """Wait for the registry; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRY_LOCK])


@transaction.atomic
def follow_rows() -> None:
    """Write the pointer from the rows; waits for a change under way and reads what it left."""
    _lock()
    row = live_version()
    if row is not None:
        live.announce(settings.MODELS_DIR, row.version)


def publish_candidate(card: Card, arrays: artifacts.Arrays) -> Card:
    """Write the folder, then the row: a row without a folder never exists."""
    stamped = artifacts.publish(settings.MODELS_DIR, card, arrays)
    ModelVersion.objects.create(
        version=card.version, trained_at=card.trained_at, card=msgspec.to_builtins(stamped)
    )
    return stamped


def _make_live(version: str, *, now: datetime) -> str:
    """Retire what is live and promote this version; return what was live."""
    previous = ModelVersion.objects.filter(state=State.LIVE).first()
    ModelVersion.objects.filter(state=State.LIVE).update(state=State.RETIRED)
    ModelVersion.objects.filter(version=version).update(state=State.LIVE, published_at=now)
    transaction.on_commit(follow_rows)
    return previous.version if previous else ""


@transaction.atomic
def settle(
    version: str, findings: tuple[GateFinding, ...], *, actor: Actor, now: datetime
) -> ModelRow:
    """Promote a candidate that passed every gate, refuse it otherwise; either way in the ledger."""
    _lock()
    failed = [finding.gate for finding in findings if not finding.passed]
    stored = [asdict(finding) for finding in findings]
    state = State.REFUSED if failed else State.CANDIDATE
    ModelVersion.objects.filter(version=version).update(findings=stored, state=state)
    detail: dict[str, object] = {"failed": failed}
    if not failed:
        detail = {"previous": _make_live(version, now=now)}
    api.append_ledger(
        actor=actor,
        action="model.refused" if failed else "model.promoted",
        subject=version,
        detail=detail,
        now=now,
    )
    return row_of(ModelVersion.objects.get(version=version))


@transaction.atomic
def rollback(version: str, *, actor: Actor, reason: str = "", now: datetime) -> ModelRow:
    """Make a version live that served before; the reason goes into the ledger.

    Raises PermissionDenied for an actor who is neither an admin nor the system itself, and
    ModelUnusable when the version never served or its folder cannot be used any more.
    """
    if actor.kind is not ActorKind.SYSTEM and "admin" not in actor.roles:
        raise PermissionDenied("Rolling a model back needs the role admin.")
    _lock()
    if not ModelVersion.objects.filter(version=version, state=State.RETIRED).exists():
        served = ModelVersion.objects.filter(state=State.RETIRED).order_by("-trained_at")
        names = ", ".join(served.values_list("version", flat=True)[:KEPT_FOLDERS]) or "none yet"
        raise ModelUnusable(version, f"only a version that served before can return: {names}.")
    artifacts.load(settings.MODELS_DIR, version)
    previous = _make_live(version, now=now)
    api.append_ledger(
        actor=actor,
        action="model.rolled_back",
        subject=version,
        detail={"previous": previous, "reason": reason},
        now=now,
    )
    return row_of(ModelVersion.objects.get(version=version))


def prune() -> tuple[str, ...]:
    """Delete old and refused folders, keeping the live one; rows and cards stay.

    Call it under the training lock only: an unfinished folder belongs to nobody then.
    """
    usable = ModelVersion.objects.exclude(state=State.REFUSED)
    newest = usable.order_by("-trained_at").values_list("version", flat=True)[: KEPT_FOLDERS + 1]
    serving = usable.filter(state=State.LIVE).values_list("version", flat=True)
    keep = frozenset(newest) | frozenset(serving)
    return artifacts.prune(settings.MODELS_DIR, keep=keep)
