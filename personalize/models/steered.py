"""L4: how does a change by people come in force, and how does it end? Columns of all such."""

from django.db import models


class Steered(models.Model):
    """Made, or asked for and decided by a second person; undone, withdrawn or over, never deleted.

    What is beyond the limits of who made it waits for a second person and acts on nothing.
    """

    APPROVED, WAITING, REFUSED = "approved", "waiting", "refused"

    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    created_account = models.IntegerField(null=True)  # a name may change
    state = models.CharField(max_length=8, default=APPROVED, db_default=APPROVED)
    decided_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=200, blank=True, default="", db_default="")
    end_entered = models.BooleanField(
        default=False, db_default=False
    )  # in the ledger, where nobody ended it

    class Meta:
        abstract = True
