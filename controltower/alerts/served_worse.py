"""People at the controls: is any kind of learner served clearly worse than all others?"""

from collections.abc import Iterator
from datetime import datetime

from controltower.alerts.rule import WARN, Found, Rule
from personalize import api as personalize


def find(_now: datetime) -> Iterator[Found]:
    """Find the gaps of the live model that lie beyond their bound as a whole."""
    model = personalize.live_model()
    gaps = [gap for gap in model.assessed.gaps if gap.alarm] if model and model.assessed else []
    if model and gaps:
        yield Found(
            f"Kinds of learners served worse: {len({(g.cohort, g.value) for g in gaps})}",
            "Their whole interval lies beyond the bound; the model review names them.",
            about=model.version,
        )


RULE = Rule("gaps", "Nobody is served worse", WARN, "tower:model_review", "models", find)
