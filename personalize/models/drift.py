"""L3: what is it that arrives and is answered, and is it still what models learned from?"""

from django.db import models


class AnswerStep(models.Model):
    """How many lists came from one source in five minutes."""

    pk = models.CompositePrimaryKey("step_at", "source")
    step_at = models.DateTimeField()  # start of the five minutes, by served_at
    source = models.SmallIntegerField()  # SOURCE_CODES; 0: counted up to here
    count = models.BigIntegerField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.source} from {self.step_at:%Y-%m-%d %H:%M}"


class SpeedStep(models.Model):
    """How many lists took how long in five minutes, and how many of them stood in for another."""

    pk = models.CompositePrimaryKey("step_at", "bucket", "fell_back")
    step_at = models.DateTimeField()  # start of the five minutes, by served_at
    bucket = models.SmallIntegerField()  # place among engine/drift/speed.py: BOUNDS_MS
    fell_back = models.BooleanField()  # a list of a fallback, where a model should have made it
    count = models.BigIntegerField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.bucket} from {self.step_at:%Y-%m-%d %H:%M}"


class DriftReading(models.Model):
    """What the newest look found of one feature; overwritten every five minutes."""

    feature = models.CharField(primary_key=True, max_length=20)
    read_at = models.DateTimeField()
    content = models.JSONField()  # engine/drift_words.py: shares, changes, the last fortnight

    def __str__(self) -> str:
        """Return the feature."""
        return self.feature


class DriftAlert(models.Model):
    """A feature that is no longer what it was, from the first look that saw it until it is over."""

    feature = models.CharField(max_length=20)
    parts = models.JSONField()  # what moved most, and by how much, when it moved most
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()  # of the newest look that was beyond its limit
    owner = models.CharField(max_length=80, default="", blank=True)  # who took it
    seen_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)
    retrained_at = models.DateTimeField(null=True, blank=True)  # when a model was trained for it
    came_of_it = models.CharField(max_length=400, default="", blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["feature"], condition=models.Q(over_at=None), name="one_alert_a_feature"
            ),
        ]

    def __str__(self) -> str:
        """Say which feature, and since when."""
        return f"{self.feature} since {self.opened_at:%Y-%m-%d %H:%M}"
