"""Caps of lists beside the weights: each row says all that is in force (models/objectives.py)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("personalize", "0008_inputs")]

    operations = [
        migrations.AddField(
            model_name="objective",
            name="field_share",
            field=models.FloatField(default=0.75),
        ),
        migrations.AddField(
            model_name="objective",
            name="provider_share",
            field=models.FloatField(default=0.5),
        ),
        migrations.AddField(
            model_name="objective",
            name="well_known",
            field=models.FloatField(default=0.2),
        ),
    ]
