"""L5: which way was a learner shown to their goal, what did they change, and what changed it?"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LearningPath(models.Model):
    """The path of one learner as it was planned last; all numbers are course_ids."""

    learner_id = models.BigIntegerField(primary_key=True)
    steps = ArrayField(models.IntegerField(), default=list)  # still ahead, in order
    finished = ArrayField(models.IntegerField(), default=list)  # done while they stood in the path
    known = ArrayField(models.IntegerField(), default=list)  # "I know this"
    instead = ArrayField(models.IntegerField(), default=list)  # taken in by a swap
    without = ArrayField(models.IntegerField(), default=list)  # put away by a swap
    inputs = models.JSONField(default=dict)  # what it was planned from, so that a change is seen
    planned_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return whose it is: a random number."""
        return str(self.learner_id)


class PathChange(models.Model):
    """One change of a path: when, by whom, why, and which courses came and went."""

    id = models.BigAutoField(primary_key=True)
    learner_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=12)  # a Reason of agents/changes.py
    about = ArrayField(models.IntegerField(), default=list)  # courses that were the reason
    added = ArrayField(models.IntegerField(), default=list)
    removed = ArrayField(models.IntegerField(), default=list)

    def __str__(self) -> str:
        """Return what changed it."""
        return f"{self.reason} at {self.at:%Y-%m-%d}"
