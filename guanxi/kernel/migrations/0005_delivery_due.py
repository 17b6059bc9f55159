"""Let SQLite, too, find what is due without reading what was delivered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_idempotency_age")]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="delivery_due"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "due_at", "id"], name="delivery_due"),
        ),
    ]
