"""The district of a customer, below province and city."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_filters")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="district",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=30, verbose_name="District"
            ),
        ),
    ]
