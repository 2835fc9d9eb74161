"""L1: what is kept of xAPI? Ids for 35 days, whole statements where a source asks, and verbs."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class StatementId(models.Model):
    """A statement that came in: its moment and a keyed digest, so that a resend is known as one.

    The moment leads to the event, whose key begins with it.
    """

    pk = models.CompositePrimaryKey("source_id", "id")
    source_id = models.IntegerField()
    id = models.UUIDField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    digest = models.BinaryField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["source_id", "received_at"], name="statementid_received")]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.id)


class Statement(models.Model):
    """A whole statement of a source of the profile `store`.

    Sealed under the data keys of all learners it names, one around the other: without any of them
    it cannot be read. Tokens are keyed hashes of what can be asked for.
    """

    seq = models.BigAutoField(primary_key=True)
    source_id = models.IntegerField()
    id = models.UUIDField()
    stored_at = models.DateTimeField()
    digest = models.BinaryField(max_length=16)
    actor_ids = ArrayField(models.BigIntegerField())  # learners who act in it
    learner_ids = ArrayField(models.BigIntegerField())  # all it names, in the order of sealing
    tokens = ArrayField(models.BigIntegerField())
    refers = models.UUIDField(null=True)  # the statement that is its object
    voids = models.BooleanField(default=False)  # and that it voids
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "id"], name="statement_once"),
        ]
        indexes = [
            models.Index(fields=["source_id", "stored_at", "seq"], name="statement_stored"),
            models.Index(
                fields=["source_id", "refers"],
                condition=models.Q(refers__isnull=False),
                name="statement_refers",
            ),
            GinIndex(fields=["tokens"], name="statement_tokens"),
            GinIndex(fields=["learner_ids"], name="statement_learners"),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.id)


class StatementFile(models.Model):
    """An attachment of a kept statement, sealed like it."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="files")
    sha2 = models.CharField(max_length=128)
    content_type = models.CharField(max_length=255)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Return the digest."""
        return self.sha2


class VerbRule(models.Model):
    """Which kind of signal a verb is, for activities of one type or, without type, of any other."""

    verb = models.CharField(max_length=255)
    activity_type = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=40, blank=True, help_text="Empty: known, and not kept.")
    # Since when it is wanted that what came before the rule is taken in; empty when it is.
    waiting_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["verb", "activity_type"], name="verb_rule_once"),
        ]

    def __str__(self) -> str:
        """Return the rule."""
        return f"{self.verb} {self.activity_type}: {self.kind or 'not kept'}"


class UnmappedVerb(models.Model):
    """A verb no rule knows, and how many statements came with it.

    Its words are kept once ten learners used it: before, they may name one. `learners` has a bit
    for each of 63 groups of learners that did, which says that ten did, and of nobody who.
    """

    source_id = models.IntegerField()
    verb_word = models.BigIntegerField()  # keyed hash
    type_word = models.BigIntegerField()  # keyed hash, of the verb and the activity type
    verb = models.CharField(max_length=255, blank=True)
    activity_type = models.CharField(max_length=255, blank=True)
    statements = models.BigIntegerField()
    learners = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_id", "verb_word", "type_word"], name="unmapped_verb_once"
            ),
        ]

    def __str__(self) -> str:
        """Return the verb."""
        return self.verb or "hidden"


class Document(models.Model):
    """A document of xAPI: a state, or a profile of an agent or an activity. Sealed, its id too.

    What names a learner is sealed under that learner's data key. `place` is a keyed hash of whose
    and about what it is, `registration` and `name` of the rest of its address.
    """

    source_id = models.IntegerField()
    place = models.BinaryField(max_length=16)
    registration = models.BinaryField(max_length=16)  # empty without one
    name = models.BinaryField(max_length=16)
    learner_id = models.BigIntegerField(null=True, db_index=True)
    content_type = models.CharField(max_length=255)
    etag = models.CharField(max_length=40)
    updated_at = models.DateTimeField(db_index=True)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_id", "place", "registration", "name"], name="document_once"
            ),
        ]

    def __str__(self) -> str:
        """Return the version."""
        return self.etag
