"""A list may be drafted from two rankers: for which experiment, and whose each item was."""

from django.db import migrations, models

# Only drafted lists are found by it, so that it costs nothing for all the others.
COLUMNS = """
ALTER TABLE personalize_decision ADD COLUMN drafted_for integer, ADD COLUMN teams bytea;
CREATE INDEX personalize_decision_drafted ON personalize_decision (drafted_for, learner_id)
    WHERE drafted_for IS NOT NULL;
"""
BACK = """
ALTER TABLE personalize_decision DROP COLUMN drafted_for, DROP COLUMN teams;
"""


class Migration(migrations.Migration):
    dependencies = [("personalize", "0001_tables")]

    operations = [
        migrations.RunSQL(COLUMNS, BACK),
        migrations.AddField("decision", "drafted_for", models.IntegerField(null=True)),
        migrations.AddField("decision", "teams", models.BinaryField(null=True)),
    ]
