"""What was read, at looks and for the weekly review, and what cannot be read? (measurement)"""

from django.db import models

from experiments.models.experiment import Experiment


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


class ReturnReading(models.Model):
    """Who came back week by week in each arm, as of the newest look or the end; sums of arms."""

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="return_reading", primary_key=True
    )
    as_of = models.DateTimeField()
    sound = models.BooleanField()  # the arms could be compared then
    weeks = models.JSONField()  # [{week, arms: {arm: {learners, returned, effective}}}], in order

    def __str__(self) -> str:
        """Return of which experiment and moment it is."""
        return f"Returns of experiment {self.experiment_id} by {self.as_of:%Y-%m-%d}"


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


class KeyReading(models.Model):
    """What one key figure was, in the comparison group and outside it; made every night."""

    metric = models.CharField(max_length=40, primary_key=True)
    until = models.DateTimeField()
    content = models.JSONField()  # experiments.data.KeyLift without metric and until

    def __str__(self) -> str:
        """Return the metric."""
        return self.metric


class KeyGoal(models.Model):
    """What is wanted of one figure and who answers for it; its newest row holds."""

    metric = models.CharField(max_length=40)
    target = models.FloatField(null=True)  # of a key figure a lift; null: none of its own
    owner = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return what is wanted."""
        return f"{self.metric}: {self.target}, {self.owner}"


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
