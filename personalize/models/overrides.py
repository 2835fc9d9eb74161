"""L4: what have people at the controls decided about single courses?"""

from django.db import models


class Override(models.Model):
    """A boost, lower, pin or hide with its reason and end; undone, never deleted."""

    APPROVED, WAITING, REFUSED = "approved", "waiting", "refused"

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
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True)
    created_account = models.IntegerField(null=True)  # a name may change
    # What is beyond the limits of who made it waits for a second person and acts on nothing.
    state = models.CharField(max_length=8, default=APPROVED, db_default=APPROVED)
    decided_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=200, blank=True, default="", db_default="")
    end_entered = models.BooleanField(
        default=False, db_default=False
    )  # in the ledger, where nobody ended it
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
