"""Who is in which arm, who takes no part, and how far is it opened? (measurement)"""

from django.db import models

from experiments.models.experiment import Experiment


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
