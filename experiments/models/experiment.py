"""What was planned, who answers for it, and what became of it? One row each (measurement)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from experiments.data import IN_ARMS, PLAN_FORMAT, ExperimentRefusedError, People, Plan

if TYPE_CHECKING:
    from experiments.models.taking_part import RampStep


def open_to_all() -> list[float]:
    """Return the ramp of plans older than ramps: they were opened in one step."""
    return [1.0]


class Experiment(models.Model):
    """A registered comparison; what was planned is frozen with a digest when it is registered."""

    class State(models.TextChoices):
        """The way an experiment goes."""

        DRAFT = "draft", "Draft"
        REGISTERED = "registered", "Registered"
        APPROVED = "approved", "Approved"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        DECIDED = "decided", "Decided"
        ARCHIVED = "archived", "Archived"

    # The plan: frozen at registration, the same fields as experiments.data.Plan.
    key = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    hypothesis = models.TextField()
    surfaces = ArrayField(models.CharField(max_length=40))
    primary_metric = models.CharField(max_length=60)
    guardrails = ArrayField(models.CharField(max_length=60), default=list)
    mde = models.FloatField(help_text="Smallest effect worth finding, relative (0.1 is 10%)")
    baseline_mean = models.FloatField(help_text="Of the primary metric, before the experiment")
    baseline_sd = models.FloatField(help_text="Over learners; what the sample size is based on")
    planned_per_arm = models.PositiveIntegerField()
    look_days = ArrayField(models.PositiveSmallIntegerField())  # after it is open to all
    variants = ArrayField(models.CharField(max_length=40))  # the first is the control
    shares = ArrayField(models.FloatField())  # of the eligible, sums to at most 1
    salt = models.CharField(max_length=64)
    alpha = models.FloatField(default=0.05)
    power = models.FloatField(default=0.8)
    exploratory = models.BooleanField(default=False)
    serves = models.TextField(blank=True)  # the outcome, as a sentence
    decision_rule = models.TextField(blank=True)
    margins = ArrayField(models.FloatField(), default=list, blank=True)  # parallel to guardrails
    unit = models.CharField(max_length=10, default="learner")
    hash = models.CharField(max_length=12, default="blake2b")
    namespace = models.CharField(max_length=60, blank=True)
    namespace_from = models.FloatField(default=0.0)
    namespace_to = models.FloatField(default=1.0)
    ramp = ArrayField(models.FloatField(), default=open_to_all)  # shares it is opened to
    widens_by_itself = models.BooleanField(default=True)
    icc = models.FloatField(default=0.0)  # how alike those of one class are, 0..1
    cluster_size = models.FloatField(default=1.0)
    targeting = models.TextField(blank=True)  # a condition in JSON; empty: everybody
    design = models.CharField(max_length=12, default=IN_ARMS)  # or both rankers in one list
    format = models.PositiveSmallIntegerField(default=PLAN_FORMAT)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the frozen plan

    # Who answers for it, as the ledger names them.
    author = models.CharField(max_length=160, blank=True)
    registered_by = models.CharField(max_length=160, blank=True)
    approved_by = models.CharField(max_length=160, blank=True)
    approval_reason = models.TextField(blank=True)
    seconded_by = models.CharField(max_length=160, blank=True)
    seconding_reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=160, blank=True)

    # What happens to it.
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)  # since when; empty while it runs
    stopped_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=12, blank=True)
    verdict_reason = models.TextField(blank=True)

    class Meta:
        # What these and the triggers (migration 0004) hold is held for every door there is.
        constraints = [
            models.CheckConstraint(
                name="only_a_registered_plan_leaves_draft",
                condition=models.Q(state__in=["draft", "archived"]) | ~models.Q(digest=""),
            ),
            models.CheckConstraint(
                name="running_has_started",
                condition=models.Q(state__in=["draft", "registered", "approved", "archived"])
                | models.Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="nothing_runs_unapproved",
                condition=models.Q(state__in=["draft", "registered", "archived"])
                | ~models.Q(approved_by=""),
            ),
            models.CheckConstraint(
                name="exploratory_never_ships",
                condition=models.Q(exploratory=False) | ~models.Q(verdict="ship"),
            ),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a frozen plan; raise ExperimentRefusedError."""
        if not self.intact:
            raise ExperimentRefusedError(
                f"The plan of {self.key} was frozen when it was registered and cannot be changed. "
                "Stop the experiment and register a new one."
            )
        super().save(*args, **kwargs)

    @property
    def plan(self) -> Plan:
        """Return the plan as it stands in the row."""
        return Plan(
            key=self.key,
            title=self.title,
            hypothesis=self.hypothesis,
            surfaces=tuple(self.surfaces),
            primary_metric=self.primary_metric,
            guardrails=tuple(self.guardrails),
            mde=self.mde,
            baseline_mean=self.baseline_mean,
            baseline_sd=self.baseline_sd,
            planned_per_arm=self.planned_per_arm,
            look_days=tuple(self.look_days),
            variants=tuple(self.variants),
            shares=tuple(self.shares),
            salt=self.salt,
            alpha=self.alpha,
            power=self.power,
            exploratory=self.exploratory,
            serves=self.serves,
            decision_rule=self.decision_rule,
            margins=tuple(self.margins),
            unit=self.unit,
            hash=self.hash,
            namespace=self.namespace,
            namespace_from=self.namespace_from,
            namespace_to=self.namespace_to,
            ramp=tuple(self.ramp),
            widens_by_itself=self.widens_by_itself,
            icc=self.icc,
            cluster_size=self.cluster_size,
            targeting=self.targeting,
            design=self.design,
            format=self.format,
        )

    @property
    def people(self) -> People:
        """Return who answers for it."""
        return People(
            author=self.author,
            registered_by=self.registered_by,
            approved_by=self.approved_by,
            approved_at=self.approved_at,
            approval_reason=self.approval_reason,
            seconded_by=self.seconded_by,
            decided_by=self.decided_by,
        )

    @property
    def intact(self) -> bool:
        """Say whether the plan is still the one that was frozen; a draft always is."""
        return not self.digest or self.plan.digest() == self.digest

    @property
    def opened_to(self) -> float:
        """Return the share of units it is opened to, or would be if it went on."""
        steps = self.openings
        return float(steps[-1].share if steps else self.ramp[0])

    @property
    def opened_at(self) -> datetime | None:
        """Return since when it is open to all its plan says; None before, and while it climbs."""
        if self.started_at is None or len(self.ramp) == 1:
            return self.started_at
        return next((step.at for step in self.openings if step.share == self.ramp[-1]), None)

    @property
    def openings(self) -> "list[RampStep]":
        """Return the steps of its ramp in their order; from memory where they were prefetched."""
        return sorted(self.ramp_steps.all(), key=lambda step: step.number)

    @property
    def switch(self) -> str:
        """Return the name of the flag that switches this experiment off."""
        return f"experiment:{self.key}"
