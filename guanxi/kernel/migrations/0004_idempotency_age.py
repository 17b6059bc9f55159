"""Find the keys of yesterday without reading all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_append_only_whole")]

    operations = [
        migrations.AddIndex(
            model_name="idempotencykey",
            index=models.Index(fields=["created_at"], name="idempotency_age"),
        ),
    ]
