"""Who waits for what was shipped, how did it read later, what was said to that? (measurement)"""

from django.db import models

from experiments.models.experiment import Experiment


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
