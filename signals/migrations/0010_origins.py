"""From where the pages of a source may send: registered origins."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the list, empty for every source there is."""

    dependencies = [("signals", "0009_privacy_requests")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="origins",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=255),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
    ]
