"""Every sort that a list offers finds its rows by an index, at a million rows too."""

from django.db import migrations, models

from guanxi.kernel.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds the indexes while others write.
    dependencies = [("customers", "0003_fill_match_keys")]

    operations = [
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["stage", "id"], name="customer_stage"),
        ),
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["tier", "id"], name="customer_tier"),
        ),
        AddIndexOnline(
            model_name="customer",
            index=models.Index(fields=["headcount", "id"], name="customer_headcount"),
        ),
        AddIndexOnline(
            model_name="contact",
            index=models.Index(fields=["-created_at", "-id"], name="contact_created"),
        ),
        AddIndexOnline(
            model_name="contact",
            index=models.Index(fields=["name", "id"], name="contact_name"),
        ),
        AddIndexOnline(
            model_name="order",
            index=models.Index(fields=["-created_at", "-id"], name="order_created"),
        ),
        AddIndexOnline(
            model_name="payment",
            index=models.Index(fields=["-updated_at", "-id"], name="payment_updated"),
        ),
        AddIndexOnline(
            model_name="payment",
            index=models.Index(fields=["-created_at", "-id"], name="payment_created"),
        ),
        AddIndexOnline(
            model_name="interaction",
            index=models.Index(fields=["-updated_at", "-id"], name="interaction_updated"),
        ),
        AddIndexOnline(
            model_name="interaction",
            index=models.Index(fields=["-created_at", "-id"], name="interaction_created"),
        ),
    ]
