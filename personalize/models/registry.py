"""L3: which models exist, and which one serves whom?"""

from django.db import models


class ModelVersion(models.Model):
    """A trained model: its folder under MODELS_DIR, its card and what the gates found."""

    class State(models.TextChoices):
        """Where a version stands."""

        CANDIDATE = "candidate", "Candidate"
        REFUSED = "refused", "Refused"  # by a gate, as a canary, or by an experiment
        CANARY = "canary", "Canary"
        CHALLENGER = "challenger", "Challenger"
        LIVE = "live", "Live"
        RETIRED = "retired", "Retired"

    version = models.CharField(primary_key=True, max_length=40)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CANDIDATE)
    trained_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)  # when everybody first saw it
    card = models.JSONField()  # data, parameters, metrics, checksums
    findings = models.JSONField(default=list)
    # What it does, its data apart (engine/configuration.py); empty where that is not known.
    configuration = models.CharField(max_length=64, default="", db_default="", blank=True)
    canary_since = models.DateTimeField(null=True, blank=True)
    readings = models.JSONField(default=list, db_default=[])  # what the canary's guards last found
    experiment = models.CharField(max_length=80, default="", db_default="", blank=True)
    # After an experiment shipped another one: until then those held back go on seeing this one.
    kept_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="live"), name="one_live_model"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="canary"), name="one_canary"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="challenger"), name="one_challenger"
            ),
        ]

    def __str__(self) -> str:
        """Return the version."""
        return self.version
