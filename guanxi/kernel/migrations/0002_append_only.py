"""Events and accesses become append-only; the shared cache gets its table."""

from django.core.management import call_command
from django.db import migrations

from guanxi.kernel import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection)


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection)


def make_cache(apps, schema_editor):
    call_command("createcachetable", verbosity=0, database=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunPython(install, remove),
        migrations.RunPython(make_cache, migrations.RunPython.noop),
    ]
