"""Five-minute steps of a steady platform, written at once, and changes to them."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import BigIntegerField, F, Value
from django.db.models.functions import Cast

from personalize.engine.drift.answered import STEP, step_of
from signals.data import Mix
from signals.kinds.registry import code_of
from signals.models import MixStep, Watermark

SHOWN, CLICKED, VIEWED = (
    str(code_of(kind)) for kind in ("rec.shown", "rec.clicked", "course.viewed")
)
STEADY = {
    (Mix.KIND, SHOWN): 4_000,
    (Mix.KIND, CLICKED): 900,
    (Mix.KIND, VIEWED): 3_000,
    (Mix.SURFACE, "1"): 4_000,
    (Mix.FIELD, "Data"): 2_400,
    (Mix.FIELD, "Care"): 1_500,
    (Mix.LANGUAGE, "de"): 5_000,
    (Mix.LANGUAGE, "fr"): 2_900,
    (Mix.DEVICE, "unknown"): 7_900,
}


def lived(days: float, *, until: datetime) -> datetime:
    """Let a steady platform have lived so many days; return the end of its newest step."""
    end = step_of(until)
    with connection.cursor() as cursor:
        mixes, parts = zip(*STEADY, strict=True)
        cursor.execute(
            "INSERT INTO signals_mixstep (step_at, mix, part, count)"
            " SELECT at, mix, part, count"
            " FROM unnest(%s::text[], %s::text[], %s::bigint[]) steady (mix, part, count),"
            " generate_series(%s, %s, interval '5 minutes') at",
            [list(mixes), list(parts), [*STEADY.values()], end - timedelta(days=days), end - STEP],
        )
    counted(end)
    return end


def counted(until: datetime) -> None:
    """Say that everything that arrived up to a moment is counted."""
    Watermark.objects.update_or_create(reader="rollups", defaults={"read_at": until})


def changed(mix: Mix, part: str, by: float, *, since: datetime) -> None:
    """Multiply what came of one part from a moment on."""
    rows = MixStep.objects.filter(mix=mix, part=part, step_at__gte=since)
    rows.update(count=Cast(F("count") * Value(by), BigIntegerField()))
