"""A saved view may say up to which column the list stays."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surfaces", "0004_search_statistics")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="frozen",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
    ]
