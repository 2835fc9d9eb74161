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
