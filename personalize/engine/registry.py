"""Which models are there, and which serves whom? (L3) Rows first, then the pointer.

The rows in PostgreSQL are the truth; `steps.py` changes them, each step one transaction with its
ledger entry. The pointer that web processes follow is written after the commit, under the same
lock, so it can lag behind the rows but never contradict a later change; `follow_rows` repairs it
after a crash in between.
"""

from datetime import UTC, datetime, time, timedelta

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from personalize.data import GateFinding, GuardReading, ModelRow
from personalize.engine import artifacts, live
from personalize.engine.artifacts import Card, ModelUnusable
from personalize.engine.configuration import Configuration, arm, changed
from personalize.engine.live import Pointer
from personalize.engine.serving import LoadedModel
from personalize.models import ModelVersion

REPLAYED_DAYS = 8  # for which every model that all saw is kept, so that its lists can be made again
FROZEN_WEEKS = 7  # of each, the model it began with: a verdict looks back so far (decision/verdict)
WITHDRAWN_TOLD = 20  # lists are remembered for a day, and hardly more are taken back in one
KEPT_FOLDERS = 5  # newest folders kept beside the live one, to roll back to
REGISTRY_LOCK = 0x4E57_0001  # one change of the registry at a time, over all nodes
CANARY_SHARE = 0.1  # of learners

State = ModelVersion.State


def card_of(model: ModelVersion) -> Card:
    """Return the card of a version."""
    return msgspec.convert(model.card, Card)


def row_of(model: ModelVersion) -> ModelRow:
    """Return a version as pages show it."""
    card = card_of(model)
    challenges = model.state == State.CHALLENGER and card.configuration is not None
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
        configuration=model.configuration,
        changes=_changes(card.configuration) if challenges and card.configuration else (),
        canary_since=model.canary_since,
        readings=tuple(GuardReading(**reading) for reading in model.readings),
        experiment=model.experiment,
        may_return=model.state == State.RETIRED and model.published_at is not None,
        kept_until=model.kept_until,
        assessed=card.assessed,
        heads=card.heads,
        engine=card.engine,
    )


def _changes(after: Configuration) -> tuple[str, ...]:
    return changed(live_configuration(), after)


def versions(*, limit: int = 50) -> tuple[ModelRow, ...]:
    """Return the newest versions, newest first."""
    return tuple(row_of(model) for model in ModelVersion.objects.order_by("-trained_at")[:limit])


def in_state(state: State) -> ModelVersion | None:
    """Return the version that is live, the canary or the challenger: one at most of each."""
    return ModelVersion.objects.filter(state=state).first()


def live_version() -> ModelRow | None:
    """Return the version that should serve, None before the first promotion."""
    model = in_state(State.LIVE)
    return row_of(model) if model else None


def live_at(at: datetime) -> ModelRow | None:
    """Return the version that all saw at a moment, None before the first."""
    model = ModelVersion.objects.filter(published_at__lte=at).order_by("-published_at").first()
    return row_of(model) if model else None


def live_configuration() -> Configuration | None:
    """Return what the live model does, its data apart; None where that is not known."""
    model = in_state(State.LIVE)
    return card_of(model).configuration if model else None


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


def lock() -> None:
    """Wait for the registry; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRY_LOCK])


@transaction.atomic
def follow_rows(*, now: datetime) -> None:
    """Write the pointer from the rows; waits for a change under way and reads what it left."""
    lock()
    model = in_state(State.LIVE)
    if model is None:
        return
    canary = in_state(State.CANARY)
    live.write(
        settings.MODELS_DIR,
        Pointer(
            version=model.version,
            canary=canary.version if canary else "",
            share=CANARY_SHARE if canary else 0.0,
            arms={
                arm(one.configuration): one.version
                for one in _beside(now).order_by("trained_at")
                if one.configuration != model.configuration
            },
            withdrawn=_withdrawn(model),
        ),
    )


def _withdrawn(live_model: ModelVersion) -> tuple[str, ...]:
    """Return what learners saw and people or guardrails took back, the newest ones, sorted."""
    seen = Q(published_at__isnull=False) | Q(canary_since__isnull=False) | ~Q(experiment="")
    back = Q(state=State.RETIRED, published_at__isnull=False, trained_at__gt=live_model.trained_at)
    rows = ModelVersion.objects.filter(back | Q(seen, state=State.REFUSED)).order_by("-trained_at")
    return tuple(sorted(rows.values_list("version", flat=True)[:WITHDRAWN_TOLD]))


def _beside(now: datetime) -> QuerySet[ModelVersion]:
    """Return the versions whose arms of experiments are served: one that challenges, or is kept."""
    kept = Q(state=State.RETIRED, kept_until__gt=now)
    return ModelVersion.objects.filter(kept | Q(state=State.CHALLENGER)).exclude(configuration="")


def publish_candidate(card: Card, arrays: artifacts.Arrays) -> Card:
    """Write the folder, then the row: a row without a folder never exists."""
    stamped = artifacts.publish(settings.MODELS_DIR, card, arrays)
    ModelVersion.objects.create(
        version=card.version,
        trained_at=card.trained_at,
        card=msgspec.to_builtins(stamped),
        configuration=card.configuration.digest if card.configuration else "",
    )
    return stamped


def _frozen(now: datetime) -> frozenset[str]:
    """Return what lists are made again with, and what later models are judged against."""
    lately = ModelVersion.objects.filter(published_at__gt=now - timedelta(days=REPLAYED_DAYS))
    today = datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)
    monday = today - timedelta(days=today.weekday())
    weekly = [live_at(monday - timedelta(weeks=week)) for week in range(FROZEN_WEEKS)]
    return frozenset(one.version for one in (*lately, *weekly) if one)


def prune(*, now: datetime) -> tuple[str, ...]:
    """Delete old and refused folders, keeping what serves anybody; rows and cards stay.

    Call it under the training lock only: an unfinished folder belongs to nobody then.
    """
    usable = ModelVersion.objects.exclude(state=State.REFUSED)
    # One can go back only to what all have seen; canaries that few saw must not crowd that out.
    returning = usable.filter(Q(published_at__isnull=False) | Q(state=State.CANDIDATE))
    newest = returning.order_by("-trained_at").values_list("version", flat=True)
    serving = usable.filter(state__in=[State.LIVE, State.CANARY])
    keep = frozenset(newest[: KEPT_FOLDERS + 1]) | _frozen(now)
    keep |= {one.version for one in (*serving, *_beside(now))}
    return artifacts.prune(settings.MODELS_DIR, keep=keep)
