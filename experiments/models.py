"""Measurement: registered experiments, sticky assignments, read-outs and the flag of waffle."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from waffle.models import AbstractUserFlag

from experiments.data import IN_ARMS, PLAN_FORMAT, ExperimentRefusedError, People, Plan
from experiments.stats.bucketing import in_share


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
        last = self.ramp_steps.order_by("-number").values_list("share", flat=True).first()
        return float(self.ramp[0] if last is None else last)

    @property
    def opened_at(self) -> datetime | None:
        """Return since when it is open to all its plan says; None before, and while it climbs."""
        if self.started_at is None or len(self.ramp) == 1:
            return self.started_at
        steps = self.ramp_steps.filter(share=self.ramp[-1]).order_by("number")
        return steps.values_list("at", flat=True).first()

    @property
    def switch(self) -> str:
        """Return the name of the flag that switches this experiment off."""
        return f"experiment:{self.key}"


class Version(models.Model):
    """A plan as it stood after somebody wrote it; never changed, so drafts have a history too."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()  # 1 is the first draft
    by = models.CharField(max_length=160)  # as the ledger names them
    at = models.DateTimeField()
    plan = models.JSONField()
    changed = models.JSONField(default=dict)  # field -> [before, after]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="one_version_a_number")
        ]

    def __str__(self) -> str:
        """Return which version it is."""
        return f"Version {self.number} of experiment {self.experiment_id}"


class Part(models.Model):
    """A step that an account took: names of accounts change, the two-person rule must not."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="parts")
    step = models.CharField(max_length=12)  # wrote, froze, approved, seconded
    account_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "step", "account_id"], name="one_part_a_step"
            )
        ]

    def __str__(self) -> str:
        """Return who did what."""
        return f"Account {self.account_id} {self.step} experiment {self.experiment_id}"


class Assignment(models.Model):
    """The arm a learner stays in, whatever happens to shares later.

    `cluster` is the class or cohort that was drawn with the learner in it, and stays too.
    """

    pk = models.CompositePrimaryKey("experiment_id", "learner_id")
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE)
    learner_id = models.BigIntegerField()
    variant = models.CharField(max_length=40)
    assigned_at = models.DateTimeField()
    cluster = models.CharField(max_length=100, default="", db_default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["learner_id"], name="assignment_learner")]

    def __str__(self) -> str:
        """Return who is in which arm."""
        return f"{self.learner_id} in {self.variant} of experiment {self.experiment_id}"


class Exclusion(models.Model):
    """A learner who takes no part, and why: never drawn, never exposed, so in no reading."""

    class Reason(models.TextChoices):
        """Why somebody takes no part; the first three are kinds of learners."""

        STAFF = "staff", "Staff"
        BOT = "bot", "Bot"
        TEST = "test", "Test account"
        MANUAL = "manual", "By hand"
        NO_GROUP = "no_group", "In no class or cohort"

    pk = models.CompositePrimaryKey("learner_id", "experiment_key")
    learner_id = models.BigIntegerField()
    experiment_key = models.CharField(max_length=80, blank=True)  # empty: every one
    reason = models.CharField(max_length=8, choices=Reason.choices)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return who is left out, and why."""
        return f"{self.learner_id}: {self.reason}"


class SurfaceHoldout(models.Model):
    """The share of learners no experiment of a surface takes in, so that all can be measured."""

    surface = models.CharField(max_length=40, primary_key=True)
    share = models.FloatField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_holdout_is_a_small_share",
                condition=models.Q(share__gte=0) & models.Q(share__lte=0.2),
            )
        ]

    def __str__(self) -> str:
        """Return the surface and its share."""
        return f"{self.surface}: {self.share:.0%}"


class RampStep(models.Model):
    """One opening of an experiment, the start among them, with what was known when it was taken."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="ramp_steps")
    number = models.PositiveSmallIntegerField()  # 1 is the start
    share = models.FloatField()  # of units
    at = models.DateTimeField()
    by = models.CharField(max_length=160)  # as the ledger names them
    reason = models.TextField(blank=True)  # of a step back
    evidence = models.JSONField(default=dict)  # as it was read; empty where none is asked for

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="one_opening_a_number"),
            models.CheckConstraint(
                name="an_opening_is_a_share",
                condition=models.Q(share__gt=0) & models.Q(share__lte=1),
            ),
        ]

    def __str__(self) -> str:
        """Return the share."""
        return f"{self.share:.0%} of experiment {self.experiment_id}"


class Snapshot(models.Model):
    """One analysis run at one look, kept as it was computed."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="snapshots")
    look = models.PositiveSmallIntegerField()  # 1-based
    taken_at = models.DateTimeField()
    results = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "look"], name="one_per_look")]

    def __str__(self) -> str:
        """Return which look it is."""
        return f"Look {self.look} of experiment {self.experiment_id}"


class Review(models.Model):
    """What was there to decide in a week, as text: pages made of it are the same for ever."""

    week = models.CharField(max_length=8, primary_key=True)  # 2026-W47
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    content = models.TextField()  # canonical JSON
    digest = models.CharField(max_length=64)  # SHA-256 of the content

    def __str__(self) -> str:
        """Return the week."""
        return self.week


class Holdback(models.Model):
    """How many of the control's learners wait after something was shipped, for its re-reads."""

    experiment = models.OneToOneField(Experiment, on_delete=models.CASCADE, related_name="holdback")
    share = models.FloatField()  # of the control's learners
    until = models.DateTimeField()

    def __str__(self) -> str:
        """Return the share."""
        return f"{self.share:.0%} of the control of experiment {self.experiment_id}"


class Reread(models.Model):
    """A decision to ship, read again so many days later and kept as it was computed."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="rereads")
    day = models.PositiveSmallIntegerField()  # after the decision
    taken_at = models.DateTimeField()
    reading = models.CharField(max_length=12)  # lasting, faded, harm, not clear
    results = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "day"], name="one_reread_a_day")
        ]

    def __str__(self) -> str:
        """Return which one it is."""
        return f"Day {self.day} of experiment {self.experiment_id}: {self.reading}"


class Answer(models.Model):
    """What people said to a re-read that spoke against what was shipped."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveSmallIntegerField()  # 1 is the first
    at = models.DateTimeField()
    by = models.CharField(max_length=160)  # as the ledger names them
    keeps = models.BooleanField()  # False: taken back from everybody
    reason = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="one_answer_a_number")
        ]

    def __str__(self) -> str:
        """Return what was said."""
        return f"Experiment {self.experiment_id} is {'kept' if self.keeps else 'taken back'}"


class Unwatched(models.Model):
    """An experiment that cannot be watched: since when, and at how many beats in a row."""

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="unwatched", primary_key=True
    )
    since = models.DateTimeField()
    times = models.PositiveIntegerField()

    def __str__(self) -> str:
        """Return how often."""
        return f"Experiment {self.experiment_id} was not watched {self.times} times"


class Flag(AbstractUserFlag):
    """A waffle flag whose percentage is a stable share of learners, not of visits.

    One person gets one answer: from a request, from the account, and from the bare learner id
    which REST and Celery have. So what belongs to a visit (waffle's cookies, its testing mode,
    the browser's language) does not decide for a learner.
    """

    # Waffle's default is True; here nobody is in a share who was not drawn or named.
    superusers = models.BooleanField(
        default=False, verbose_name="Superusers", help_text="Flag always active for superusers?"
    )

    def share(self) -> float:
        """Return which share of learners is drawn, 0..1."""
        if self.everyone is not None:
            return float(self.everyone)
        return float(self.percent or 0) / 100

    def salt(self) -> str:
        """Return the salt of this flag's buckets."""
        return f"flag:{self.name}"

    def is_active(self, request: HttpRequest, read_only: bool = False) -> bool | None:
        """Waffle's door for requests: a learner's own answer, where a learner is signed in.

        Staff without a learner and visitors keep waffle's testing mode and language rule.
        """
        user = getattr(request, "user", None)
        if self.pk and user is not None and getattr(user, "learner_id", None) is not None:
            return bool(self.is_active_for_user(user))
        return super().is_active(request, read_only)

    def _is_active_for_percent(self, request: HttpRequest, read_only: bool) -> bool | None:
        """Waffle draws a visit here and remembers it in a cookie: who is no learner is not in."""
        return None

    def is_active_for_user(self, user: AbstractBaseUser) -> bool | None:
        """Return True where the account is on one of the flag's lists or its learner is drawn."""
        # Waffle's own method lets a listed user in although the flag is off for everyone.
        if self.everyone is not None:
            return bool(self.everyone)
        learner_id = getattr(user, "learner_id", None)
        if learner_id is not None and self._draws(learner_id):
            return True
        return True if super().is_active_for_user(user) else None

    def is_active_for_learner(self, learner_id: int) -> bool:
        """Return the answer for a learner; the door for REST and tasks."""
        if self.everyone is not None or self._draws(learner_id):
            return self.everyone is not False
        if not self._lists_anybody:
            return False
        account = get_user_model().objects.filter(learner_id=learner_id).first()
        return account is not None and bool(self.is_active_for_user(account))

    def _draws(self, learner_id: int) -> bool:
        return in_share(unit=learner_id, salt=self.salt(), share=self.share())

    @cached_property
    def _lists_anybody(self) -> bool:
        # Once an instance, and instances live as long as a request: waffle asks the cache twice.
        return bool(
            self.authenticated
            or self.staff
            or self.superusers
            or self._get_user_ids()
            or self._get_group_ids()
        )
