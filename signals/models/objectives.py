"""L2: what does a source promise? How often it sends, how complete, and who acts if not."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from signals.models.events import Source


class SourceObjective(models.Model):
    """What is expected of one source; without a row, what it usually does is expected."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="+")
    every_minutes = models.PositiveIntegerField(
        default=1440,
        validators=[MinValueValidator(5)],
        help_text="Something new arrives at least this often; silence beyond it is an alarm.",
    )
    complete_share = models.FloatField(
        default=0.98,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="Share of events that carry every required field, 0 to 1, over seven days.",
    )
    owner = models.CharField(max_length=80, help_text="Who is told, and answers for it.")
    next_step = models.CharField(
        max_length=200, help_text="What the owner does first, in one sentence."
    )

    def __str__(self) -> str:
        """Say what is expected of whom."""
        return f"{self.source}: every {self.every_minutes} minutes"


class SourceSeen(models.Model):
    """When the newest stored event of a source was received; written with the rollups."""

    source_id = models.IntegerField(primary_key=True)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"source {self.source_id} at {self.last_at:%Y-%m-%d %H:%M}"
