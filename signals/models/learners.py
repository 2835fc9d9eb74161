"""L1: who learns? Random numbers; what names a person is sealed under that person's data key."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Learner(models.Model):
    """A learner as every table knows them: a random number and nothing that names them."""

    class Kind(models.TextChoices):
        """Who stands behind the number; only real learners train models and count in analyses."""

        REAL = "real", "Learner"
        STAFF = "staff", "Staff"
        TEST = "test", "Test account"
        BOT = "bot", "Bot"

    learner_id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REAL)
    age_band = models.CharField(max_length=8, blank=True)
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the random number."""
        return str(self.learner_id)


class Identity(models.Model):
    """Which learner an external id means. Without the data key `sealed` cannot be read."""

    lookup = models.BinaryField(primary_key=True, max_length=32)  # HMAC-SHA256(external id)
    learner = models.OneToOneField(Learner, on_delete=models.CASCADE, related_name="identity")
    sealed = models.BinaryField()  # JSON {"external_id": ...} under the learner's data key

    def __str__(self) -> str:
        """Say which row it is."""
        return f"identity of {self.learner_id}"


class Tombstone(models.Model):
    """An erased external id, under another key than Identity's, so that late events stay out."""

    lookup = models.BinaryField(primary_key=True, max_length=32)
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"erased {self.erased_at:%Y-%m-%d}"


class DataKey(models.Model):
    """A learner's data key, sealed under the master key. Lives in the keys database."""

    learner_id = models.BigIntegerField(primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"data key of {self.learner_id}"


class DayKey(models.Model):
    """A key for sealed quarantine of one day, destroyed after 30. Lives in the keys database."""

    day = models.DateField(primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"key of {self.day}"


class Account(AbstractUser):
    """A person who signs in: a learner, or staff with roles (Django groups)."""

    learner = models.OneToOneField(
        Learner, null=True, blank=True, on_delete=models.SET_NULL, related_name="account"
    )
