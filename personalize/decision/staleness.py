"""How old is what a list was made of? (L4) The newest thing the learner did, and the model."""

from datetime import datetime

from personalize.decision import metrics
from personalize.decision.context import Ask, Context
from personalize.engine.serving import LoadedModel


def observe(ask: Ask, known: Context, model: LoadedModel | None) -> None:
    """Count the ages behind one personal list, for operators."""
    if known.newest_at is not None:
        metrics.NEWEST_EVENT_AGE.observe(max(0.0, ask.now.timestamp() - known.newest_at))
    if model is not None:
        metrics.MODEL_AGE.observe(_age_s(model.card.trained_at, ask.now))


def _age_s(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())
