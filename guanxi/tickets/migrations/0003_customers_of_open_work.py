from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0002_wording_in_force"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("archived_at__isnull", True),
                    ("state__in", ("new", "open", "waiting", "solved")),
                ),
                fields=["owner", "customer"],
                name="ticket_at_work",
            ),
        ),
    ]
