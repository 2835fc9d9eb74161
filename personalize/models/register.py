"""L5: who answers for a feature of the register? The newest row of a feature holds."""

from django.db import models


class FeatureDuty(models.Model):
    """Who answers for one feature, and until when it is looked at again."""

    feature = models.CharField(max_length=40)
    owner = models.CharField(max_length=80)
    review_by = models.DateField()
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return who answers for what."""
        return f"{self.feature}: {self.owner}"
