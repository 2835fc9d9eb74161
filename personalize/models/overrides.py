"""L4: what have people at the controls decided about single courses?"""

from django.db import models

from personalize.models.steered import Steered


class Override(Steered):
    """A boost, lower, pin or hide with its reason and end; undone, never deleted."""

    course_id = models.IntegerField()
    change = models.CharField(max_length=8)
    strength = models.FloatField(default=0)
    surface = models.CharField(max_length=40, blank=True)  # empty is everywhere
    cohort = models.CharField(
        max_length=140, blank=True, default="", db_default=""
    )  # empty is everyone
    reason = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    predicted = models.JSONField(null=True)  # as it was when it was made (decision/whatif)
    measured = models.JSONField(null=True)  # so far, or for good

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="override_ends")]

    def __str__(self) -> str:
        """Return what is done to which course."""
        return f"{self.change} course {self.course_id}"


class CuratedCourse(models.Model):
    """The edited list that shows when nothing else may or can."""

    course_id = models.IntegerField(unique=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        """Return the place and the course."""
        return f"{self.position}: course {self.course_id}"
