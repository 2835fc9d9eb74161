"""L5: what do creators see? Topics wanted, briefs for them with every step, and courses' insights.

Nothing here is about one learner: every number stands for ten or more, rounded to 5.
"""

from django.db import models


class DemandTopic(models.Model):
    """A topic with the evidence of its demand and its coverage, as counted in one week."""

    week = models.DateField()  # Monday of the week it was counted in; counted anew, it is replaced
    slug = models.CharField(max_length=140)
    topic = models.CharField(max_length=120)
    evidence = models.JSONField()  # of personalize.agents.demand.Topic

    class Meta:
        constraints = [models.UniqueConstraint(fields=["week", "slug"], name="demand_topic_week")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.topic}, {self.week}"


class Brief(models.Model):
    """A brief for a course nobody has made yet; its numbers stay as they were when written."""

    class State(models.TextChoices):
        """How far it has come."""

        DRAFT = "draft", "Draft, not reviewed yet"
        REVIEWED = "reviewed", "Reviewed"
        CLAIMED = "claimed", "Somebody makes it"
        PUBLISHED = "published", "Published"
        MEASURED = "measured", "Measured"
        DROPPED = "dropped", "Dropped"

    slug = models.CharField(max_length=140)
    topic = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    document = models.JSONField()  # of personalize.agents.briefs.document
    worded_by = models.CharField(max_length=120, blank=True)  # the language model; empty: none
    course_id = models.IntegerField(null=True)  # that answers it
    publish_by = models.DateField(null=True)
    created_by = models.CharField(max_length=80)
    created_account = models.IntegerField(null=True)  # a name may change
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    measured = models.JSONField(null=True)  # whether the demand was met

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return its topic."""
        return self.topic


class BriefStep(models.Model):
    """One step of a brief: who took it, when, and what they said."""

    brief = models.ForeignKey(Brief, related_name="steps", on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=Brief.State.choices)
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        """Say which step it is."""
        return f"{self.brief_id} {self.state}"


class CourseInsight(models.Model):
    """How one course fares, as last counted."""

    course_id = models.IntegerField(primary_key=True)
    counted_at = models.DateTimeField()
    figures = models.JSONField()  # of personalize.experience.desk.insights

    def __str__(self) -> str:
        """Say whose it is."""
        return f"course {self.course_id}"
