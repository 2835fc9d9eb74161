"""L1: who changed what, and when? Append-only and hash-chained."""

from django.db import models


class LedgerEntry(models.Model):
    """One change by a person or the system; each entry's hash covers the one before it."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=200)
    detail = models.TextField()  # canonical JSON: jsonb would respell numbers and break the hash
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        # Learners read the entries about themselves, whose number grows with everybody's.
        indexes = [models.Index(fields=["subject", "-sequence"], name="ledger_subject")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.sequence} {self.action}"
