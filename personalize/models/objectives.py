"""L4: what should lists strive for? The weights people gave, each change a row of its own."""

from django.db import models

from personalize.models.steered import Steered


class Objective(Steered):
    """What counts how much in some lists, and what is capped; the newest that acts is in force."""

    engagement = models.FloatField()  # times the probability that a pick is opened
    progression = models.FloatField()  # times the probability that it is passed once begun
    least_chance = models.FloatField(default=0.0)  # of being opened, that a pick must have
    # Of a list, the most one field and one school take; the most taken off what is well known.
    field_share = models.FloatField(default=0.75)
    provider_share = models.FloatField(default=0.5)
    well_known = models.FloatField(default=0.2)
    surface = models.CharField(max_length=40, blank=True, default="", db_default="")  # everywhere
    cohort = models.CharField(max_length=140, blank=True, default="", db_default="")  # everyone
    reason = models.CharField(max_length=200)
    ends_at = models.DateTimeField(null=True)  # none: made before ends were asked for
    measured = models.JSONField(null=True)  # so far, or for good (decision/whatif/measured_aims.py)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return both weights."""
        return f"engagement {self.engagement}, progression {self.progression}"
