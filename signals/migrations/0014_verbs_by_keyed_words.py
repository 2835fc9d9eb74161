"""Verbs no rule knows are kept as keyed words until ten learners used them; what was told goes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0013_groups_and_clusters")]

    operations = [
        migrations.RunSQL("TRUNCATE signals_unmappedverb", migrations.RunSQL.noop),
        migrations.RemoveConstraint("unmappedverb", "unmapped_verb_once"),
        migrations.AlterField(
            "unmappedverb", "verb", models.CharField(blank=True, max_length=255)
        ),
        migrations.AddField("unmappedverb", "verb_word", models.BigIntegerField()),
        migrations.AddField("unmappedverb", "type_word", models.BigIntegerField()),
        migrations.AddField("unmappedverb", "learners", models.BigIntegerField()),
        migrations.AddConstraint(
            "unmappedverb",
            models.UniqueConstraint(
                fields=["source_id", "verb_word", "type_word"], name="unmapped_verb_once"
            ),
        ),
        migrations.AddField("verbrule", "waiting_at", models.DateTimeField(null=True)),
    ]
