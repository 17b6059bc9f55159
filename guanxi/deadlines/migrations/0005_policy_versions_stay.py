"""What a policy said when a clock was started by it cannot be changed afterwards."""

from django.db import migrations

from guanxi.kernel import append_only

TABLES = ("deadlines_policyversion",)


def install(apps, schema_editor):
    append_only.install(schema_editor.connection, TABLES)


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0004_policies")]
    operations = [migrations.RunPython(install, remove)]
