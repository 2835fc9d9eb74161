"""What accounts are called is sealed; the name they sign in with is found by its keyed hash.

What stood in clear goes from the files of the tables here, from WAL when it is overwritten, from
backups when they expire. Attempts to sign in that failed are forgotten, and everybody signs in
again.
"""

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import migrations, models, transaction

import signals.models.names
from signals.models.names import NAMES, box, is_keyed
from signals.sealing import KeyGoneError

TABLES = (
    "signals_account",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
    "django_admin_log",
    "django_session",
)


def seal(apps, schema_editor):
    """Seal what stands in clear, and let it leave the files."""
    accounts = apps.get_model("signals", "Account").objects
    clear = [row for row in accounts.all() if not is_keyed(row.username)]
    with transaction.atomic():
        for row in clear:
            names = {name: getattr(row, name) for name in NAMES}
            try:
                sealed = box().close(row.learner_id, names)
            except KeyGoneError:
                sealed = b""
            accounts.filter(pk=row.pk).update(**names, sealed=sealed)
        if clear:
            _forget(apps)
    if clear:
        with schema_editor.connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"VACUUM (FULL) {table}")


def _forget(apps):
    for app, name in (
        ("axes", "AccessAttempt"),
        ("axes", "AccessLog"),
        ("axes", "AccessFailureLog"),
        ("sessions", "Session"),
    ):
        apps.get_model(app, name).objects.all().delete()
    notes = apps.get_model("admin", "LogEntry").objects
    notes.filter(content_type__app_label="signals", content_type__model="account").update(
        object_repr="account"
    )


class Migration(migrations.Migration):
    atomic = False  # VACUUM runs in no transaction

    dependencies = [
        ("signals", "0014_verbs_by_keyed_words"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("axes", "0010_accessattemptexpiration"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "account", "sealed", models.BinaryField(default=b"", editable=False)
        ),
        migrations.AlterField(
            "account",
            "username",
            signals.models.names.KeyedName(
                "username",
                max_length=150,
                unique=True,
                help_text="Letters, digits and @/./+/-/_ only.",
                validators=[UnicodeUsernameValidator()],
                error_messages={"unique": "A user with that username already exists."},
            ),
        ),
        migrations.AlterField(
            "account",
            "first_name",
            signals.models.names.SealedName("first name", blank=True, max_length=150),
        ),
        migrations.AlterField(
            "account",
            "last_name",
            signals.models.names.SealedName("last name", blank=True, max_length=150),
        ),
        migrations.AlterField(
            "account",
            "email",
            signals.models.names.SealedMail("email address", blank=True, max_length=254),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
