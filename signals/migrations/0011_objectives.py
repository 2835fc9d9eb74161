"""What sources promise, when each was last seen, and the ledger's entries about one learner."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0010_origins"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceObjective",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "every_minutes",
                    models.PositiveIntegerField(
                        default=1440,
                        help_text="Something new arrives at least this often; silence beyond it is an alarm.",
                        validators=[django.core.validators.MinValueValidator(5)],
                    ),
                ),
                (
                    "complete_share",
                    models.FloatField(
                        default=0.98,
                        help_text="Share of events that carry every required field, 0 to 1, over seven days.",
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "owner",
                    models.CharField(help_text="Who is told, and answers for it.", max_length=80),
                ),
                (
                    "next_step",
                    models.CharField(
                        help_text="What the owner does first, in one sentence.", max_length=200
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceSeen",
            fields=[
                ("source_id", models.IntegerField(primary_key=True, serialize=False)),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["subject", "-sequence"], name="ledger_subject"),
        ),
        migrations.AddField(
            model_name="sourceobjective",
            name="source",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="signals.source"
            ),
        ),
    ]
