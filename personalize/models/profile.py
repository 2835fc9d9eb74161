"""L5: what has a learner told us? Goal, interests, time, and a word on single courses."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Profile(models.Model):
    """What a learner stated; answers are priors that behaviour overrules."""

    learner_id = models.BigIntegerField(primary_key=True)
    goal = models.CharField(max_length=120, blank=True)  # a field of the catalogue
    interests = ArrayField(models.CharField(max_length=120), default=list)  # skills
    minutes_per_week = models.PositiveSmallIntegerField(default=0)
    # Which format more is wanted of; "none": they shall not count; "": what was observed counts.
    format = models.CharField(max_length=20, default="", db_default="")
    # What a path is planned for, beside goal and interests.
    role = models.CharField(max_length=80, default="", db_default="")  # key of an occupation
    known_skills = ArrayField(models.CharField(max_length=120), default=list, db_default=[])
    by_when = models.DateField(null=True)
    # Two letters each; empty: not stated, the language of the page and that of most courses.
    languages = ArrayField(models.CharField(max_length=12), default=list, db_default=[])
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return whose it is: a random number."""
        return str(self.learner_id)


class InterestChange(models.Model):
    """An interest that came or went: where it came from, and what can be brought back."""

    learner_id = models.BigIntegerField(db_index=True)
    skill = models.CharField(max_length=120)
    act = models.CharField(max_length=8)  # an Act of decision/interests.py
    origin = models.CharField(max_length=8)  # an Origin there
    was = models.CharField(max_length=120, blank=True)  # what was renamed
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return what became of which interest."""
        return f"{self.act} {self.skill}"


class Feedback(models.Model):
    """What a learner says about one course; it acts on the next response."""

    learner_id = models.BigIntegerField()
    course_id = models.IntegerField()
    action = models.CharField(max_length=12)  # not_for_me, snooze, more
    until = models.DateTimeField(null=True)  # end of a snooze
    request_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner_id", "course_id"], name="one_feedback")
        ]

    def __str__(self) -> str:
        """Return what was said about which course."""
        return f"{self.action} course {self.course_id}"


class UnusedCourse(models.Model):
    """A course of a learner's own that shall not count for what is picked; a row is a refusal."""

    learner_id = models.BigIntegerField()
    course_id = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner_id", "course_id"], name="unused_once")
        ]

    def __str__(self) -> str:
        """Return which course does not count."""
        return f"course {self.course_id} does not count"
