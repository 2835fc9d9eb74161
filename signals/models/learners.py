"""L1: who learns? Random numbers; what names a person is sealed under that person's data key."""

from collections.abc import Collection
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from signals.models.names import NAMES, KeyedName, SealedMail, SealedName, box


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
    reset_at = models.DateTimeField(null=True)  # what is from before is not taken in, tier 0 apart
    forgot_at = models.DateTimeField(null=True)  # and tier 0 either

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
    """A person who signs in: a learner, or staff with roles (Django groups).

    What they are called is sealed under their learner's data key, and under a key of the product
    where they are no learner; the name they sign in with is found by its keyed hash.
    """

    username = KeyedName(
        "username",
        max_length=150,
        unique=True,
        help_text="Letters, digits and @/./+/-/_ only.",
        validators=[AbstractUser.username_validator],
        error_messages={"unique": "A user with that username already exists."},
    )
    first_name = SealedName("first name", max_length=150, blank=True)
    last_name = SealedName("last name", max_length=150, blank=True)
    email = SealedMail("email address", blank=True)
    sealed = models.BinaryField(default=b"", editable=False)  # JSON of NAMES
    learner = models.OneToOneField(
        Learner, null=True, blank=True, on_delete=models.SET_NULL, related_name="account"
    )

    # How often all sessions of it were ended at once: none from before the newest opens anything.
    sign_outs = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    names_closed = False
    sealed_for: int | None = None

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any
    ) -> Self:
        """Return an account whose names are opened when they are asked for."""
        row = super().from_db(db, field_names, values, **more)
        row.names_closed, row.sealed_for = True, row.__dict__.get("learner_id")
        return row

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what each session of it must carry: of the password, and of the newest end."""
        inner: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # no stub
        if not self.sign_outs:
            return inner
        salt = f"signals.account.sign_outs.{self.sign_outs}"
        return salted_hmac(salt, inner, secret=secret, algorithm="sha256").hexdigest()

    def open_names(self) -> None:
        """Read what the account is called; empty where the key is gone."""
        self.names_closed = False
        opened = box().open(self.sealed_for, bytes(self.sealed))
        for name in NAMES:
            self.__dict__[name] = opened.get(name, "")

    def save(self, *args: Any, **options: Any) -> None:
        """Store the account, its names sealed."""
        fields = options.get("update_fields")
        if fields is None or {*NAMES, "learner", "learner_id"} & set(fields):
            names = {name: getattr(self, name) for name in NAMES}
            self.sealed = box().close(self.learner_id, names)
            self.sealed_for = self.learner_id
            options["update_fields"] = None if fields is None else {*fields, "sealed"}
        super().save(*args, **options)

    def __str__(self) -> str:
        """Say which account it is; the notes of the admin pages keep this."""
        return f"account {self.pk}"
