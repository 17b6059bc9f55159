"""Replacing a row and emptying a table count as rewriting history too."""

from django.db import migrations

from guanxi.kernel import append_only


def reinstall(apps, schema_editor):
    append_only.remove(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_append_only")]
    operations = [migrations.RunPython(reinstall, migrations.RunPython.noop)]
