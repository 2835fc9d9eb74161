"""What was shipped is read again later; what was found, and what people answered, is kept."""

import django.db.models.deletion
from django.db import migrations, models


TABLES = ("holdback", "reread", "answer")

# Rows of these are written by the steps of their experiment, and never changed (migration 0004).
GUARD_SQL = "".join(
    f"CREATE TRIGGER {table}_kept BEFORE INSERT OR UPDATE OR DELETE ON experiments_{table}"
    " FOR EACH ROW EXECUTE FUNCTION experiments_evidence_guard();\n"
    for table in TABLES
)
UNGUARD_SQL = "".join(f"DROP TRIGGER {table}_kept ON experiments_{table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0007_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holdback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("share", models.FloatField()),
                ("until", models.DateTimeField()),
                (
                    "experiment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holdback",
                        to="experiments.experiment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=160)),
                ("keeps", models.BooleanField()),
                ("reason", models.TextField()),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("experiment", "number"), name="one_answer_a_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reread",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.PositiveSmallIntegerField()),
                ("taken_at", models.DateTimeField()),
                ("reading", models.CharField(max_length=12)),
                ("results", models.JSONField()),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rereads",
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("experiment", "day"), name="one_reread_a_day")
                ],
            },
        ),
        migrations.RunSQL(GUARD_SQL, UNGUARD_SQL),
    ]
