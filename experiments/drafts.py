"""Which items does a learner's list hold today, and whose are they? Two rankings (measurement).

The coins of a draft come from the experiment, the learner and the day (UTC): a list that is asked
for again on the same day is the same again, as far as both rankings are.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b

import numpy as np

from experiments.data import Drafted, Drafting
from experiments.stats import interleaving


def draft(
    drafting: Drafting,
    learner_id: int,
    *,
    control: Sequence[int],
    variant: Sequence[int],
    k: int,
    now: datetime,
) -> Drafted:
    """Return at most k items of two rankings, best first, and whose each is."""
    said = f"{drafting.salt}:{learner_id}:{now.astimezone(UTC).date()}".encode()
    seed = int.from_bytes(blake2b(said, digest_size=8).digest())
    return interleaving.draft(control, variant, k=k, rng=np.random.default_rng(seed))
