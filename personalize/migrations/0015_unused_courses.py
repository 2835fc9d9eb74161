import django.db.models
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("personalize", "0014_agents")]
    operations = [
        migrations.CreateModel(
            name="UnusedCourse",
            fields=[
                (
                    "id",
                    django.db.models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("learner_id", django.db.models.BigIntegerField()),
                ("course_id", django.db.models.IntegerField()),
                ("at", django.db.models.DateTimeField()),
            ],
            options={
                "constraints": [
                    django.db.models.UniqueConstraint(
                        fields=("learner_id", "course_id"), name="unused_once"
                    )
                ]
            },
        ),
    ]
