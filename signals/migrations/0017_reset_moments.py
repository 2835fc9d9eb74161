"""When did a learner have their past forgotten? What is told of it again is not taken in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0016_measured_ahead")]

    operations = [
        migrations.AddField("learner", "reset_at", models.DateTimeField(null=True)),
        migrations.AddField("learner", "forgot_at", models.DateTimeField(null=True)),
    ]
