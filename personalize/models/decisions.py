"""L4: what was recommended, why, and by what? Day partitions, arrays, at most 1.5 KB a row."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Decision(models.Model):
    """One answered request. Partitioned by day of served_at; made by raw SQL in a migration.

    Arrays of items are parallel. The parts of item i are `part_codes[i*w:(i+1)*w]` and
    `part_values[...]` with w = `parts_wide`; a positive code is the past course, a negative one a
    named part (see decision/log.py); unused places are 0.
    """

    pk = models.CompositePrimaryKey("served_at", "request_id")
    served_at = models.DateTimeField()
    request_id = models.UUIDField()
    learner_id = models.BigIntegerField(null=True)
    surface = models.SmallIntegerField()
    source = models.SmallIntegerField()
    intent = models.SmallIntegerField(default=0)
    model = models.CharField(max_length=40, null=True)
    signals = models.SmallIntegerField(default=0)
    tiers = models.SmallIntegerField(default=0)  # bits of the tiers that were allowed
    took_ms = models.FloatField()
    course_ids = ArrayField(models.IntegerField())
    module_ids = ArrayField(models.IntegerField(), null=True)
    scores = ArrayField(models.FloatField())
    confidences = ArrayField(models.SmallIntegerField())
    slots = ArrayField(models.SmallIntegerField())
    propensities = ArrayField(models.FloatField(), null=True)
    parts_wide = models.SmallIntegerField(default=0)
    part_codes = ArrayField(models.IntegerField(), default=list)
    part_values = ArrayField(models.FloatField(), default=list)

    class Meta:
        managed = False
        db_table = "personalize_decision"
