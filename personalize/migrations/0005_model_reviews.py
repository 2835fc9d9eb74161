"""Reviews of models, kept as they were first made, and what people want of each figure."""

from django.db import migrations, models

GUARD_SQL = """
CREATE FUNCTION personalize_modelreview_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A review of models is kept as it was written.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER modelreview_kept BEFORE UPDATE OR DELETE ON personalize_modelreview
    FOR EACH ROW EXECUTE FUNCTION personalize_modelreview_guard();
"""

UNGUARD_SQL = """
DROP TRIGGER modelreview_kept ON personalize_modelreview;
DROP FUNCTION personalize_modelreview_guard;
"""


class Migration(migrations.Migration):
    dependencies = [("personalize", "0004_objectives")]

    operations = [
        migrations.CreateModel(
            name="ModelReview",
            fields=[
                ("until", models.DateField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("content", models.TextField()),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="FigureTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figure", models.CharField(max_length=20)),
                ("target", models.FloatField(null=True)),
                ("owner", models.CharField(max_length=80)),
                ("reason", models.CharField(max_length=200)),
                ("created_by", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField()),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.RunSQL(GUARD_SQL, UNGUARD_SQL),
    ]
