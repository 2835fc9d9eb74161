"""A plan says whether learners see one arm each, or two rankers in one list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0009_unwatched")]

    operations = [
        migrations.AddField(
            "experiment", "design", models.CharField(default="arms", max_length=12)
        ),
        migrations.AlterField(
            "experiment", "format", models.PositiveSmallIntegerField(default=4)
        ),
    ]
