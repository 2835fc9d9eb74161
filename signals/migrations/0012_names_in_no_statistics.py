"""PostgreSQL keeps samples of columns to plan by: not of those that name who signs in."""

from django.db import migrations

COLUMNS = {
    "signals_account": {
        "username": "varchar(150)",
        "first_name": "varchar(150)",
        "last_name": "varchar(150)",
        "email": "varchar(254)",
        "password": "varchar(128)",
    },
    "axes_accessattempt": {"username": "varchar(255)"},
    "axes_accesslog": {"username": "varchar(255)"},
    "axes_accessfailurelog": {"username": "varchar(255)"},
    "django_admin_log": {"object_repr": "varchar(200)", "change_message": "text"},
    "django_session": {"session_data": "text"},
}


def _statements() -> list[str]:
    """Take each column's samples away, which a change of type does, and let none be made anew."""
    said: list[str] = []
    for table, columns in COLUMNS.items():
        for column, kind in columns.items():
            said.append(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")
            said.append(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
    return said


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0011_objectives"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("axes", "0010_accessattemptexpiration"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunSQL(_statements(), migrations.RunSQL.noop)]
