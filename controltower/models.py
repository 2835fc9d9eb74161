"""People at the controls: what was told to whom, and what did they silence? Alerts and messages."""

from django.db import models


class Alert(models.Model):
    """Something that must not stay as it is, from the first look that found it until it is over."""

    rule = models.CharField(max_length=40)
    about = models.CharField(max_length=120, blank=True)  # which of them; empty: there is one
    level = models.CharField(max_length=4)  # bad or warn
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=500, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True, blank=True)
    silenced_until = models.DateTimeField(null=True, blank=True)
    silenced_by = models.CharField(max_length=80, blank=True)
    silenced_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "about"],
                condition=models.Q(over_at=None),
                name="one_open_alert_each",
            ),
        ]

    def __str__(self) -> str:
        """Say what it is about."""
        return f"{self.rule} {self.about}".strip()


class AlertMessage(models.Model):
    """One message about an alert to one address, until it was delivered or given up."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=8)  # email or webhook
    address = models.CharField(max_length=500)
    says = models.CharField(max_length=8)  # opened or over
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at=None, given_up_at=None),
                name="alert_messages_due",
            )
        ]

    def __str__(self) -> str:
        """Say what is sent where."""
        return f"{self.says} by {self.channel}"
