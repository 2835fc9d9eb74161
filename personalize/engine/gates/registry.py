"""Which gates must a model pass before it serves? (L3) One line each; all of them judge."""

from collections.abc import Callable

from personalize.data import GateFinding
from personalize.engine.gates.beats_item_knn import beats_item_knn
from personalize.engine.gates.beats_popularity import beats_popularity
from personalize.engine.gates.bot_share import bot_share
from personalize.engine.gates.cohort_gaps import cohort_gaps
from personalize.engine.gates.context import GateContext
from personalize.engine.gates.coverage import coverage
from personalize.engine.gates.minimum_data import minimum_data
from personalize.engine.gates.not_below_champion import not_below_champion
from personalize.engine.gates.refused_events import refused_events
from personalize.engine.gates.silent_source import silent_source
from personalize.engine.gates.unknown_ids import unknown_ids

Gate = Callable[[GateContext], GateFinding]

GATES: tuple[Gate, ...] = (
    minimum_data,
    refused_events,
    unknown_ids,
    bot_share,
    silent_source,
    beats_popularity,
    beats_item_knn,
    not_below_champion,
    coverage,
    cohort_gaps,
)


def judge(context: GateContext) -> tuple[GateFinding, ...]:
    """Return what every gate found, in the order of the registry."""
    return tuple(gate(context) for gate in GATES)
