"""L3: which models exist, and which one serves?"""

from django.db import models


class ModelVersion(models.Model):
    """A trained model: its folder under MODELS_DIR, its card and what the gates found."""

    class State(models.TextChoices):
        """Where a version stands."""

        CANDIDATE = "candidate", "Candidate"
        REFUSED = "refused", "Refused by a gate"
        LIVE = "live", "Live"
        RETIRED = "retired", "Retired"

    version = models.CharField(primary_key=True, max_length=40)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CANDIDATE)
    trained_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    card = models.JSONField()  # data, parameters, metrics, checksums
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="live"), name="one_live_model"
            )
        ]

    def __str__(self) -> str:
        """Return the version."""
        return self.version
