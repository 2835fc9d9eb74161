"""The product approves what it brings itself: the first experiment, and what opens its surfaces."""

from django.db import migrations

ONE = "NEW.key <> 'model-vs-generic'"
EACH = "NOT (NEW.key = 'model-vs-generic' OR starts_with(NEW.key, 'opening-'))"


def _rewrite(was: str, becomes: str) -> str:
    """Return SQL that puts one condition of the guard in the place of another."""
    return (
        "DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('experiments_guard'::regproc),"
        f" $a${was}$a$, $b${becomes}$b$); END $do$;"
    )


class Migration(migrations.Migration):
    dependencies = [("experiments", "0011_parts")]
    operations = [migrations.RunSQL(_rewrite(ONE, EACH), _rewrite(EACH, ONE))]
