"""L1: with whom does a learner learn? The class and the cohort, as the learning platform says."""

from django.db import models


class Membership(models.Model):
    """A group a learner is in now, by its kind; who changes has the new one only."""

    class Kind(models.TextChoices):
        """What kinds of groups there are; a learner is in at most one of each."""

        CLASS = "class", "Class"
        COHORT = "cohort", "Cohort"
        ORGANISATION = "organisation", "Organisation"
        REGION = "region", "Region"
        DEVICE = "device", "Device"
        LANGUAGE = "language", "Language"

    pk = models.CompositePrimaryKey("learner_id", "kind")
    learner_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    group = models.CharField(max_length=80)  # the platform's own id of it
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "group"], name="membership_group")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} in {self.kind} {self.group}"
