from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_customers_of_open_work"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="ticket", name="ticket_at_work"),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", True), ("closed_at__isnull", True)),
                fields=["owner", "customer"],
                name="ticket_unended",
            ),
        ),
    ]
