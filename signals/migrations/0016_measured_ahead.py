from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('signals', '0015_sealed_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='exposure',
            name='measured',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='exposure',
            name='measured_form',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='exposure',
            name='measured_to',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='Measured',
            fields=[
                ('experiment', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('form', models.BigIntegerField()),
                ('metrics', models.JSONField()),
            ],
        ),
    ]
