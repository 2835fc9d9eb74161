"""L1: what happened? Events, who may send them, and what was refused."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Source(models.Model):
    """A system that sends events: an LMS, the product's own pages, an import."""

    class Profile(models.TextChoices):
        """What is kept of the xAPI statements of a source."""

        CAPTURE = "capture", "Events only: no identity, as the learner's consent allows"
        STORE = "store", "Whole statements as well, sealed per learner"

    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    active = models.BooleanField(default=True)
    profile = models.CharField(
        max_length=8, choices=Profile.choices, default=Profile.CAPTURE, db_default="capture"
    )
    # From where its pages may send with a token: scheme, host and port, as browsers say it.
    origins = ArrayField(models.CharField(max_length=255), default=list, db_default=[], blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class ApiKey(models.Model):
    """A key of a source: hashed, scoped, expiring. The clear key is shown once."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)  # SHA-256 of the clear key
    scopes = ArrayField(models.CharField(max_length=20))  # SCOPES of capture/keys.py
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.prefix}..."


class Event(models.Model):
    """One accepted event. Partitioned by month of `occurred_at`; made by raw SQL in a migration.

    The key holds `occurred_at` as sent, so that a resend meets its first copy in any month.
    """

    pk = models.CompositePrimaryKey("occurred_at", "source_id", "id")
    occurred_at = models.DateTimeField()  # as sent
    corrected_at = models.DateTimeField()  # clock skew of the sender removed
    received_at = models.DateTimeField()
    source_id = models.IntegerField()
    id = models.UUIDField()
    learner_id = models.BigIntegerField()
    kind = models.SmallIntegerField()  # code of the kind registry
    course_id = models.IntegerField(null=True)
    module_id = models.IntegerField(null=True)
    session = models.BigIntegerField(null=True)  # keyed hash of the sender's session id
    value = models.FloatField(null=True)
    request_id = models.UUIDField(null=True)  # the list of this learner it answers
    flags = models.SmallIntegerField(default=0)  # FLAG_* of capture/contract.py
    context = models.JSONField(null=True)
    # Number of the inserting transaction (a default of the database), for commit-safe reading.
    tx = models.BigIntegerField()

    class Meta:
        db_table = "signals_event"

    def __str__(self) -> str:
        """Say which row it is."""
        return str(self.id)


class Quarantine(models.Model):
    """A refused event or body: sealed, with the reason, so that it can be mended and replayed."""

    received_at = models.DateTimeField(db_index=True)
    source = models.ForeignKey(Source, on_delete=models.CASCADE)
    code = models.CharField(max_length=40, db_index=True)
    detail = models.CharField(max_length=300)
    contract_version = models.CharField(max_length=12)
    whole_body = models.BooleanField(default=False)
    day = models.DateField()  # which day key seals it
    sealed = models.BinaryField()
    sent_at = models.DateTimeField(null=True, blank=True)  # what the sender's clock said
    door = models.CharField(max_length=12, blank=True)  # of a whole body: by which it came
    form = models.TextField(blank=True)  # of a whole body: its type, and what else it came with
    mark = models.BigIntegerField(null=True, db_index=True)  # of the learner, keyed
    replayed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.code} of {self.received_at:%Y-%m-%d}"


class SpoolProgress(models.Model):
    """How far a segment of a node's spool is stored: a crash stores nothing twice."""

    segment = models.CharField(max_length=80, primary_key=True)
    records = models.IntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.records} of {self.segment}"
