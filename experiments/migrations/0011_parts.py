"""Which account took which step of an experiment: names change, accounts do not."""

import django.db.models.deletion
from django.db import migrations, models

# Written by the steps of the experiment, and never changed (migration 0004).
GUARD_SQL = (
    "CREATE TRIGGER part_kept BEFORE INSERT OR UPDATE OR DELETE ON experiments_part"
    " FOR EACH ROW EXECUTE FUNCTION experiments_evidence_guard();"
)
UNGUARD_SQL = "DROP TRIGGER part_kept ON experiments_part;"


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0010_design"),
    ]

    operations = [
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=12)),
                ("account_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("experiment", "step", "account_id"), name="one_part_a_step"
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD_SQL, UNGUARD_SQL),
    ]
