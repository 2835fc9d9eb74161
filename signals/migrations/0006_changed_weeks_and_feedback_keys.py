from django.db import migrations, models

# Keys that could write feedback until it had a scope of its own keep what they could do.
FEEDBACK_SQL = """
UPDATE signals_apikey SET scopes = array_append(scopes, 'feedback')
WHERE 'recommend' = ANY (scopes) AND NOT 'feedback' = ANY (scopes)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('signals', '0005_quality_and_features'),
    ]

    operations = [
        migrations.CreateModel(
            name='DemandWeek',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(db_index=True)),
            ],
        ),
        migrations.RunSQL(FEEDBACK_SQL, migrations.RunSQL.noop),
    ]
