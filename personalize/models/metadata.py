"""L5: what does the agent propose of courses, and what did people make of it?"""

from django.db import models


class MetadataProposal(models.Model):
    """One proposal for one course, with its evidence; decided by a person, never deleted."""

    class Kind(models.TextChoices):
        """What it is about."""

        SKILL = "skill", "Skill"
        LEVEL = "level", "Level"
        PREREQUISITE = "prerequisite", "Taken before"
        QUALITY = "quality", "Quality"

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"  # nothing speaks for it any more, or the catalogue says so itself

    course_id = models.IntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    value = models.CharField(max_length=120)  # a skill, a level, a course's number, a figure
    score = models.FloatField()  # 0..1: how much speaks for it, within its kind
    evidence = models.JSONField()  # figures by name; sentences are made of them
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    correction = models.BigIntegerField(null=True)  # what it became in the catalogue

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_id", "kind", "value"], name="proposed_once")
        ]
        indexes = [models.Index(fields=["state", "kind", "-score"], name="metadata_open")]

    def __str__(self) -> str:
        """Return what is proposed."""
        return f"{self.kind} {self.value} for course {self.course_id}"


class MetadataRun(models.Model):
    """When the agent last read the catalogue, and what it could learn from."""

    ran_at = models.DateTimeField()
    courses = models.IntegerField()
    learnt = models.JSONField()  # by kind: courses learnt from, and how well it went on them

    class Meta:
        ordering = ["-ran_at"]

    def __str__(self) -> str:
        """Return when."""
        return f"{self.ran_at:%Y-%m-%d %H:%M}"
