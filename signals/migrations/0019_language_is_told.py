"""A platform also says which language somebody learns in, to see whom lists leave behind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0018_groups_of_more_kinds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="kind",
            field=models.CharField(
                choices=[
                    ("class", "Class"),
                    ("cohort", "Cohort"),
                    ("organisation", "Organisation"),
                    ("region", "Region"),
                    ("device", "Device"),
                    ("language", "Language"),
                ],
                max_length=12,
            ),
        ),
    ]
