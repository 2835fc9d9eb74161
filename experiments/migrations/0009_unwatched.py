"""Which experiments cannot be watched, since when, and at how many beats in a row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0008_rereads"),
    ]

    operations = [
        migrations.CreateModel(
            name="Unwatched",
            fields=[
                (
                    "experiment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="unwatched",
                        serialize=False,
                        to="experiments.experiment",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("times", models.PositiveIntegerField()),
            ],
        ),
    ]
