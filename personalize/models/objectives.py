"""L4: what should lists strive for? The weights people gave, each change a row of its own."""

from django.db import models


class Objective(models.Model):
    """How much both probabilities count in a score; the newest row is in force."""

    engagement = models.FloatField()  # times the probability that a pick is opened
    progression = models.FloatField()  # times the probability that it is passed once begun
    least_chance = models.FloatField(default=0.0)  # of being opened, that a pick must have
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return both weights."""
        return f"engagement {self.engagement}, progression {self.progression}"
