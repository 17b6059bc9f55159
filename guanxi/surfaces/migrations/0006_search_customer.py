"""The documents of one customer, for lists that are walked in their order."""

from django.db import migrations, models

from guanxi.kernel.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds the index while others write.
    dependencies = [("surfaces", "0005_frozen_columns")]

    operations = [
        AddIndexOnline(
            model_name="searchdoc",
            index=models.Index(fields=["customer_id", "record_key"], name="search_customer"),
        ),
    ]
