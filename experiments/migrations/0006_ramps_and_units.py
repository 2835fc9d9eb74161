"""Shares an experiment is opened to, one after another on evidence, and classes that are drawn."""

import django.contrib.postgres.fields
import django.db.models.deletion
import experiments.models
from django.db import migrations, models


# What no door gets round: an opening is written by a step, in order, and grows on evidence alone.
GUARD_SQL = """
CREATE FUNCTION experiments_ramp_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
    last record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM experiments_refuse('Openings are kept as they were written.');
    END IF;
    SELECT e.key, e.state, e.ramp INTO held
        FROM experiments_experiment e WHERE e.id = NEW.experiment_id;
    IF coalesce(current_setting('northway.experiment', true), '') IS DISTINCT FROM held.key::text THEN
        PERFORM experiments_refuse('Openings are written by the steps of an experiment.');
    END IF;
    IF held.state NOT IN ('running', 'paused') THEN
        PERFORM experiments_refuse('Only a running experiment is opened to anybody.');
    END IF;
    SELECT r.number, r.share INTO last FROM experiments_rampstep r
        WHERE r.experiment_id = NEW.experiment_id ORDER BY r.number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 THEN
        PERFORM experiments_refuse('Openings are numbered one after another.');
    END IF;
    IF last.number IS NULL THEN
        IF NEW.share <> held.ramp[1] THEN
            PERFORM experiments_refuse('An experiment begins with the first share of its plan.');
        END IF;
    ELSIF NEW.share > last.share THEN
        IF NEW.share <> (SELECT min(s) FROM unnest(held.ramp) s WHERE s > last.share) THEN
            PERFORM experiments_refuse('No step of the ramp is left out.');
        END IF;
        IF NEW.evidence ->> 'enough' IS DISTINCT FROM 'true' THEN
            PERFORM experiments_refuse('It is opened to more learners on evidence only.');
        END IF;
    ELSIF NEW.share = last.share OR NEW.reason = '' THEN
        PERFORM experiments_refuse('A step back goes to a smaller share and says why.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER opening_kept BEFORE INSERT OR UPDATE OR DELETE ON experiments_rampstep
    FOR EACH ROW EXECUTE FUNCTION experiments_ramp_guard();
"""

UNGUARD_SQL = """
DROP TRIGGER opening_kept ON experiments_rampstep;
DROP FUNCTION experiments_ramp_guard;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0005_exclusions_and_holdouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="cluster",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="experiment",
            name="cluster_size",
            field=models.FloatField(default=1.0),
        ),
        migrations.AddField(
            model_name="experiment",
            name="icc",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="experiment",
            name="ramp",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(), default=experiments.models.open_to_all, size=None
            ),
        ),
        migrations.AddField(
            model_name="experiment",
            name="targeting",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="experiment",
            name="widens_by_itself",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="exclusion",
            name="reason",
            field=models.CharField(
                choices=[
                    ("staff", "Staff"),
                    ("bot", "Bot"),
                    ("test", "Test account"),
                    ("manual", "By hand"),
                    ("no_group", "In no class or cohort"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="experiment",
            name="format",
            field=models.PositiveSmallIntegerField(default=3),
        ),
        migrations.CreateModel(
            name="RampStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("share", models.FloatField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=160)),
                ("reason", models.TextField(blank=True)),
                ("evidence", models.JSONField(default=dict)),
                (
                    "experiment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ramp_steps",
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("experiment", "number"), name="one_opening_a_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__gt", 0), ("share__lte", 1)),
                        name="an_opening_is_a_share",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD_SQL, UNGUARD_SQL),
    ]
