"""Keys that look-alikes share; the one key of the name that they replace is no longer read.

The old column stays in the table, with a default of its own: an older process may still write it.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="MatchKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "value",
                        "customer_id",
                        "source_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=1)),
                ("value", models.BigIntegerField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="match_keys",
                        to="customers.customer",
                    ),
                ),
                ("source_id", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "source_id"], name="match_key_source")]
            },
        ),
        migrations.RemoveIndex(model_name="customer", name="customer_name_key"),
        migrations.AlterField(
            model_name="customer",
            name="name_key",
            field=models.CharField(max_length=120, editable=False, default="", db_default=""),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="customer", name="name_key")]
        ),
    ]
