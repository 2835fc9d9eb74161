"""L1: platform.used: the learner was there and did something that no other kind names."""

from signals.data import Tier
from signals.kinds.kind import Kind

KINDS = (
    Kind(
        name="platform.used",
        code=80,
        tier=Tier.PERSONALIZATION,
        purpose="know when a learner was active, so that sessions are whole",
        internal=True,
    ),
)
