"""PostgreSQL puts the words of several new documents into the index together, not one by one."""

from django.db import migrations

WAIT = "ALTER INDEX surfaces_search_words SET (fastupdate = {})"


def wait(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(WAIT.format("on"))


def wait_no_more(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(WAIT.format("off"))


class Migration(migrations.Migration):
    dependencies = [("surfaces", "0007_drafts_and_presence")]
    operations = [migrations.RunPython(wait, wait_no_more)]
