"""An index of a table that is written all the while."""

from django.db import migrations


class Migration(migrations.Migration):
    """Build it beside those who write."""

    atomic = False
    dependencies = [("newer", "0001_columns")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY newer_last ON signals_learnercourse (last_at)",
            "DROP INDEX newer_last",
        )
    ]
