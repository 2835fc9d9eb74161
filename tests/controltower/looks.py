"""Looks for tests of pages: results as the analysis keeps them, with effects made up."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.http import HttpResponseBase

from experiments import lifecycle
from experiments.data import Effect
from experiments.guard import writing
from experiments.metrics import METRICS
from experiments.models import Experiment, Reread
from tests.experiments import world
from tests.experiments.plans import plan


def text_of(answer: HttpResponseBase) -> str:
    """Return a table that left the tower, without the mark of its encoding."""
    return answer.getvalue().decode("utf-8-sig")


def effect(metric: str, *, low: float, high: float, control: float = 0.2) -> Effect:
    """Return an effect whose interval runs from low to high."""
    middle = (low + high) / 2
    return Effect(
        metric=metric,
        track=METRICS[metric].track,
        unit=METRICS[metric].unit,
        control_mean=control,
        variant_mean=control + middle,
        difference=middle,
        low=low,
        high=high,
        p_value=0.01,
        n_control=3000,
        n_variant=3000,
    )


def look_of(
    metric: str,
    *,
    low: float,
    high: float,
    lost: bool = False,
    number: int = 1,
    advice: str = "ship",
    key: str = plan().key,
    exact: dict[str, int] | None = None,
    before: Mapping[str, object] | None = None,
) -> None:
    """Keep a look of the sound plan; lost: its guardrail may have fallen beyond the margin."""
    guardrail = effect("modules_completed", low=-0.4 if lost else -0.01, high=0.1, control=1.0)
    effects = [effect(metric, low=low, high=high), guardrail]
    world.look(
        number=number,
        key=key,
        results={
            "format": 1,
            "digest": Experiment.objects.get(key=key).digest,
            "as_of": world.day(14).isoformat(),
            "confidence": 0.95,
            "n": exact or {"generic": 3000, "model": 3000},
            "trustworthy": True,
            "moments": {metric: before or {}},
            "detectable": {},
            "effects": [asdict(one) for one in effects],
            "advice": advice,
            "sentence": "Model is better than generic on click-through per learner.",
        },
    )


def shipped(*, reread: str = "", now: datetime) -> None:
    """Ship the sound plan; reread: what its reading after 30 days came to."""
    key = plan().key
    world.started()
    look_of("ctr", low=0.01, high=0.05)
    lifecycle.stop(world.UMA, key=key, reason="enough", now=now)
    lifecycle.decide(world.UMA, key=key, verdict="ship", reason="it helps", now=now)
    if reread:
        row = Reread(
            experiment=Experiment.objects.get(key=key),
            day=30,
            taken_at=now + timedelta(days=30),
            reading=reread,
            results={
                "effects": [asdict(effect("ctr", low=-0.01, high=0.02))],
                "sentence": "The effect it was shipped for is not what it was.",
            },
        )
        with writing(key):
            row.save(force_insert=True)
