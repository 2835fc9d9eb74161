"""Who wrote which plan, and who took which step? Never changed afterwards (measurement)."""

from django.db import models

from experiments.models.experiment import Experiment


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
