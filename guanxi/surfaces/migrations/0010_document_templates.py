"""Texts of papers as data (STD-1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("surfaces", "0009_search_words_together"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(editable=False, verbose_name="Created")),
                ("updated_at", models.DateTimeField(editable=False, verbose_name="Updated")),
                (
                    "archived_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="Archived"),
                ),
                ("created_by_id", models.BigIntegerField(editable=False, null=True)),
                ("custom", models.JSONField(blank=True, default=dict, editable=False)),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="Name")),
                ("paper", models.CharField(max_length=60, verbose_name="Paper")),
                ("body", models.TextField(max_length=20000, verbose_name="Text")),
            ],
            options={
                "verbose_name": "Document template",
            },
        ),
    ]
