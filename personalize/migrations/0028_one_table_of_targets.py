"""Targets of models' figures go to where those of key figures are kept."""

from typing import Any

from django.db import migrations

KEPT_AS = "model."


def move(apps: Any, _editor: Any) -> None:
    """Copy every row, oldest first, so that the newest of a figure still holds."""
    kept = apps.get_model("experiments", "KeyGoal").objects
    rows = apps.get_model("personalize", "FigureTarget").objects.order_by("id").values()
    for row in rows:
        kept.create(
            metric=KEPT_AS + row["figure"],
            **{
                name: row[name]
                for name in ("target", "owner", "reason", "created_by", "created_at")
            },
        )


class Migration(migrations.Migration):
    dependencies = [
        ("personalize", "0027_aims_measured"),
        ("experiments", "0013_keygoal_keyreading"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(name="FigureTarget"),
    ]
