"""L1: order.* and subscription.*: what was paid, and which plan runs?"""

from typing import Annotated

import msgspec

from signals.data import Tier
from signals.kinds.kind import Context, Kind, Need, Value

MOST = 1e9


class Money(Context, frozen=True):
    """The currency (ISO 4217) and the plan."""

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    plan: Annotated[str, msgspec.Meta(max_length=80)] | None = None


def _kept(context: Money) -> dict[str, object] | None:
    parts = {"currency": context.currency, "plan": context.plan}
    return {name: part for name, part in parts.items() if part is not None} or None


def _money(name: str, code: int, need: Need) -> Kind:
    return Kind(
        name=name,
        code=code,
        tier=Tier.NEEDED,
        purpose="give access to what was paid for",
        value=Value(low=0, high=MOST, unit="amount", need=need),
        context=Money,
        keep=_kept,
        kept=("currency", "plan"),
        server_only=True,
    )


KINDS = (
    _money("order.paid", 60, Need.REQUIRED),
    _money("subscription.started", 61, Need.OPTIONAL),
    _money("subscription.ended", 62, Need.OPTIONAL),
)
