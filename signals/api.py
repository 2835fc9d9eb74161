"""What may other apps ask of signals? Typed functions and frozen dataclasses (L1, L2).

The catalogue and the aggregates have interfaces of their own: `signals.catalogue`,
`signals.aggregates`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from signals import ledger, request_ids, sealing
from signals.capture import groups, intake, keys, pages, published, quarantine, xapi
from signals.capture.spool import away, watch
from signals.capture.spool import keep as spool
from signals.capture.xapi import mapping, unmapped, verbs
from signals.data import (
    Actor,
    Allowed,
    ArmMoments,
    Asked,
    BatchResult,
    Derived,
    Exposed,
    HiddenVerbs,
    KeyDigest,
    KindLabel,
    LabelFigures,
    LearnerState,
    LedgerRow,
    ModuleState,
    NewEvent,
    NewVerbRule,
    Objected,
    Objective,
    PastEvent,
    Purpose,
    RequestRow,
    RetentionState,
    SignalContract,
    SourceKey,
    SourceState,
    Switches,
    TableUse,
    TrainingRows,
    UnmappedRow,
    VerbPreview,
    VerbRuleRow,
)
from signals.derive import features, held, kept, objectives, quality
from signals.derive import moments as exact
from signals.derive import objections as refusals
from signals.kinds.registry import KINDS
from signals.ledger import LedgerBrokenError
from signals.models import Account, Exposure, shelf
from signals.privacy import (
    accounts,
    consent,
    copies,
    erasure,
    export,
    gate,
    gpc,
    identity,
    own,
    registry,
    requests,
    reset,
    state,
    steps,
)
from signals.privacy import training_rows as training
from signals.privacy.fields import book
from signals.privacy.identity import ErasedLearnerError
from signals.processing.rules import crawler as crawler_rule

__all__ = [
    "REFUSED_DAYS",
    "Account",
    "ErasedLearnerError",
    "LedgerBrokenError",
    "allowed",
    "append_ledger",
    "authenticate",
    "cluster_moments",
    "contract",
    "create_key",
    "declare_fields",
    "derived",
    "drop_verb_rule",
    "ensure_learner",
    "erase_learner",
    "export_learner",
    "expose",
    "exposed_counts",
    "exposed_lately",
    "exposures",
    "external_id",
    "field_registry",
    "find_learner",
    "forget_caches",
    "format_preference",
    "groups_of",
    "hand_out",
    "hidden_verbs",
    "history",
    "honour_gpc",
    "honours_gpc",
    "is_crawler",
    "judge_quality",
    "keep_measured",
    "keys_in_force",
    "kind_codes",
    "kind_labels",
    "label_figures",
    "learner_state",
    "ledger_rows",
    "may_change_verbs",
    "may_set_objectives",
    "measured",
    "module_states",
    "moments",
    "moved",
    "new_request_id",
    "objections",
    "on_consent",
    "on_erase",
    "on_export",
    "on_left",
    "on_reset",
    "open_name",
    "preview_verb_rule",
    "record",
    "request_of",
    "requests_made",
    "reset_learner",
    "retention_state",
    "revoke_key",
    "rows_held",
    "seal_name",
    "set_age_band",
    "set_consent",
    "set_groups",
    "set_objective",
    "set_verb_rule",
    "source_states",
    "step_title",
    "storing",
    "switches",
    "tend_spool",
    "training_rows",
    "unmapped_verbs",
    "usual_moments",
    "verb_rules",
    "verify_ledger",
    "withdraw_gpc",
]

REFUSED_DAYS = sealing.DAY_KEY_DAYS  # for which refused input is kept, sealed

declare_fields = book.declare
on_consent = registry.on_consent
on_erase = registry.on_erase
on_export = registry.on_export
on_left = registry.on_left
on_reset = registry.on_reset
verify_ledger = ledger.verify


def authenticate(key: str, *, scope: str, now: datetime) -> SourceKey | None:
    """Return the source of a key in force that has the scope; a revoked key works 5 s at most.

    Raises django.db.Error when the database is away and the key was not seen in 10 minutes.
    """
    return keys.authenticate(key, scope=scope, now=now)


def create_key(
    source: str,
    *,
    scopes: Collection[str],
    days: int,
    actor: Actor,
    now: datetime,
    profile: str | None = None,
    origins: Collection[str] = (),
) -> str:
    """Make a key for a source (made when new) and return it in clear, shown once.

    `profile` says what is kept of its xAPI statements: capture (events) or store (all of them).
    `origins` are added to those from which its pages may send with a token.
    """
    return keys.create_key(
        source,
        scopes=scopes,
        days=days,
        actor=actor,
        now=now,
        profile=profile,
        origins=origins,
    )


def revoke_key(prefix: str, *, actor: Actor, now: datetime) -> bool:
    """End the key with this prefix; False when there is none in force."""
    return keys.revoke_key(prefix, actor=actor, now=now)


def keys_in_force(*, now: datetime) -> tuple[KeyDigest, ...]:
    """Return the digests of all keys in force, for the snapshot a node answers from."""
    return keys.keys_in_force(now=now)


def find_learner(external_id: str) -> int | None:
    """Return the learner of an external id, None when unknown or erased."""
    return identity.find_learner(external_id)


def ensure_learner(external_id: str, *, now: datetime, kind: str = "real") -> int:
    """Return the learner of an external id, made when unknown; ErasedLearnerError when erased."""
    return identity.ensure_learner(external_id, now=now, kind=kind)


def external_id(learner_id: int) -> str | None:
    """Return the external id of a learner, unsealed; None when unknown or erased."""
    return identity.external_id(learner_id)


def seal_name(learner_id: int, name: str) -> str:
    """Return what a session may keep of a learner's name."""
    return accounts.seal_name(learner_id, name)


def open_name(learner_id: int, sealed: str) -> str:
    """Return a name `seal_name` closed; empty where it cannot be read any more, or now."""
    return accounts.open_name(learner_id, sealed)


def learner_state(
    learner_id: int | None = None, *, external_id: str | None = None, now: datetime
) -> LearnerState | None:
    """Return kind, consent and history of a learner in one statement; None when unknown.

    `now` bounds nothing yet stored later. Raises django.db.Error when the database is away.
    """
    return state.learner_state(learner_id, external_id=external_id)


def module_states(
    learner_id: int, *, course_ids: Collection[int] | None = None
) -> list[ModuleState]:
    """Return how far a learner is in each module touched, in one statement."""
    return state.module_states(learner_id, course_ids=course_ids)


def allowed(learner_id: int) -> Allowed:
    """Return what a learner's switches allow now; NOTHING for who is unknown."""
    return consent.allowed(learner_id)


def storing(learner_ids: Collection[int]) -> dict[int, Allowed]:
    """Return what these learners allow, who is erased left out, and hold erasures off.

    For rows decided earlier and stored now; inside the transaction that stores them.
    """
    return gate.storing(learner_ids)


def set_consent(
    learner_id: int, *, purpose: Purpose, granted: bool, via: str, actor: Actor, now: datetime
) -> Allowed:
    """Switch one purpose of a learner, with proof and ledger entry; return what is allowed now.

    Raises ErasedLearnerError for who is gone.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        return consent.set_consent(
            learner_id, purpose=purpose, granted=granted, via=via, actor=actor, now=now
        )


def honour_gpc(learner_id: int, *, now: datetime) -> Allowed:
    """Remember Global Privacy Control for the account: tiers 2 and 3 are off from now on."""
    gpc.honour(learner_id, at=now)
    return consent.allowed(learner_id)


def withdraw_gpc(learner_id: int, *, now: datetime) -> None:
    """Let a learner choose again what Global Privacy Control switched off; it stays off so far.

    Raises ErasedLearnerError for who is gone.
    """
    gpc.withdraw(learner_id, at=now)


def new_request_id(
    *,
    at: datetime,
    surface: int,
    arm: request_ids.Arm,
    learner_id: int | None = None,
    entropy: bytes = b"",
) -> UUID:
    """Return the id of a new list, tied to its learner; without one it is nobody's in particular.

    Capture counts an event by surface and arm only where it names a list of its learner.
    """
    return request_ids.new_request_id(
        at=at,
        surface=surface,
        arm=arm,
        learner_id=learner_id or request_ids.NOBODY,
        key=sealing.request_key(),
        entropy=entropy,
    )


def honours_gpc(learner_id: int) -> bool:
    """Say whether Global Privacy Control was seen on the account, so that a page can show it."""
    return consent.honours_gpc(learner_id)


def record(events: Sequence[NewEvent], *, now: datetime, crawler: bool = False) -> BatchResult:
    """Store events of the product's own pages, with consent applied; durable on return.

    Inside a transaction of the caller they are committed with it. What a crawler did (see
    `is_crawler`) is kept and never learned from.
    """
    return intake.record(events, source_id=pages.pages_source_id(), now=now, crawler=crawler)


def tend_spool() -> None:
    """Let this process keep its node ready for PostgreSQL going away, and empty the spool."""
    watch.tend()


def is_crawler(agent: str) -> bool:
    """Say whether a user agent is a crawler's; ask where the request is, and keep the answer."""
    return crawler_rule.is_crawler(agent)


def judge_quality(*, now: datetime) -> int:
    """Judge everyone whose events changed, so that what is learned from is judged; return how many.

    Has nothing to do where the clock's job has just run.
    """
    return quality.judge_quality(now=now)


def format_preference(learner_id: int) -> dict[str, float]:
    """Return shares that add up to 1: how a learner gets on in each format; empty without consent.

    Observed, and never a learning style: a small part of a ranking, and never a reason to withhold.
    """
    return features.format_preference(learner_id)


def training_rows(*, until: datetime | None = None) -> TrainingRows:
    """Return the choices of real learners with personalization on, sorted by learner and time."""
    return training.training_rows(until=until)


def expose(rows: Sequence[Exposed]) -> None:
    """Remember first sights of an experiment's arm; a second one of a learner changes nothing."""
    Exposure.objects.bulk_create(
        [
            Exposure(
                experiment=row.experiment,
                learner_id=row.learner_id,
                arm=row.arm,
                exposed_at=row.exposed_at,
                cluster=row.cluster,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def set_groups(learner_id: int, groups_by_kind: Mapping[str, str], *, now: datetime) -> None:
    """Keep the class and the cohort of a learner; "" takes them out of that kind's."""
    groups.set_groups(learner_id, groups_by_kind, now=now)


def groups_of(learner_id: int) -> dict[str, str]:
    """Return the groups of a learner, "class" and "cohort", where there are any; one statement."""
    return groups.groups_of(learner_id)


def moved(experiment: str, *, kind: str) -> dict[str, int]:
    """Return by arm how many learners left the class or cohort that was drawn with them."""
    return groups.moved(experiment, kind=kind)


def exposed_counts(experiment: str, *, as_of: datetime) -> dict[str, int]:
    """Return how many real learners had seen each arm by then, each counted in the first."""
    return exact.exposed_counts(experiment, as_of=as_of)


def moments(
    experiment: str,
    *,
    metric: str,
    surfaces: Collection[int],
    window_days: int,
    as_of: datetime,
    from_days: int = 0,
    cohort: str | None = None,
) -> list[ArmMoments]:
    """Return n, sums, squares and products of one metric per arm, or per arm and cohort value.

    Of the window of so many days that begins from_days after the exposure; metrics are in
    `derive.measures`, cohorts in `derive.cohorts`. Several are read faster by `measured`.
    """
    one = Asked(metric, window_days, from_days)
    return exact.moments(experiment, [one], surfaces=surfaces, as_of=as_of, cohort=cohort)[one]


def measured(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
) -> dict[Asked, list[ArmMoments]]:
    """Return the same of several metrics, read in one pass."""
    return exact.moments(experiment, asked, surfaces=surfaces, as_of=as_of, cohort=cohort)


def keep_measured(
    experiment: str, asked: Sequence[Asked], *, surfaces: Collection[int], now: datetime
) -> int:
    """Count metrics for those whose events changed before somebody looks; return for how many.

    Whoever asks for some of these afterwards reads them; for others every event is read.
    """
    return kept.keep_measured(experiment, asked, surfaces=surfaces, now=now)


def usual_moments(
    asked: Asked, *, surfaces: Collection[int], days: int, as_of: datetime
) -> ArmMoments | None:
    """Return a metric as those had it who saw lists of these surfaces in the days before.

    The baseline of a plan: what an experiment of as many days would have read. None of nobody.
    """
    return exact.usual_moments(asked, surfaces=surfaces, days=days, as_of=as_of)


def cluster_moments(
    experiment: str,
    asked: Sequence[Asked],
    *,
    surfaces: Collection[int],
    as_of: datetime,
    cohort: str | None = None,
) -> dict[Asked, list[ArmMoments]]:
    """Return the same where classes were drawn: n clusters, and in `ratio` what each one sums to.

    The numerator is what its learners did together, the denominator how many they are. Learners
    who were in no cluster at their exposure are left out.
    """
    return exact.moments(
        experiment, asked, surfaces=surfaces, as_of=as_of, cohort=cohort, clustered=True
    )


def objections(experiment: str, *, as_of: datetime) -> list[Objected]:
    """Return when learners who are exposed to an experiment objected to personalization."""
    return refusals.objections(experiment, as_of=as_of)


def exposures(experiment: str) -> list[Exposed]:
    """Return every first exposure to an experiment that is still kept."""
    return [
        Exposed(experiment=experiment, **row)
        for row in Exposure.objects.filter(experiment=experiment)
        .order_by("learner_id")
        .values("learner_id", "arm", "exposed_at", "cluster")
    ]


def exposed_lately(experiment: str, *, as_of: datetime, most: int) -> Mapping[str, Sequence[int]]:
    """Return the learners of each arm who were exposed last, at most so many of each."""
    return refusals.exposed_lately(experiment, as_of=as_of, most=most)


def append_ledger(
    *,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
    learner_id: int | None = None,
) -> int:
    """Add a ledger entry as the last statement of the caller's transaction.

    With `learner_id` the detail is sealed under that learner's data key: use it wherever the
    detail names a person.
    """
    return ledger.append(
        actor=actor, action=action, subject=subject, detail=detail, now=now, learner_id=learner_id
    )


def ledger_rows(
    *, limit: int = 50, action_prefix: str = "", subject: str = "", before: int | None = None
) -> list[LedgerRow]:
    """Return the newest ledger entries first; those below the sequence `before`, to page on."""
    return ledger.rows(limit=limit, action_prefix=action_prefix, subject=subject, before=before)


def switches(learner_id: int) -> Switches:
    """Return a learner's switches as they were set, their age band, and what follows."""
    return own.switches(learner_id)


def set_age_band(learner_id: int, band: str, *, actor: Actor, now: datetime) -> Allowed:
    """Keep an age band; PermissionError where a learner says they are older than was said.

    Raises ErasedLearnerError for who is gone.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        return consent.set_age_band(learner_id, band, actor=actor, now=now)


def history(
    learner_id: int, *, limit: int = 20, before: tuple[datetime, UUID] | None = None
) -> tuple[PastEvent, ...]:
    """Return what is kept of what a learner did, newest first; `before` pages on."""
    return own.history(learner_id, limit=limit, before=before)


def rows_held(learner_id: int) -> dict[str, int]:
    """Return how many rows each table of any app holds about a learner, by "app.Model"."""
    return own.rows_held(learner_id)


def derived(learner_id: int) -> Derived | None:
    """Return what was computed about a learner; None where nothing is or may be."""
    return features.derived(learner_id)


def kind_labels() -> tuple[KindLabel, ...]:
    """Return every kind of signal with its tier, purpose and retention, for labels of data."""
    return own.kind_labels()


def label_figures() -> LabelFigures:
    """Return the figures that labels of data state beside those of each kind."""
    return own.label_figures()


def export_learner(
    learner_id: int, *, actor: Actor | None = None, now: datetime | None = None
) -> dict[str, object]:
    """Return all that every app holds about a learner; with an actor it is written down."""
    if actor is not None and now is not None:
        export.write_down(learner_id, actor=actor, now=now)
    return export.export_learner(learner_id)


def hand_out(learner_id: int, *, tables: bool, actor: Actor, now: datetime) -> Iterator[bytes]:
    """Write down that a copy is handed out, and return it in pieces, read as they are asked for.

    JSON, or a ZIP of tables that no spreadsheet takes for formulas. ErasedLearnerError for who is
    gone.
    """
    export.write_down(learner_id, actor=actor, now=now)
    parts = export.parts(learner_id)
    return copies.as_zip(parts) if tables else copies.as_json(parts)


def reset_learner(
    learner_id: int, *, whole: bool = False, actor: Actor, now: datetime
) -> tuple[UUID, dict[str, int]]:
    """Forget what was learned of a learner, courses and results apart; return the receipt.

    `whole` takes the history of steps with it: then only where the learner stands is left.
    """
    return reset.reset_learner(learner_id, whole=whole, actor=actor, now=now)


def request_of(receipt: UUID) -> RequestRow | None:
    """Return what was asked and done under a receipt."""
    return requests.find(receipt)


def requests_made(*, limit: int = 50, waiting: bool = False) -> Sequence[RequestRow]:
    """Return learners' requests that are done, newest first, or those that wait, due first."""
    return requests.rows(limit=limit, waiting=waiting)


def step_title(name: str) -> str:
    """Return what a step of an erasure is called, on receipts as on the officer's page."""
    return steps.title(name)


def erase_learner(learner_id: int, *, actor: Actor, now: datetime) -> dict[str, object]:
    """Erase a learner in every app and return the receipt; LookupError when there is none."""
    return erasure.erase_learner(learner_id, actor=actor, now=now)


def contract() -> SignalContract:
    """Return what sources may send and what becomes of it, as it is published."""
    return published.contract()


def field_registry() -> tuple[TableUse, ...]:
    """Return why each field of each table is kept, as every app declared it."""
    return book.declared()


def retention_state(*, now: datetime, exact: bool = True) -> RetentionState:
    """Return whether what is past its retention is gone, and events to come have a place.

    Where it need not be exact to the day, no event is read.
    """
    return held.retention_state(now=now, exact=exact)


def source_states(*, now: datetime) -> tuple[SourceState, ...]:
    """Return how fresh and complete each source in use is, those with an alarm first."""
    return objectives.source_states(now=now)


def may_set_objectives(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may say what is expected of a source."""
    return bool(objectives.MAY_CHANGE.intersection(roles))


def set_objective(
    actor: Actor, source: str, objective: Objective | None, *, reason: str, now: datetime
) -> None:
    """Say what is expected of a source (None: its habit); errors as `derive.objectives` says."""
    objectives.set_objective(actor, source, objective, reason=reason, now=now)


def verb_rules() -> tuple[VerbRuleRow, ...]:
    """Return which kind statements of xAPI become, by verb."""
    return verbs.listed()


def unmapped_verbs() -> tuple[UnmappedRow, ...]:
    """Return the verbs no rule knows that ten learners used, most frequent first."""
    return unmapped.rows()


def hidden_verbs() -> tuple[HiddenVerbs, ...]:
    """Return by source how many verbs no rule knows fewer learners used: no word of theirs."""
    return unmapped.hidden()


def may_change_verbs(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may say which kind a verb is."""
    return bool(verbs.MAY_CHANGE.intersection(roles))


def preview_verb_rule(actor: Actor, rule: NewVerbRule) -> VerbPreview:
    """Return what a rule would make of the newest statements; errors as `set_verb_rule`."""
    return mapping.preview(actor, rule)


def set_verb_rule(actor: Actor, rule: NewVerbRule, *, reason: str, now: datetime) -> None:
    """Make or change a rule, in force everywhere within five seconds.

    Raises PermissionError, and django.core.exceptions.ValidationError, which names the fields.
    """
    verbs.set_rule(actor, rule, reason=reason, now=now)


def drop_verb_rule(
    actor: Actor, *, verb: str, activity_type: str, reason: str, now: datetime
) -> None:
    """Forget a rule: its verb counts as unmapped again. LookupError where there is none."""
    verbs.drop_rule(actor, verb=verb, activity_type=activity_type, reason=reason, now=now)


def kind_codes() -> dict[str, int]:
    """Return the code stored with events of each kind."""
    return {name: kind.code for name, kind in KINDS.items()}


def forget_caches() -> None:
    """Empty what this process remembers: keys, learners met, data keys, the catalogue."""
    for forget in (
        watch.stop,
        keys.forget_cached,
        pages.forget_cached,
        quarantine.forget_cached,
        identity.forget_cached,
        sealing.forget_cached,
        shelf.forget,
        xapi.forget_cached,
        spool.forget_cached,
        away.forget,
    ):
        forget()
