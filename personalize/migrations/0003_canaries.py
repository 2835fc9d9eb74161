"""A version of a model may be tried on some learners before all see it: canary, challenger."""

from django.db import migrations, models

STATES = [
    ("candidate", "Candidate"),
    ("refused", "Refused"),
    ("canary", "Canary"),
    ("challenger", "Challenger"),
    ("live", "Live"),
    ("retired", "Retired"),
]


class Migration(migrations.Migration):
    dependencies = [("personalize", "0002_drafted_lists")]

    operations = [
        migrations.AlterField(
            "modelversion",
            "state",
            models.CharField(choices=STATES, default="candidate", max_length=12),
        ),
        migrations.AddField(
            "modelversion", "canary_since", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "modelversion", "kept_until", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "modelversion",
            "configuration",
            models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            "modelversion",
            "experiment",
            models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            "modelversion", "readings", models.JSONField(db_default=[], default=list)
        ),
        migrations.AddConstraint(
            "modelversion",
            models.UniqueConstraint(
                condition=models.Q(("state", "canary")), fields=("state",), name="one_canary"
            ),
        ),
        migrations.AddConstraint(
            "modelversion",
            models.UniqueConstraint(
                condition=models.Q(("state", "challenger")),
                fields=("state",),
                name="one_challenger",
            ),
        ),
    ]
