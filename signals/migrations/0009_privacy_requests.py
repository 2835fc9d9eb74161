"""Requests of learners with their receipts, and who was erased (keys database)."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0008_spool_and_quarantine")]

    operations = [
        migrations.CreateModel(
            name="ErasedLearner",
            fields=[
                ("learner_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("tombstone", models.BinaryField(max_length=32)),
                ("erased_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PrivacyRequest",
            fields=[
                (
                    "receipt",
                    models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("export", "Hand out"),
                            ("reset", "Reset"),
                            ("erase", "Erase"),
                            ("object", "Objection"),
                        ],
                        max_length=8,
                    ),
                ),
                ("subject", models.BigIntegerField(db_index=True, null=True)),
                ("actor", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(db_index=True, null=True)),
                ("steps", models.JSONField(default=list)),
            ],
        ),
    ]
