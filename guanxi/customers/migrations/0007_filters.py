"""What customers are often filtered by leads to them by an index; several are combined."""

from django.db import migrations, models

from guanxi.kernel.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds the indexes while others write.
    dependencies = [("customers", "0006_merges")]

    operations = [
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["industry"], name="customer_industry"),
        ),
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["province"], name="customer_province"),
        ),
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["city"], name="customer_city"),
        ),
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["source"], name="customer_source"),
        ),
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["order_count"], name="customer_order_count"),
        ),
    ]
