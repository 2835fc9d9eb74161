"""L1 and L2: what does a learner allow? The switches, their legal bases, and who switched what.

Tier 0 is needed for the contract. Tier 1 rests on legitimate interest and ends with an objection.
Tiers 2 and 3 need consent, and build on tier 1. Whoever cannot read a learner's switches treats
them as NOTHING: consent fails closed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from django.db import transaction

from signals import ledger
from signals.data import MINOR_BANDS, NOTHING, UNDER_13, Actor, Allowed, Purpose, Tier
from signals.models import Consent, ConsentChange
from signals.models.statements import run
from signals.privacy import registry

LEGAL_BASIS: Mapping[Tier, str] = MappingProxyType(
    {
        Tier.NEEDED: "contract",
        Tier.PERSONALIZATION: "legitimate interest, with the right to object",
        Tier.FINE_GRAINED: "consent",
        Tier.INFERRED: "consent with explanation",
    }
)
TIER_OF: Mapping[Purpose, Tier] = MappingProxyType(
    {
        Purpose.PERSONALIZATION: Tier.PERSONALIZATION,
        Purpose.FINE_GRAINED: Tier.FINE_GRAINED,
        Purpose.INFERRED: Tier.INFERRED,
    }
)

# Under 13 no profile is kept; under 18 nothing that needs consent. This is the one spelling of
# the rules in SQL, over `l` (signals_learner) and `c` (signals_consent, left joined): capture
# and serving both read it, so that they never differ.
PERSONALIZATION_SQL = f"(coalesce(c.personalization, true) AND l.age_band <> '{UNDER_13}')"
_OPT_IN = (
    "(coalesce(c.{column}, false) AND NOT coalesce(c.gpc, false)"
    f" AND coalesce(c.personalization, true) AND l.age_band NOT IN {MINOR_BANDS})"
)
FINE_GRAINED_SQL = _OPT_IN.format(column="fine_grained")
INFERRED_SQL = _OPT_IN.format(column="inferred")
ALLOWED_SQL = f"{PERSONALIZATION_SQL}, {FINE_GRAINED_SQL}, {INFERRED_SQL}"

_ALLOWED = f"""
SELECT {ALLOWED_SQL} FROM signals_learner l LEFT JOIN signals_consent c USING (learner_id)
WHERE l.learner_id = %b
"""  # noqa: S608  only the constants above are put in


def allowed(learner_id: int) -> Allowed:
    """Return what a learner allows now; NOTHING for who is unknown. Raises django.db.Error."""
    row = run(_ALLOWED, [learner_id]).fetchone()
    return Allowed(*row) if row else NOTHING


_ALLOWED_EACH = f"""
SELECT l.learner_id, {ALLOWED_SQL}
FROM signals_learner l LEFT JOIN signals_consent c USING (learner_id)
WHERE l.learner_id = ANY(%b::bigint[])
"""  # noqa: S608  only the constants above are put in


def allowed_each(learner_ids: Collection[int]) -> dict[int, Allowed]:
    """Return the same for many; who is unknown or erased is missing. Raises django.db.Error."""
    rows = run(_ALLOWED_EACH, [list(learner_ids)])
    return {learner_id: Allowed(*switches) for learner_id, *switches in rows}


def set_consent(
    learner_id: int, *, purpose: Purpose, granted: bool, via: str, actor: Actor, now: datetime
) -> Allowed:
    """Switch one purpose, keep the proof, tell the other apps, and return what is allowed now."""
    with transaction.atomic():
        Consent.objects.update_or_create(
            learner_id=learner_id, defaults={purpose.value: granted, "updated_at": now}
        )
        ConsentChange.objects.create(
            learner_id=learner_id,
            purpose=purpose,
            granted=granted,
            legal_basis=LEGAL_BASIS[TIER_OF[purpose]],
            via=via,
            actor=str(actor),
            at=now,
        )
        after = allowed(learner_id)
        registry.consent_changed(learner_id, after, now=now)
        ledger.append(
            actor=actor,
            action=f"consent.{purpose}",
            subject=f"learner:{learner_id}",
            detail={"granted": granted, "via": via},
            now=now,
        )
    return after


def honour_gpc(learner_id: int, *, now: datetime) -> Allowed:
    """Remember that a learner's browser sends Global Privacy Control: tiers 2 and 3 are off."""
    Consent.objects.update_or_create(
        learner_id=learner_id, defaults={"gpc": True, "updated_at": now}
    )
    return allowed(learner_id)
