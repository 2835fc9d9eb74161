"""L1: what have learners asked of us, and what was done? Who was erased, for restores?"""

from uuid import uuid4

from django.db import models


class PrivacyRequest(models.Model):
    """One request of a learner: to hand out, to reset, to erase, or an objection.

    `subject` is the learner's random number while there is something left to do or to show; an
    erasure takes it away at its end, and from all earlier requests. `steps` is what was done, in
    order, each with its time and what a query found left.
    """

    class Kind(models.TextChoices):
        """What was asked for."""

        EXPORT = "export", "Hand out"
        RESET = "reset", "Reset"
        ERASE = "erase", "Erase"
        OBJECT = "object", "Objection"

    receipt = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=80)
    asked_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, db_index=True)
    steps = models.JSONField(default=list)

    def __str__(self) -> str:
        """Return what was asked and when."""
        return f"{self.kind} of {self.asked_at:%Y-%m-%d}"


class ErasedLearner(models.Model):
    """Somebody erased, so that a restored backup forgets them again. In the keys database."""

    learner_id = models.BigIntegerField(primary_key=True)
    tombstone = models.BinaryField(max_length=32)  # as in Tombstone; empty where no name was held
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"erased {self.erased_at:%Y-%m-%d}"
