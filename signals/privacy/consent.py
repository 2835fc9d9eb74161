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
from signals.data import MINOR_BANDS, NOTHING, UNDER_13, Actor, ActorKind, Allowed, Purpose, Tier
from signals.models import Consent, ConsentChange, Learner, PrivacyRequest
from signals.models.statements import run
from signals.privacy import registry, requests

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

BANDS = ("", "under18", UNDER_13)  # from the least to the most protected

GPC = "gpc"
GPC_BASIS = "objection by Global Privacy Control"

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

# Of an event of a learner `l`: it is from before what they had forgotten. A source that sends its
# events again brings nothing of it back.
FORGOTTEN_NEEDED_SQL = "coalesce({at} < l.forgot_at, false)"
FORGOTTEN_SQL = "coalesce({at} < greatest(l.reset_at, l.forgot_at), false)"


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
        objects = purpose is Purpose.PERSONALIZATION and not granted
        if objects and allowed(learner_id).personalization:  # an objection is a request, met here
            requests.done(PrivacyRequest.Kind.OBJECT, learner_id=learner_id, actor=actor, now=now)
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


_HONOUR = """
INSERT INTO signals_consent AS c
    (learner_id, personalization, fine_grained, inferred, gpc, updated_at)
SELECT l.learner_id, true, false, false, true, %b FROM signals_learner l
WHERE l.learner_id = %b FOR SHARE
ON CONFLICT (learner_id) DO UPDATE SET gpc = true, updated_at = excluded.updated_at
WHERE NOT c.gpc RETURNING c.learner_id
"""


def honours_gpc(learner_id: int) -> bool:
    """Say whether Global Privacy Control was seen on the account, and so is honoured."""
    return Consent.objects.filter(learner_id=learner_id, gpc=True).exists()


def honour_gpc(learner_id: int, *, now: datetime) -> None:
    """Remember that a learner's browser sends Global Privacy Control: tiers 2 and 3 are off.

    The first time leaves its proof and its ledger entry; nobody is made who is unknown or erased.
    Inside the caller's transaction, which holds erasures off.
    """
    if run(_HONOUR, [now, learner_id]).fetchone() is not None:
        _keep_proof_of_gpc(learner_id, granted=False, now=now)


def withdraw_gpc(learner_id: int, *, now: datetime) -> None:
    """Forget it at a learner's own wish: tiers 2 and 3 stay off until they are switched on.

    Inside the caller's transaction, which holds erasures off.
    """
    honoured = Consent.objects.filter(learner_id=learner_id, gpc=True)
    if honoured.update(gpc=False, fine_grained=False, inferred=False, updated_at=now):
        _keep_proof_of_gpc(learner_id, granted=True, now=now)


def _keep_proof_of_gpc(learner_id: int, *, granted: bool, now: datetime) -> None:
    via = "page" if granted else GPC
    actor = Actor(ActorKind.LEARNER, str(learner_id))
    ConsentChange.objects.create(
        learner_id=learner_id,
        purpose=GPC,
        granted=granted,
        legal_basis=GPC_BASIS,
        via=via,
        actor=str(actor),
        at=now,
    )
    registry.consent_changed(learner_id, allowed(learner_id), now=now)
    ledger.append(
        actor=actor,
        action=f"consent.{GPC}",
        subject=f"learner:{learner_id}",
        detail={"granted": granted, "via": via},
        now=now,
    )


def set_age_band(learner_id: int, band: str, *, actor: Actor, now: datetime) -> Allowed:
    """Keep which age band a learner is in: a younger one protects more, and at once.

    Raises:
        PermissionError: a learner may not say of themselves that they are older than was said.
        ValueError: there is no such band.
    """
    if band not in BANDS:
        raise ValueError(f"There is no age band {band!r}; say one of {', '.join(BANDS[1:])}.")
    with transaction.atomic():
        row = Learner.objects.select_for_update().get(learner_id=learner_id)
        older = BANDS.index(band) < BANDS.index(row.age_band)
        if older and actor.kind is ActorKind.LEARNER:
            raise PermissionError("Ask your school or the privacy officer to change it back.")
        row.age_band = band
        row.save(update_fields=["age_band"])
        if band == UNDER_13:
            registry.reset_everywhere(learner_id)  # no profile is kept, also not of before
        after = allowed(learner_id)
        registry.consent_changed(learner_id, after, now=now)
        ledger.append(
            actor=actor,
            action="learner.age_band",
            subject=f"learner:{learner_id}",
            detail={"protected": band in MINOR_BANDS},
            now=now,
        )
    return after
