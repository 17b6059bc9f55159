"""The chain of seals over events and accesses, which nobody changes either."""

from django.db import migrations, models

from guanxi.kernel import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection, append_only.SEALS, key="number")


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection, append_only.SEALS)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_delivery_due")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("log", models.CharField(max_length=10)),
                ("form", models.PositiveSmallIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("count", models.IntegerField()),
                ("gaps", models.JSONField(default=list)),
                ("is_late", models.BooleanField(default=False)),
                ("ids", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=64)),
                ("marks", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["log", "is_late", "-last_id"], name="seal_last"),
                    models.Index(fields=["log", "sealed_at"], name="seal_recent"),
                ],
            },
        ),
        migrations.RunPython(install, remove),
    ]
