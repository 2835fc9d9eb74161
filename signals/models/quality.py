"""L2: what may be learned from? Verdicts on learners and courses, and counts for the audit."""

from django.db import models


class LearnerQuality(models.Model):
    """The verdict on one learner that quality rules found something about; no row is weight 1."""

    learner_id = models.BigIntegerField(primary_key=True)
    score = models.FloatField()  # share of the actions that no rule speaks against, 0..1
    weight = models.FloatField()  # 0: nothing of this learner trains a model

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id}: {self.weight:g}"


class DoubtfulCourse(models.Model):
    """A course all of whose events by a learner have no weight: it was never chosen."""

    pk = models.CompositePrimaryKey("learner_id", "course_id")
    learner_id = models.BigIntegerField()
    course_id = models.IntegerField()
    events = models.IntegerField(default=0)  # of them, in the history; if it holds more, it stands
    groups = models.IntegerField(default=0)  # processing.activity.Group of all of them together

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} in course {self.course_id}"


class QualityFinding(models.Model):
    """What one rule found about one learner on one day from one source."""

    pk = models.CompositePrimaryKey("learner_id", "day", "source_id", "rule")
    learner_id = models.BigIntegerField()
    day = models.DateField()  # by when it occurred, UTC
    source_id = models.IntegerField()
    rule = models.SmallIntegerField()  # code of processing.rules
    events = models.IntegerField()
    told = models.CharField(max_length=120)  # one sentence that names nobody

    class Meta:
        indexes = [models.Index(fields=["day"], name="quality_finding_day")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"rule {self.rule} on {self.day}"


class QualityMonth(models.Model):
    """One rule and source in one month, as the audit page shows it: no learner in it.

    Cells below ten learners are not stored, counts are rounded to 5.
    """

    pk = models.CompositePrimaryKey("month", "source_id", "rule")
    month = models.DateField()  # its first day
    source_id = models.IntegerField()
    rule = models.SmallIntegerField()
    version = models.SmallIntegerField()  # of the rule that counted
    events = models.BigIntegerField()
    learners = models.IntegerField(
        null=True
    )  # null: refused at the door, before a learner is known
    samples = models.JSONField(default=list)  # sentences of the rule

    def __str__(self) -> str:
        """Say which row it is."""
        return f"rule {self.rule} in {self.month:%Y-%m}"


class SourceDay(models.Model):
    """How much one source sent on one day it was received; all learners together."""

    pk = models.CompositePrimaryKey("day", "source_id")
    day = models.DateField()  # by when it was received, UTC
    source_id = models.IntegerField()
    events = models.BigIntegerField(default=0)  # stored
    copies = models.BigIntegerField(default=0)  # sent again
    refused = models.JSONField(default=dict)  # code of the refusal -> events, closed days

    def __str__(self) -> str:
        """Say which row it is."""
        return f"source {self.source_id} on {self.day}"


class Copies(models.Model):
    """Events of one commit that were there already; added up by the next count, then gone."""

    received_at = models.DateTimeField()
    source_id = models.IntegerField()
    events = models.IntegerField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.events} of source {self.source_id}"
