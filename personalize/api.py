"""What may the control tower ask of personalize? Typed functions and frozen dataclasses."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from personalize.agents import demand
from personalize.agents.briefs.document import Document as BriefDocument
from personalize.agents.briefs.document import Figure as BriefFigure
from personalize.agents.briefs.document import as_markdown as brief_as_text
from personalize.agents.demand import Topic as DemandTopic
from personalize.algorithms.demand.gap import WEIGHTS as DEMAND_WEIGHTS
from personalize.algorithms.demand.gap import Gap
from personalize.algorithms.demand.gap import Part as DemandPart
from personalize.data import (
    CanaryState,
    Comparison,
    Effect,
    Explanation,
    Foreseen,
    Intent,
    Mistaken,
    ModelRow,
    NewOverride,
    ObjectiveRow,
    Objectives,
    OverrideLimits,
    OverrideRow,
    Preview,
    Recommendation,
    Replayed,
    Source,
    Trace,
)
from personalize.decision import (
    authority,
    changes,
    cohorts,
    explanations,
    fair,
    foresight,
    log,
    memory,
    mistakes,
    partitions,
    preview,
    review,
    trace,
    upkeep,
    verdict,
)
from personalize.decision import objectives as striving
from personalize.decision.context import Ask
from personalize.decision.fair import Fairness
from personalize.decision.recommend import recommend as _recommend
from personalize.decision.replayed import replayed as _replayed
from personalize.decision.review import Kept as KeptReview
from personalize.decision.review import NoReviewError
from personalize.decision.surfaces import SURFACES
from personalize.decision.surfaces.base import Surface
from personalize.decision.targets import FIGURES, Target
from personalize.decision.targets import set_target as _set_target
from personalize.decision.targets import targets as _targets
from personalize.decision.verdict import Kept as WeekVerdict
from personalize.decision.whatif import effect
from personalize.engine import canary as canaries
from personalize.engine import compared, registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.drift import alerts as drifting
from personalize.engine.drift import speed as speeds
from personalize.engine.drift import watch as drift_watch
from personalize.engine.drift.alerts import Alert as DriftAlert
from personalize.engine.drift.looks import Look as DriftLook
from personalize.engine.drift.speed import BOUNDS_MS, BUDGET_DAYS, LIMIT_MS, PROMISED, Speed
from personalize.engine.rules.registry import Governed
from personalize.engine.rules.told import told as _governed
from personalize.experience import agents as agents_seen
from personalize.experience import metadata as metadata_seen
from personalize.experience.agents import AgentState
from personalize.experience.campaigns import deciding as campaigning
from personalize.experience.campaigns import seen as campaigns_seen
from personalize.experience.campaigns.deciding import Wanted as CampaignWanted
from personalize.experience.campaigns.seen import Seen as CampaignSeen
from personalize.experience.desk import briefs as desk_briefs
from personalize.experience.desk import insights as desk_insights
from personalize.experience.desk.briefs import BriefRow
from personalize.experience.desk.insights import Insight
from personalize.experience.metadata import (
    KindState,
    MetadataState,
    NoProposalError,
    ProposalRow,
)
from personalize.experience.nudges import figures as reminded
from personalize.experience.nudges import policy as reminding
from personalize.experience.nudges.figures import Chosen as RemindersChosen
from personalize.experience.nudges.figures import Counted as RemindersCounted
from personalize.experience.nudges.figures import Limits as ReminderLimits
from personalize.experience.nudges.words import Words as ReminderWords
from personalize.experience.register import duties as register_duties
from personalize.experience.register import running as register_running
from personalize.experience.register.running import Entry as RegisterEntry
from personalize.llm import addresses as llm_addresses
from personalize.llm import choice as agent_choice
from personalize.llm.choice import Setting as AgentChoice
from personalize.operations import gauges, levels, tallies
from personalize.operations import jobs as clock_jobs
from personalize.operations.jobs import Job
from personalize.operations.levels import ServiceLevel
from signals import catalogue
from signals.data import Actor, CourseReach, PartitionState

__all__ = [
    "BOUNDS_MS",
    "BUDGET_DAYS",
    "DEMAND_WEIGHTS",
    "FIGURES",
    "LIMIT_MS",
    "OBJECTIVE_LIMITS",
    "PROMISED",
    "SURFACES",
    "USUAL_OBJECTIVES",
    "AgentChoice",
    "AgentState",
    "BriefDocument",
    "BriefFigure",
    "BriefRow",
    "CampaignSeen",
    "CampaignWanted",
    "DemandPart",
    "DemandTopic",
    "DriftAlert",
    "DriftLook",
    "Fairness",
    "Gap",
    "Governed",
    "Insight",
    "Job",
    "KeptReview",
    "KindState",
    "MetadataState",
    "ModelUnusable",
    "NoProposalError",
    "NoReviewError",
    "ProposalRow",
    "RegisterEntry",
    "ReminderLimits",
    "ReminderWords",
    "RemindersChosen",
    "RemindersCounted",
    "ServiceLevel",
    "Speed",
    "Surface",
    "Target",
    "WeekVerdict",
    "accept_metadata",
    "agent_addresses",
    "agent_backends",
    "agents",
    "approve_campaign",
    "approve_override",
    "assign_feature",
    "brief",
    "brief_as_text",
    "briefs",
    "briefs_of_topics",
    "campaign",
    "campaigns",
    "canary",
    "challenger",
    "check_override",
    "course_insight",
    "course_insights",
    "create_brief",
    "create_override",
    "decision",
    "decline_campaign",
    "demand_topic",
    "demand_topics",
    "drift",
    "drift_alerts",
    "edit_campaign",
    "error_budget",
    "explain",
    "fairness",
    "false_recommendations",
    "foresee_objectives",
    "foresee_objectives_for_all",
    "foresee_override",
    "forget_caches",
    "governed",
    "jobs",
    "keep_due_review",
    "kept_review",
    "kept_reviews",
    "live_model",
    "log_state",
    "may_answer_features",
    "may_approve_campaigns",
    "may_decide_metadata",
    "may_edit_campaigns",
    "may_set_agents",
    "may_set_objectives",
    "may_set_reminders",
    "may_take_drift",
    "may_write_briefs",
    "metadata_decided",
    "metadata_proposals",
    "metadata_state",
    "models",
    "newest_review",
    "objective_changes",
    "objective_examples",
    "objectives",
    "override_beyond",
    "override_cohorts",
    "override_limits",
    "overrides_in",
    "preview_override",
    "recommend",
    "refuse_override",
    "register_entries",
    "register_undeclared",
    "reject_metadata",
    "reminder_example",
    "reminder_limits",
    "reminders_chosen",
    "reminders_counted",
    "replayed",
    "review_so_far",
    "rollback",
    "service_levels",
    "set_agent",
    "set_objectives",
    "set_reminder_limits",
    "set_target",
    "sources",
    "speed",
    "stop_campaign",
    "stop_canary",
    "switch_agent",
    "switch_feature",
    "take_brief_step",
    "take_drift_alert",
    "targets",
    "undo_metadata",
    "undo_objectives",
    "undo_override",
    "verdicts",
]


OBJECTIVE_LIMITS = striving.LIMITS
USUAL_OBJECTIVES = striving.USUAL


def recommend(
    learner_id: int | None = None,
    *,
    external_id: str | None = None,
    surface: str = "home",
    unit: str = "",
    intent: Intent | None = None,
    k: int = 0,
    now: datetime,
) -> Recommendation:
    """Answer one request; empty unit and k are the surface's own. KeyError: unknown surface."""
    place = SURFACES[surface]
    return _recommend(
        Ask(
            learner_id=learner_id,
            external_id=external_id,
            surface=place,
            unit=unit or place.unit,
            intent=intent,
            k=k or place.k,
            now=now,
        )
    )


def check_override(actor: Actor, new: NewOverride, *, now: datetime) -> None:
    """Raise what `create_override` would raise; change nothing."""
    authority.check(actor, new, now=now)


def create_override(actor: Actor, new: NewOverride, *, now: datetime) -> OverrideRow:
    """Boost, lower, pin or hide a course until its end, or ask for it beyond the own limits.

    What it is predicted to do is kept beside it. Raises PermissionDenied, ValidationError.
    """
    authority.check(actor, new, now=now)
    predicted = effect.kept(effect.of_change(new, now=now))
    return changes.create(actor, new, predicted=predicted, now=now)


def foresee_override(new: NewOverride, *, now: datetime) -> Effect | None:
    """Return what the last logged requests would get under a change; None: none are ready."""
    return effect.of_change(new, now=now)


def foresee_objectives_for_all(wanted: Objectives, *, now: datetime) -> Effect | None:
    """Return what the last logged requests would get by other weights; None: none are ready."""
    return effect.of_objectives(wanted, now=now)


def undo_override(actor: Actor, override_id: int, *, now: datetime) -> OverrideRow:
    """End a change at once; PermissionDenied, LookupError when there is none."""
    return changes.undo(actor, override_id, now=now)


def false_recommendations(*, since: datetime, until: datetime) -> tuple[Mistaken, ...]:
    """Return how many picks of closed days were wrong, for all and by kind of learner."""
    return mistakes.false_recommendations(since=since, until=until)


def objectives() -> Objectives:
    """Return what lists strive for just now."""
    return striving.current()


def objective_changes() -> tuple[ObjectiveRow, ...]:
    """Return who changed what lists strive for, newest first."""
    return striving.listed()


def may_set_objectives(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides what lists strive for."""
    return striving.may_change(roles)


def set_objectives(actor: Actor, wanted: Objectives, *, reason: str, now: datetime) -> ObjectiveRow:
    """Change what lists strive for, at once; PermissionDenied, ValidationError below the floor."""
    return striving.change(actor, wanted, reason=reason, now=now)


def undo_objectives(actor: Actor, objective_id: int, *, reason: str, now: datetime) -> ObjectiveRow:
    """Put back what was before the newest change; PermissionDenied, ValidationError."""
    return striving.undo(actor, objective_id, reason=reason, now=now)


def objective_examples() -> tuple[tuple[str, str], ...]:
    """Return whom lists can be foreseen for: (key, words)."""
    return foresight.examples()


def foresee_objectives(
    wanted: Objectives, *, example: str = "", surface: str = "home", now: datetime
) -> Foreseen:
    """Return lists before and after weights that are not put in force; ValidationError."""
    return foresight.foresee(wanted, example=example, surface=surface, now=now)


def approve_override(
    actor: Actor, override_id: int, *, reason: str = "", now: datetime
) -> OverrideRow:
    """Put what waits in force as a second person; PermissionDenied, ValidationError, LookupError.

    Nobody approves what they asked for.
    """
    return changes.approve(actor, override_id, reason=reason, now=now)


def refuse_override(actor: Actor, override_id: int, *, reason: str, now: datetime) -> OverrideRow:
    """Refuse what waits, with a reason; raises what `approve_override` raises."""
    return changes.refuse(actor, override_id, reason=reason, now=now)


def override_beyond(actor: Actor, new: NewOverride, *, now: datetime) -> tuple[str, ...]:
    """Return what of a change needs a second person, in words; empty: nothing."""
    return changes.beyond(actor, new, now=now)


def override_cohorts() -> tuple[str, ...]:
    """Return whom a change can be for: "" is everyone."""
    return cohorts.all_of([field for field, _n in catalogue.fields() if field])


def override_limits(roles: Collection[str]) -> OverrideLimits:
    """Return how far somebody with these roles may change single courses."""
    return authority.limits(roles)


def overrides_in(state: str = "active", *, now: datetime) -> tuple[OverrideRow, ...]:
    """Return changes that are "active" (planned ones too), "waiting", both ("open") or "ended"."""
    return changes.listed(state, now=now)


def preview_override(
    new: NewOverride, *, learner: str = "", goal: str = "", surface: str = "home", now: datetime
) -> Preview:
    """Return a list before and after a change, for a learner or for somebody new with a goal.

    learner is an external id; goal a field of the catalogue, "" the field of the course.
    """
    return preview.preview(new, learner=learner, goal=goal, surface=surface, now=now)


def live_model() -> ModelRow | None:
    """Return the model that should serve, None before the first."""
    return registry.live_version()


def models(*, limit: int = 50) -> Sequence[ModelRow]:
    """Return the newest model versions, newest first."""
    return registry.versions(limit=limit)


def rollback(actor: Actor, version: str, *, reason: str, now: datetime) -> ModelRow:
    """Make a version live that served before; PermissionDenied, ModelUnusable."""
    return steps.rollback(version, actor=actor, reason=reason, now=now)


def review_so_far(*, now: datetime) -> Mapping[str, Any]:
    """Return what a review would say of the serving model today. Raises NoReviewError."""
    return review.so_far(now=now)


def kept_review(until: date, *, now: datetime) -> KeptReview:
    """Return the review of a fortnight, made where nobody opened it yet. Raises NoReviewError."""
    return review.kept(until, now=now)


def kept_reviews() -> tuple[date, ...]:
    """Return the days on which reviews of models were kept, newest first."""
    return review.ends()


def newest_review() -> KeptReview | None:
    """Return the review that was kept last, None before the first."""
    return review.newest()


def keep_due_review(*, now: datetime) -> str:
    """Keep the review of the fortnight that ended last; its day, or nothing to do."""
    return review.keep_due(now=now)


def verdicts() -> tuple[WeekVerdict, ...]:
    """Return the newest weekly verdicts on models, newest first."""
    return verdict.verdicts()


def targets(*, now: datetime) -> dict[str, Target]:
    """Return what is wanted of each figure of a model, and who answers for it."""
    return _targets(at=now)


def set_target(actor: Actor, new: Target, *, now: datetime) -> None:
    """Say what is wanted of a figure; PermissionDenied, ValidationError."""
    _set_target(actor, new, now=now)


def drift() -> tuple[DriftLook, ...]:
    """Return what the newest look found of everything watched; nothing before the first."""
    return drift_watch.newest()


def drift_alerts() -> tuple[DriftAlert, ...]:
    """Return the newest alerts of drift, those that are not over first."""
    return drifting.listed()


def may_take_drift(roles: Collection[str]) -> bool:
    """Say whether these roles may become the owner of an alert of drift."""
    return drifting.may_take(roles)


def speed(*, since: datetime, until: datetime) -> Speed:
    """Return how long lists took in a time, from counts of five minutes each."""
    return speeds.speed(since=since, until=until)


def error_budget(*, now: datetime) -> Speed:
    """Return the same of the days over which lists may fail their promise so often."""
    return speeds.budget(now=now)


def take_drift_alert(actor: Actor, number: int, *, reason: str, now: datetime) -> bool:
    """Make somebody the owner of an alert; False where it is over. PermissionDenied."""
    return drifting.take(actor, number, reason=reason, now=now)


def governed(version: str) -> tuple[Governed, ...]:
    """Return what each rule of training data did when a version was trained."""
    return _governed(version)


def canary() -> CanaryState | None:
    """Return the model a part of the learners sees before all do; None where there is none."""
    return canaries.state()


def stop_canary(actor: Actor, version: str, *, reason: str, now: datetime) -> bool:
    """Let nobody see a canary any more; False where it is one no more. PermissionDenied."""
    return steps.stop_canary(version, actor=actor, reason=reason, now=now)


def challenger() -> Comparison | None:
    """Return the model that waits for an experiment, and how a plan names it; None without one."""
    return compared.comparison()


def sources(*, since: datetime, until: datetime) -> Counter[Source]:
    """Count the newest 10,000 decisions of a time, at most, by where the list came from."""
    return trace.sources(since=since, until=until)


def decision(request_id: UUID) -> Trace | None:
    """Return a logged decision with all its parts, for staff; None when there is none."""
    return trace.read(request_id)


def replayed(request_id: UUID) -> Replayed | None:
    """Make a logged decision again and say whether it is the same; None where there is none."""
    return _replayed(request_id)


def log_state() -> PartitionState:
    """Return up to which day there is a place for decisions, and how many have none."""
    return partitions.state()


def explain(request_id: UUID, course_id: int, *, learner_id: int | None) -> Explanation | None:
    """Return the stored explanation of one item; learner_id None is staff."""
    return explanations.panel(request_id, course_id, learner_id=learner_id)


def may_set_reminders(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides how many reminders there are at most."""
    return reminding.may_change(roles)


def reminder_limits() -> ReminderLimits:
    """Return how many reminders a learner gets at most, who said so, and whether all are off."""
    return reminded.limits()


def set_reminder_limits(
    actor: Actor, *, most_a_week: int, mail_after_days: int, reason: str, now: datetime
) -> None:
    """Put other limits in force; 0 a week lets nobody be reminded. PermissionDenied.

    Raises ValidationError (by field).
    """
    reminding.change(
        actor,
        most_a_week=most_a_week,
        mail_after_days=mail_after_days,
        reason=reason,
        now=now,
    )


def reminders_counted(*, now: datetime) -> tuple[RemindersCounted, ...]:
    """Return the reminders of the last 28 days by kind and channel, of all learners together."""
    return reminded.counted(now=now)


def reminders_chosen() -> RemindersChosen:
    """Return how many learners stopped reminders, and how many want e-mails."""
    return reminded.chosen()


def reminder_example() -> ReminderWords | None:
    """Return a reminder as a made learner would read it; None without a course to speak of."""
    return reminded.example()


def may_decide_metadata(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles accepts and rejects proposals for courses."""
    return metadata_seen.may_decide(roles)


def metadata_state() -> MetadataState:
    """Return what is proposed of courses by kind, and how decisions moved what is shown."""
    return metadata_seen.state()


def metadata_proposals(kind: str) -> tuple[ProposalRow, ...]:
    """Return what is open of a kind and shown, what most speaks for first. Raises ValueError."""
    return metadata_seen.proposals(kind)


def metadata_decided() -> tuple[ProposalRow, ...]:
    """Return what was decided last, newest first."""
    return metadata_seen.decided()


def accept_metadata(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Put a proposal into the catalogue; its kind. PermissionDenied, ValidationError.

    Raises NoProposalError where there is none.
    """
    return metadata_seen.accept(actor, proposal_id, now=now)


def reject_metadata(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Let a proposal go for good; its kind. Raises as `accept_metadata` does."""
    return metadata_seen.reject(actor, proposal_id, now=now)


def undo_metadata(actor: Actor, proposal_id: int, *, now: datetime) -> str:
    """Make a decided proposal open again; its kind. Raises as `accept_metadata` does."""
    return metadata_seen.undo(actor, proposal_id, now=now)


def may_set_agents(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides which language model an agent uses."""
    return agent_choice.may_change(roles)


def agents(*, now: datetime) -> tuple[AgentState, ...]:
    """Return every agent that may use a language model, what it may spend and what it spent."""
    return agents_seen.told(now=now)


def agent_backends() -> tuple[tuple[str, str], ...]:
    """Return what agents can be given: (key, words)."""
    return agents_seen.backends()


def agent_addresses() -> tuple[str, ...]:
    """Return the addresses language models may stand at, as an operator listed them."""
    return llm_addresses.listed()


def set_agent(actor: Actor, agent: str, wanted: AgentChoice, *, reason: str, now: datetime) -> None:
    """Say what an agent may use from now on; PermissionDenied, ValidationError, KeyError."""
    agent_choice.change(actor, agent, wanted, reason=reason, now=now)


def switch_agent(actor: Actor, agent: str, *, on: bool, reason: str, now: datetime) -> None:
    """Switch an agent off or on; PermissionDenied, ValidationError (by field), KeyError."""
    agent_choice.switch(actor, agent, on=on, reason=reason, now=now)


def demand_topics() -> tuple[date | None, tuple[DemandTopic, ...]]:
    """Return the week that was counted last, with its topics; (None, ()) before the first."""
    return demand.newest()


def demand_topic(slug: str) -> tuple[date, DemandTopic] | None:
    """Return a topic as last counted, with the week it was counted in."""
    return demand.topic(slug)


def may_write_briefs(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles writes briefs and takes their steps."""
    return desk_briefs.may_write(roles)


def briefs() -> tuple[BriefRow, ...]:
    """Return all briefs, newest first, without their steps."""
    return desk_briefs.listed()


def brief(brief_id: int) -> BriefRow | None:
    """Return a brief with its steps."""
    return desk_briefs.read(brief_id)


def briefs_of_topics() -> Mapping[str, tuple[int, str]]:
    """Return the newest brief of each topic: its number, and its state in words."""
    return desk_briefs.of_topics()


def create_brief(actor: Actor, slug: str, *, now: datetime) -> BriefRow:
    """Write a brief for a topic, or return the open one; PermissionDenied, LookupError."""
    return desk_briefs.create(actor, slug, now=now)


def take_brief_step(
    actor: Actor,
    brief_id: int,
    state: str,
    *,
    reason: str = "",
    course_id: int | None = None,
    publish_by: date | None = None,
    now: datetime,
) -> BriefRow:
    """Take a step of a brief; PermissionDenied, ValidationError, LookupError where there is none.

    state is reviewed, claimed (publish_by), published (course_id) or dropped (reason).
    """
    return desk_briefs.step(
        actor,
        brief_id,
        state,
        reason=reason,
        course_id=course_id,
        publish_by=publish_by,
        now=now,
    )


def course_insights() -> Mapping[int, tuple[CourseReach, int | None]]:
    """Return by course how far learners came, and how many were shown it."""
    return desk_insights.overview()


def course_insight(course_id: int, *, now: datetime) -> Insight | None:
    """Return how a course fares; None before it was first counted."""
    return desk_insights.insight(course_id, now=now)


def service_levels(*, now: datetime) -> tuple[ServiceLevel, ...]:
    """Return what was promised to learners and to people at the controls, and how it is kept."""
    return levels.service_levels(now=now)


def jobs() -> tuple[Job, ...]:
    """Return the newest run of every job of the clock, by name."""
    return clock_jobs.jobs()


def fairness(*, now: datetime) -> Fairness:
    """Return how each kind of learner is served beside all others."""
    return fair.fairness(now=now)


def register_entries(*, now: datetime) -> tuple[RegisterEntry, ...]:
    """Return every feature that chooses or says something, as it runs."""
    return register_running.entries(now=now)


def register_undeclared() -> tuple[str, ...]:
    """Return what runs and stands in no feature of the register."""
    return register_running.undeclared()


def may_answer_features(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles says who answers for a feature."""
    return register_duties.may_answer(roles)


def may_switch_features(roles: Collection[str], *, off: bool) -> bool:
    """Say whether somebody with these roles may close a feature, or open it again."""
    return register_duties.may_switch(roles, off=off)


def assign_feature(
    actor: Actor, feature: str, *, owner: str, review_by: date, reason: str, now: datetime
) -> None:
    """Say who answers for a feature; PermissionDenied, ValidationError (by field), KeyError."""
    register_duties.assign(actor, feature, owner=owner, review_by=review_by, reason=reason, now=now)


def switch_feature(actor: Actor, feature: str, *, off: bool, reason: str, now: datetime) -> bool:
    """Close a feature at once, or open it; False where it stands so. Errors as `assign_feature`."""
    return register_duties.switch(actor, feature, off=off, reason=reason, now=now)


def may_edit_campaigns(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may change a proposed campaign, or decline it."""
    return campaigning.may_edit(roles)


def may_approve_campaigns(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may let a campaign begin, and stop it."""
    return campaigning.may_approve(roles)


def campaigns(*, now: datetime) -> tuple[CampaignSeen, ...]:
    """Return proposals, the largest group first, then what runs, then what is over."""
    return campaigns_seen.listed(now=now)


def campaign(number: UUID, *, now: datetime) -> CampaignSeen | None:
    """Return one campaign; None where there is none."""
    return campaigns_seen.one(number, now=now)


def edit_campaign(actor: Actor, number: UUID, wanted: CampaignWanted, *, now: datetime) -> None:
    """Keep what a person made of a proposal; PermissionDenied, ValidationError, LookupError."""
    campaigning.edit(actor, number, wanted, now=now)


def approve_campaign(
    actor: Actor, number: UUID, wanted: CampaignWanted, *, reason: str, now: datetime
) -> None:
    """Let a campaign begin; PermissionDenied, ValidationError (by field), LookupError."""
    campaigning.approve(actor, number, wanted, reason=reason, now=now)


def decline_campaign(actor: Actor, number: UUID, *, reason: str, now: datetime) -> None:
    """Put a proposal away; PermissionDenied, ValidationError (by field), LookupError."""
    campaigning.decline(actor, number, reason=reason, now=now)


def stop_campaign(actor: Actor, number: UUID, *, reason: str, now: datetime) -> int:
    """Stop a campaign at once; PermissionDenied, ValidationError (by field), LookupError."""
    return campaigning.stop(actor, number, reason=reason, now=now)


def forget_caches() -> None:
    """Empty what this process remembers: catalogue, controls, what is shown while away."""
    upkeep.reset()
    memory.wake()
    log.drop()
    tallies.drop()
    gauges.forget()
