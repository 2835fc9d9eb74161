"""L5: what is said to a group of learners who stand still, who approved it, and whom it reached?"""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Campaign(models.Model):
    """One message to one group, from its proposal to its end."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed"
        DECLINED = "declined"
        RUNNING = "running"
        STOPPED = "stopped"  # by a person, at once
        FINISHED = "finished"

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=12)  # of group: stuck, not_begun, not_passed
    course_id = models.IntegerField()
    module_id = models.IntegerField()
    learners = models.IntegerField()  # when it was proposed, to the nearest five
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    reasons = models.JSONField()  # of the proposal: (share, sentence)
    expected = models.JSONField()  # of the proposal, with its base
    texts = models.JSONField()  # by language
    bundle = ArrayField(models.IntegerField(), default=list)  # courses named with it
    session = models.CharField(max_length=160, blank=True)  # where a live session is; empty: none
    session_at = models.DateTimeField(null=True)  # when it begins
    by_mail = models.BooleanField(default=False)  # also, to those who switched e-mail on
    compare_share = models.FloatField()  # of the group, drawn by chance, who get nothing
    most = models.IntegerField()  # learners it is given to at most
    ends_on = models.DateField()
    edited = models.BooleanField(default=False)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)  # who approved or declined it
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    after = models.BigIntegerField(default=0)  # the last learner of the group that was looked at
    enlisted = models.BooleanField(default=False)  # the whole group was looked at
    left_out = models.JSONField(default=dict)  # why -> how many were not drawn at all
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "id"]
        indexes = [models.Index(fields=["state"], name="campaign_state")]

    def __str__(self) -> str:
        """Return which group it is for."""
        return f"{self.kind} in course {self.course_id}"


class CampaignLearner(models.Model):
    """One learner of the group of a campaign, and on which side chance put them."""

    learner_id = models.BigIntegerField()
    campaign_id = models.UUIDField()
    compared = models.BooleanField()  # gets nothing, so that it is known what the message does
    at = models.DateTimeField()
    coming = models.BooleanField(null=True)  # to its live session, as they said; None: nothing

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["learner_id", "campaign_id"], name="drawn_once")
        ]
        indexes = [models.Index(fields=["campaign_id", "compared"], name="campaign_side")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} in {self.campaign_id}"
