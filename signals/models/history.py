"""L1: what has each learner done, in short? Upserted with the events, read on every decision.

Every column merges by least, greatest or sum over events counted once, so that late, shuffled or
duplicated delivery leaves the same rows.
"""

from django.db import models


class LearnerCourse(models.Model):
    """One learner in one course."""

    pk = models.CompositePrimaryKey("learner_id", "course_id")
    learner_id = models.BigIntegerField()
    course_id = models.IntegerField()
    viewed_at = models.DateTimeField(null=True)  # newest
    enrolled_at = models.DateTimeField(null=True)  # newest
    unenrolled_at = models.DateTimeField(null=True)  # newest
    completed_at = models.DateTimeField(null=True)  # first
    started_at = models.DateTimeField(null=True)  # first lesson touched
    last_at = models.DateTimeField()  # newest event of any kind
    rating = models.FloatField(null=True)  # of the newest course.rated
    rated_at = models.DateTimeField(null=True)
    mandatory = models.BooleanField(default=False)
    events = models.IntegerField(default=0)

    class Meta:
        # Ratings alone are read by course; an index over all rows would cost every first touch.
        indexes = [
            models.Index(
                fields=["course_id"],
                condition=models.Q(rating__isnull=False),
                name="learner_course_rated",
            )
        ]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} in course {self.course_id}"


class LearnerModule(models.Model):
    """One learner in one module."""

    pk = models.CompositePrimaryKey("learner_id", "module_id")
    learner_id = models.BigIntegerField()
    module_id = models.IntegerField()
    course_id = models.IntegerField()
    started_at = models.DateTimeField(null=True)  # first
    completed_at = models.DateTimeField(null=True)  # first
    progress = models.FloatField(default=0)  # greatest share 0..1
    score = models.FloatField(null=True)  # greatest quiz share 0..1
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} in module {self.module_id}"
