"""The index under the search: FTS5 kept by triggers on SQLite, GIN over the words on PostgreSQL."""

from django.db import migrations

SQLITE = (
    """CREATE VIRTUAL TABLE surfaces_search_fts USING fts5(
        tokens, content='surfaces_searchdoc', content_rowid='id', detail=none, columnsize=0,
        tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER surfaces_search_insert AFTER INSERT ON surfaces_searchdoc BEGIN
        INSERT INTO surfaces_search_fts(rowid, tokens) VALUES (new.id, new.tokens); END""",
    """CREATE TRIGGER surfaces_search_delete AFTER DELETE ON surfaces_searchdoc BEGIN
        INSERT INTO surfaces_search_fts(surfaces_search_fts, rowid, tokens)
        VALUES ('delete', old.id, old.tokens); END""",
    """CREATE TRIGGER surfaces_search_update AFTER UPDATE OF tokens ON surfaces_searchdoc BEGIN
        INSERT INTO surfaces_search_fts(surfaces_search_fts, rowid, tokens)
        VALUES ('delete', old.id, old.tokens);
        INSERT INTO surfaces_search_fts(rowid, tokens) VALUES (new.id, new.tokens); END""",
)
# Without the finer statistics the planner expects few matches of a word that has many, and
# walks the date index instead of this one.
POSTGRESQL = (
    """CREATE INDEX surfaces_search_words ON surfaces_searchdoc
        USING gin (string_to_array(tokens, ' ')) WITH (fastupdate = off)""",
    "ALTER INDEX surfaces_search_words ALTER COLUMN 1 SET STATISTICS 2000",
)


def forwards(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER surfaces_search_{name}")
        schema_editor.execute("DROP TABLE surfaces_search_fts")
    else:
        schema_editor.execute("DROP INDEX surfaces_search_words")


class Migration(migrations.Migration):
    dependencies = [("surfaces", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
