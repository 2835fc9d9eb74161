"""L5: how does a learner want to be reminded, and what was each of them told?"""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ReminderChoice(models.Model):
    """What one learner chose; without a row, what is usual holds."""

    learner_id = models.BigIntegerField(primary_key=True)
    wanted = models.BooleanField(null=True)  # null: as is usual, on for adults and off under 18
    on_page = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=False)
    at_most = models.CharField(max_length=5, default="week")  # twice (a week), week, month
    quiet_from = models.SmallIntegerField(default=21)  # hours of the day
    quiet_until = models.SmallIntegerField(default=8)
    time_zone = models.CharField(max_length=64, default="UTC")  # IANA name
    language = models.CharField(max_length=10, default="en")  # of e-mails
    paused_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return whose it is: a random number."""
        return str(self.learner_id)


class Reminder(models.Model):
    """One reminder of one learner: what it said, where, and what became of it."""

    class State(models.TextChoices):
        """What became of it."""

        DUE = "due"
        TAKEN = "taken"  # by a sender; where that was killed, it may have gone out or not
        SENT = "sent"  # on a page: shown
        FAILED = "failed"
        DROPPED = "dropped"  # not sent: no longer true, or no longer wanted

    id = models.UUIDField(primary_key=True, default=uuid4)
    learner_id = models.BigIntegerField()
    channel = models.CharField(max_length=5)  # page or mail
    key = models.CharField(max_length=40)  # what it is about: said once in each channel
    kind = models.CharField(max_length=5)
    facts = models.JSONField()  # every number it says
    state = models.CharField(max_length=7, choices=State.choices)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    hidden_until = models.DateTimeField(null=True)  # "tomorrow"
    answer = models.CharField(max_length=7, default="")  # opened, later or stopped

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner_id", "channel", "key"], name="said_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="reminder_waiting",
                condition=models.Q(state__in=["due", "taken"]),
            ),
            models.Index(fields=["made_at"], name="reminder_made_at"),
        ]

    def __str__(self) -> str:
        """Say which it is."""
        return f"{self.key} by {self.channel}"


class ReminderPolicy(models.Model):
    """What staff allow at most; the newest row is in force."""

    most_a_week = models.SmallIntegerField()
    mail_after_days = models.SmallIntegerField()
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        """Return the cap."""
        return f"{self.most_a_week} a week"


class Guide(models.Model):
    """What one learner was shown around, and when they were here."""

    learner_id = models.BigIntegerField(primary_key=True)
    visit_at = models.DateTimeField(null=True)  # when this visit began
    before_at = models.DateTimeField(null=True)  # when the one before began
    seen_at = models.DateTimeField(null=True)  # the last page of home
    why_at = models.DateTimeField(null=True)  # a reason was opened first
    closed_at = models.DateTimeField(null=True)  # the tour, by the learner
    tips = ArrayField(models.CharField(max_length=16), default=list)  # dismissed

    def __str__(self) -> str:
        """Return whose it is: a random number."""
        return str(self.learner_id)
