"""A rule's view is its audience: `segment` is the word for a condition in every filter."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0010_pools")]

    operations = [migrations.RenameField("poolrule", old_name="segment", new_name="audience")]
