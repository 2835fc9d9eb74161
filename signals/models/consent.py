"""L1: what has each learner allowed? Read at capture and again at serving."""

from django.db import models


class Consent(models.Model):
    """A learner's switches. No row means the defaults of `privacy.consent`."""

    learner_id = models.BigIntegerField(primary_key=True)
    personalization = models.BooleanField(default=True)  # tier 1: legitimate interest, objection
    fine_grained = models.BooleanField(default=False)  # tier 2: consent
    inferred = models.BooleanField(default=False)  # tier 3: consent with explanation
    gpc = models.BooleanField(default=False)  # Global Privacy Control seen on the account
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"switches of {self.learner_id}"


class ConsentChange(models.Model):
    """Every change, append-only: the proof of who switched what, where and when."""

    learner_id = models.BigIntegerField(db_index=True)
    purpose = models.CharField(max_length=20)
    granted = models.BooleanField()
    legal_basis = models.CharField(max_length=80)
    via = models.CharField(max_length=40)  # page, api, gpc, import
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.purpose} of {self.learner_id}: {self.granted}"
