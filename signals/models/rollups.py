"""L2: how much happened, in five-minute steps? Dashboards read this and never events."""

from django.db import models


class Rollup(models.Model):
    """Counts and sums of one kind of event in one step, surface and arm of the holdout."""

    pk = models.CompositePrimaryKey("step_at", "kind", "surface", "arm")
    step_at = models.DateTimeField()  # start of the five minutes, by corrected_at
    kind = models.SmallIntegerField()
    surface = models.SmallIntegerField(default=0)  # code in the request id; 0 not from a pick
    arm = models.SmallIntegerField(default=0)  # 0 not measured, 1 personal, 2 generic, 3 holdout
    count = models.BigIntegerField(default=0)
    total = models.FloatField(default=0)  # sum of value
    squares = models.FloatField(default=0)  # sum of value squared

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.kind} from {self.step_at:%Y-%m-%d %H:%M}"


class MixStep(models.Model):
    """How much of one part of what arrives came in one step: a kind of event, a language."""

    pk = models.CompositePrimaryKey("step_at", "mix", "part")
    step_at = models.DateTimeField()  # start of the five minutes, by received_at
    mix = models.CharField(max_length=12)
    part = models.CharField(max_length=120)
    count = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.mix} {self.part} from {self.step_at:%Y-%m-%d %H:%M}"


class RevenueWindow(models.Model):
    """What was paid in the 28 closed days up to a day, by where it came from; made every night."""

    pk = models.CompositePrimaryKey("until", "part")
    until = models.DateField()  # the first day after them
    part = models.CharField(max_length=12)  # of signals.data.RevenuePart
    payments = models.BigIntegerField()
    learners = models.BigIntegerField()
    total = models.FloatField()  # in the deployment's currency

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.part} until {self.until:%Y-%m-%d}"


class Watermark(models.Model):
    """Up to which transaction a reader has read; commit-safe because open ones are never passed."""

    reader = models.CharField(primary_key=True, max_length=40)
    tx = models.BigIntegerField(default=0)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.reader} at {self.tx}"


class Measured(models.Model):
    """Which metrics of an experiment are made ahead, and the number of the way they are made."""

    experiment = models.CharField(primary_key=True, max_length=80)
    form = models.BigIntegerField()
    metrics = models.JSONField()  # [name, window_days, from_days] of each, as they are packed

    def __str__(self) -> str:
        """Say which row it is."""
        return f"metrics of {self.experiment}"


class Exposure(models.Model):
    """Who was shown an arm of an experiment first, and when; the key is opaque here."""

    pk = models.CompositePrimaryKey("experiment", "learner_id")
    experiment = models.CharField(max_length=80)
    learner_id = models.BigIntegerField()
    arm = models.CharField(max_length=40)
    exposed_at = models.DateTimeField()
    # The class or cohort that was drawn with the learner in it, opaque; empty: drawn alone.
    cluster = models.CharField(max_length=100, default="", db_default="", blank=True)
    # What the experiment measures of the learner, made ahead (derive.kept); empty: not yet.
    measured = models.BinaryField(null=True)
    measured_form = models.BigIntegerField(null=True)  # in which way it was made
    measured_to = models.DateTimeField(null=True)  # the newest event in it

    UNMEASURED = {"measured": None, "measured_form": None, "measured_to": None}

    class Meta:
        indexes = [models.Index(fields=["learner_id"], name="exposure_learner")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.experiment}: {self.arm}"
