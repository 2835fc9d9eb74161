"""L4: was the model of a week better than the one before it?"""

from django.db import models


class WeeklyVerdict(models.Model):
    """What was found on a Monday, as text: pages made of it stay the same."""

    until = models.DateField(primary_key=True)
    made_at = models.DateTimeField()
    content = models.TextField()  # canonical JSON
    digest = models.CharField(max_length=64)  # SHA-256 of the content

    def __str__(self) -> str:
        """Return the day."""
        return self.until.isoformat()
