"""L1: rec.*: what was recommended, and what did the learner make of it? One rec.shown a list."""

from uuid import UUID

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Need

PURPOSE = "measure and improve recommendations"


class Shown(Context, frozen=True):
    """The recommendation request it belongs to."""

    request_id: UUID


def _answer(name: str, code: int) -> Kind:
    return Kind(
        name=f"rec.{name}",
        code=code,
        tier=Tier.PERSONALIZATION,
        purpose=PURPOSE,
        course=Need.REQUIRED,
        context=Shown,
    )


KINDS = (
    Kind(
        name="rec.shown",
        code=50,
        tier=Tier.PERSONALIZATION,
        purpose=PURPOSE,
        context=Shown,
    ),
    _answer("clicked", 51),
    _answer("dismissed", 52),
    _answer("snoozed", 53),
)
