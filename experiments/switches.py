"""Who closes a surface for everybody, and opens it again? Off-switches with a reason (measurement).

Opened again, a switch is as it was made: a share or a list somebody set by hand holds again.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from experiments.models import Flag
from signals import api as signals
from signals.data import Actor


@transaction.atomic
def throw_switch(actor: Actor, name: str, *, off: bool, reason: str, now: datetime) -> bool:
    """Close what a switch is for to everybody, or open it; False where it stands so already.

    Whoever calls it has asked whether the actor may. Raises ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why: others will read it."})
    Flag.objects.get_or_create(name=name)
    flag = Flag.objects.select_for_update().get(name=name)
    before, after = flag.everyone, True if off else None
    if before is after:
        return False
    flag.everyone = after
    flag.save()
    signals.append_ledger(
        actor=actor,
        action="flag.switched",
        subject=name,
        detail={"everyone": [before, after], "reason": reason.strip()},
        now=now,
    )
    return True
