"""Columns of tables that are read and written all the while; each takes the whole table a moment."""

from django.db import migrations


class Migration(migrations.Migration):
    """Add what may be NULL, as docs/upgrading.md asks for."""

    dependencies = [("signals", "__latest__"), ("personalize", "__latest__")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD COLUMN newer_mark integer",
            f"ALTER TABLE {table} DROP COLUMN newer_mark",
        )
        for table in ("signals_learnercourse", "signals_event", "personalize_decision")
    ]
