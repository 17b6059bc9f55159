"""SQLite puts the words of many new documents into the index with one statement, not one by one.

While a row stands in surfaces_search_together the trigger leaves new documents to whoever put it
there; the row lives only inside that writer's transaction.
"""

from django.db import migrations

INSERT = """CREATE TRIGGER surfaces_search_insert AFTER INSERT ON surfaces_searchdoc {when}BEGIN
    INSERT INTO surfaces_search_fts(rowid, tokens) VALUES (new.id, new.tokens); END"""
UNLESS_TOGETHER = "WHEN NOT EXISTS (SELECT 1 FROM surfaces_search_together) "


def together(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("CREATE TABLE surfaces_search_together (begun INTEGER NOT NULL)")
        schema_editor.execute("DROP TRIGGER surfaces_search_insert")
        schema_editor.execute(INSERT.format(when=UNLESS_TOGETHER))


def one_by_one(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER surfaces_search_insert")
        schema_editor.execute(INSERT.format(when=""))
        schema_editor.execute("DROP TABLE surfaces_search_together")


class Migration(migrations.Migration):
    dependencies = [("surfaces", "0008_search_words_wait")]
    operations = [migrations.RunPython(together, one_by_one)]
