"""L4: what was recommended, why, and by what? Day partitions, arrays, at most 1.5 KB a row."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from personalize.data import Intent, Slot, Source

# Written into every row: append, never renumber. 0 is "none".
SOURCE_CODES: dict[Source, int] = {source: code for code, source in enumerate(Source, start=1)}
SLOT_CODES: dict[Slot, int] = {slot: code for code, slot in enumerate(Slot, start=1)}
INTENT_CODES: dict[Intent, int] = {intent: code for code, intent in enumerate(Intent, start=1)}


class Rulebook(models.Model):
    """What people at the controls had decided when lists were made; each set of it once."""

    digest = models.BigIntegerField(primary_key=True)
    content = models.TextField()

    def __str__(self) -> str:
        """Return the digest."""
        return str(self.digest)


class Decision(models.Model):
    """One answered request. Partitioned by day of served_at; made by raw SQL in a migration.

    `served_at` is the time inside the request id, so that the id alone names the partition. Arrays
    of items are parallel. The parts of item i are `part_codes[i*w:(i+1)*w]` and
    `part_values[...]` with w = `parts_wide`; a positive code is a past course with what the learner
    had done there, a negative one a named part, 0 is unused (see decision/parts.py).
    """

    pk = models.CompositePrimaryKey("served_at", "request_id")
    served_at = models.DateTimeField()
    request_id = models.UUIDField()
    learner_id = models.BigIntegerField(null=True)
    surface = models.SmallIntegerField()
    source = models.SmallIntegerField()
    intent = models.SmallIntegerField(default=0)
    rules = models.SmallIntegerField(default=0)  # version of the policy
    model = models.CharField(max_length=40, null=True)
    goal = models.CharField(max_length=120, null=True)  # as stated when the list was made
    signals = models.SmallIntegerField(default=0)
    tiers = models.SmallIntegerField(default=0)  # bits of the tiers that were allowed
    took_ms = models.FloatField()
    course_ids = ArrayField(models.IntegerField())
    module_ids = ArrayField(models.IntegerField(), null=True)
    scores = ArrayField(models.FloatField())
    confidences = ArrayField(models.SmallIntegerField())
    slots = ArrayField(models.SmallIntegerField())
    propensity = models.FloatField(null=True)  # of the explore slot, where there is one
    parts_wide = models.SmallIntegerField(default=0)  # 0: none, or deleted at a switch-off
    part_codes = ArrayField(models.IntegerField(), default=list)
    part_values = ArrayField(models.FloatField(), default=list)
    # Where two rankers are compared in one list: for which experiment, and whose each item was.
    drafted_for = models.IntegerField(null=True)
    teams = models.BinaryField(null=True)  # a byte an item, of experiments.data.Team
    # What it was made from (decision/inputs.py); none where that had to be deleted.
    inputs = models.BinaryField(null=True)

    class Meta:
        managed = False
        db_table = "personalize_decision"

    def __str__(self) -> str:
        """Return the request id."""
        return str(self.request_id)
