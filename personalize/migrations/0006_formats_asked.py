"""A learner may say which format they want more of, or that formats shall not count."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("personalize", "0005_model_reviews")]

    operations = [
        migrations.AddField(
            "profile", "format", models.CharField(max_length=20, default="", db_default="")
        ),
    ]
