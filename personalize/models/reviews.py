"""L4: what was a model like every two weeks, and what is wanted of it?"""

from django.db import models


class ModelReview(models.Model):
    """What the serving model was like over a fortnight, as text: pages made of it stay the same."""

    until = models.DateField(primary_key=True)  # the Friday on which its fortnight ended
    made_at = models.DateTimeField()
    content = models.TextField()  # canonical JSON
    digest = models.CharField(max_length=64)  # SHA-256 of the content

    def __str__(self) -> str:
        """Return the day."""
        return self.until.isoformat()


class FigureTarget(models.Model):
    """What is wanted of one figure and who answers for it; the newest row of a figure holds."""

    figure = models.CharField(max_length=20)
    target = models.FloatField(null=True)  # null: what it is by itself
    owner = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return what is wanted."""
        return f"{self.figure}: {self.target}, {self.owner}"
