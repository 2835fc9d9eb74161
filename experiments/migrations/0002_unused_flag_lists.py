from django.db import migrations


class Migration(migrations.Migration):
    """Drop the two list tables of waffle's own flag, which ours replaces.

    waffle creates them although the model is swapped out. Nobody fills them, and as Django does
    not know them, their foreign keys stand in the way of emptying the tables of accounts.
    """

    dependencies = [
        ("experiments", "0001_tables"),
        ("waffle", "0004_update_everyone_nullbooleanfield"),
    ]

    operations = [
        migrations.RunSQL(
            "DROP TABLE IF EXISTS waffle_flag_users, waffle_flag_groups",
            migrations.RunSQL.noop,
        )
    ]
