"""The ledger of clocks and the versions of calendars cannot be changed afterwards."""

from django.db import migrations

from guanxi.kernel import append_only

TABLES = ("deadlines_clockevent", "deadlines_calendarversion")


def install(apps, schema_editor):
    append_only.install(schema_editor.connection, TABLES)


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0002_clocks"), ("kernel", "0003_append_only_whole")]
    operations = [migrations.RunPython(install, remove)]
