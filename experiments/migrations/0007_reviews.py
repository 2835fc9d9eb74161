"""Weekly reviews, kept as they were first made: nobody changes one, and none is made to fit."""

from django.db import migrations, models

GUARD_SQL = """
CREATE FUNCTION experiments_review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM experiments_refuse('A review is kept as it was written.');
END $$;

CREATE TRIGGER review_kept BEFORE UPDATE OR DELETE ON experiments_review
    FOR EACH ROW EXECUTE FUNCTION experiments_review_guard();
"""

UNGUARD_SQL = """
DROP TRIGGER review_kept ON experiments_review;
DROP FUNCTION experiments_review_guard;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0006_ramps_and_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("week", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("content", models.TextField()),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.RunSQL(GUARD_SQL, UNGUARD_SQL),
    ]
