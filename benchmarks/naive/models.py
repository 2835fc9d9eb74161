"""The baseline's own tables; learners, consent, history and courses are the product's."""

import uuid

from django.db import models


class NaiveEvent(models.Model):
    """An event with the indexes the product's table has, unpartitioned."""

    id = models.UUIDField(primary_key=True)
    source_id = models.IntegerField()
    learner_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    course_id = models.IntegerField(null=True)
    module_id = models.IntegerField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    session = models.CharField(max_length=64, null=True)
    value = models.FloatField(null=True)
    context = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["learner_id", "occurred_at"], name="naive_learner_time")]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.id)


class NaiveDecision(models.Model):
    """A log row of one answered request."""

    request_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    learner_id = models.BigIntegerField(db_index=True)
    served_at = models.DateTimeField(auto_now_add=True)
    surface = models.CharField(max_length=40)
    model = models.CharField(max_length=40)
    items = models.JSONField()
    took_ms = models.FloatField()

    def __str__(self) -> str:
        """Return the id."""
        return str(self.request_id)
