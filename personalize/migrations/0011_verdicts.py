"""Weekly verdicts on models, kept as they were first made."""

from django.db import migrations, models

GUARD_SQL = """
CREATE FUNCTION personalize_weeklyverdict_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A verdict on a model is kept as it was written.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER weeklyverdict_kept BEFORE UPDATE OR DELETE ON personalize_weeklyverdict
    FOR EACH ROW EXECUTE FUNCTION personalize_weeklyverdict_guard();
"""

UNGUARD_SQL = """
DROP TRIGGER weeklyverdict_kept ON personalize_weeklyverdict;
DROP FUNCTION personalize_weeklyverdict_guard;
"""


class Migration(migrations.Migration):
    dependencies = [("personalize", "0010_drift")]

    operations = [
        migrations.CreateModel(
            name="WeeklyVerdict",
            fields=[
                ("until", models.DateField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("content", models.TextField()),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.RunSQL(GUARD_SQL, UNGUARD_SQL),
    ]
