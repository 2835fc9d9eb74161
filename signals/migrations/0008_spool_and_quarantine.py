"""The quarantine keeps how a refused body came; the spool keeps how far it is stored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0007_documents")]

    operations = [
        migrations.CreateModel(
            name="SpoolProgress",
            fields=[
                ("segment", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("records", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="quarantine",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="quarantine",
            name="door",
            field=models.CharField(blank=True, default="", max_length=12),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="quarantine",
            name="form",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="quarantine",
            name="mark",
            field=models.BigIntegerField(db_index=True, null=True),
        ),
    ]
