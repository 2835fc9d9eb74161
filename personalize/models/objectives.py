"""L4: what should lists strive for? The weights people gave, each change a row of its own."""

from django.db import models


class Objective(models.Model):
    """What counts how much in a list, and what is capped; the newest row is in force."""

    engagement = models.FloatField()  # times the probability that a pick is opened
    progression = models.FloatField()  # times the probability that it is passed once begun
    least_chance = models.FloatField(default=0.0)  # of being opened, that a pick must have
    # Of a list, the most one field and one school take; the most taken off what is well known.
    field_share = models.FloatField(default=0.75)
    provider_share = models.FloatField(default=0.5)
    well_known = models.FloatField(default=0.2)
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return both weights."""
        return f"engagement {self.engagement}, progression {self.progression}"
