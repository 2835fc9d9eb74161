"""Decisions say what they were made from, so that they can be made again."""

from django.db import migrations, models

COLUMN = "ALTER TABLE personalize_decision ADD COLUMN inputs bytea"
BACK = "ALTER TABLE personalize_decision DROP COLUMN inputs"


class Migration(migrations.Migration):
    dependencies = [("personalize", "0007_least_chance")]

    operations = [
        migrations.RunSQL(COLUMN, BACK),
        migrations.AddField("decision", "inputs", models.BinaryField(null=True)),
        migrations.CreateModel(
            name="Rulebook",
            fields=[
                ("digest", models.BigIntegerField(primary_key=True, serialize=False)),
                ("content", models.TextField()),
            ],
        ),
    ]
