"""Measurement: registered experiments, sticky assignments, read-outs and the flag of waffle."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from waffle.models import AbstractUserFlag

from experiments.stats.bucketing import in_share


class Experiment(models.Model):
    """A registered comparison; what was planned is frozen with a digest when it starts."""

    class State(models.TextChoices):
        """The way an experiment goes."""

        DRAFT = "draft", "Draft"
        REGISTERED = "registered", "Registered"
        RUNNING = "running", "Running"
        STOPPED = "stopped", "Stopped"
        DECIDED = "decided", "Decided"

    key = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    hypothesis = models.TextField()
    surfaces = ArrayField(models.CharField(max_length=40))
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    primary_metric = models.CharField(max_length=60)
    guardrails = ArrayField(models.CharField(max_length=60), default=list)
    mde = models.FloatField(help_text="Smallest effect worth finding, relative (0.1 is 10%)")
    planned_per_arm = models.PositiveIntegerField()
    look_days = ArrayField(models.PositiveSmallIntegerField())  # days after the start, ascending
    variants = ArrayField(models.CharField(max_length=40))  # the first is the control
    shares = ArrayField(models.FloatField())  # of the eligible, sums to at most 1
    salt = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the frozen plan
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Assignment(models.Model):
    """The arm a learner stays in, whatever happens to shares later."""

    pk = models.CompositePrimaryKey("experiment_id", "learner_id")
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE)
    learner_id = models.BigIntegerField()
    variant = models.CharField(max_length=40)
    assigned_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["learner_id"], name="assignment_learner")]


class Snapshot(models.Model):
    """One analysis run at one look, kept as it was computed."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="snapshots")
    look = models.PositiveSmallIntegerField()  # 1-based
    taken_at = models.DateTimeField()
    results = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "look"], name="one_per_look")]


class Flag(AbstractUserFlag):
    """A waffle flag whose percentage is a stable share of learners, not of visits.

    The bucket is a salted hash of the account's learner, so that web, REST and Celery agree and a
    growing share keeps those who were in.
    """

    def _is_active_for_percent(self, request: object) -> bool | None:
        """Waffle's hook for requests: the same answer as for the user behind it."""
        return self.is_active_for_user(getattr(request, "user", None))

    def is_active_for_user(self, user: object) -> bool | None:
        """Return True where waffle's own lists say so or the learner's bucket is in the share."""
        if user is None or not getattr(user, "is_authenticated", False):
            return None
        if super().is_active_for_user(user):
            return True
        learner_id = getattr(user, "learner_id", None)
        return self.is_active_for_learner(learner_id) if learner_id is not None else None

    def is_active_for_learner(self, learner_id: int) -> bool:
        """Return whether the learner is in the flag's share; the door for REST and tasks."""
        if self.everyone is not None:
            return bool(self.everyone)
        return self.percent is not None and in_share(
            unit=learner_id, salt=f"flag:{self.name}", share=float(self.percent) / 100
        )
