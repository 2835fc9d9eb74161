"""L1: how do people at the controls prove who they are? A second step, and a school's word."""

from django.conf import settings
from django.db import models


class OutsideIdentity(models.Model):
    """Which account a member of staff has who signs in at an OpenID provider."""

    lookup = models.BinaryField(primary_key=True, max_length=32)  # HMAC-SHA256(issuer, subject)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outside_identities"
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say whose it is."""
        return f"outside identity of account {self.account_id}"


class SecondFactor(models.Model):
    """What the second step of somebody's sign-in is checked against."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="second_factor",
    )
    sealed = models.BinaryField(default=b"")  # the secret in use; empty until it was confirmed
    pending = models.BinaryField(default=b"")  # a secret shown and not confirmed yet
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # of 30 s: a code is taken once
    failures = models.PositiveSmallIntegerField(default=0)  # since the last right code
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Say whose it is."""
        return f"second factor of account {self.account_id}"


class RecoveryCode(models.Model):
    """A code that stands in for a lost device; taken once, then its row is gone."""

    digest = models.BinaryField(primary_key=True, max_length=32)  # HMAC-SHA256(account, code)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )

    def __str__(self) -> str:
        """Say whose it is."""
        return f"recovery code of account {self.account_id}"


class PasswordAsk(models.Model):
    """Somebody forgot the password of a name, whether anybody has it or not; gone when answered."""

    username = models.CharField(max_length=150, unique=True)  # its keyed hash
    language = models.CharField(max_length=12)  # of the page it was asked on
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        """Say when it was."""
        return f"forgotten at {self.asked_at:%H:%M}"
