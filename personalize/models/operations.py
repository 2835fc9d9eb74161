"""For operators: how were requests answered, and when did each job run? No learner stands in it."""

from django.db import models


class AnsweredMinute(models.Model):
    """How many requests of a kind all processes answered in a minute."""

    minute = models.DateTimeField()
    kind = models.CharField(max_length=12)  # personalize.operations.requests.Kind
    answered = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # with 5xx
    late = models.PositiveIntegerField(default=0)  # well, but after the time that kind has

    class Meta:
        constraints = [models.UniqueConstraint(fields=["minute", "kind"], name="answered_minute")]

    def __str__(self) -> str:
        """Return the kind and the minute."""
        return f"{self.kind} at {self.minute:%Y-%m-%d %H:%M}"


class JobRun(models.Model):
    """The newest run of a job of the clock, and the newest that succeeded."""

    job = models.CharField(max_length=100, primary_key=True)  # name of the task
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    took_s = models.FloatField(null=True)
    waited_s = models.FloatField(null=True)  # between the clock and the worker
    failures = models.PositiveIntegerField(default=0)  # in a row

    def __str__(self) -> str:
        """Return the job."""
        return self.job
