"""Only services write; nothing writes behind their back."""

import ast
import re

import pytest

from tests.architecture.source import imported, modules

BULK = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
BULK |= {f"a{name}" for name in BULK} | {"acreate", "aupdate", "adelete", "asave"}
SQL_WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|MERGE|COPY)\b", re.IGNORECASE)
ROWS = re.compile(r"\bobjects\b|_manager\b|\.filter\(|\.exclude\(|\.all\(|visible\(|queryset")

#: Modules outside services that write, and why they may.
MAY_WRITE = {
    "guanxi/kernel/events.py": "records the event and its deliveries, as every service ends",
    "guanxi/kernel/chores.py": "notes which worker has taken a chore",
    "guanxi/kernel/dump.py": "loads the rows of a backup or of another database, as they were",
    "guanxi/kernel/files.py": "writes the row of a file that passed the gate, for every service",
    "guanxi/kernel/outbox.py": "claims and closes deliveries",
    "guanxi/kernel/jobs.py": "claims, renews and closes runs",
    "guanxi/kernel/numbering.py": "takes the next number in one conditional update",
    "guanxi/kernel/turns.py": "notes that the worker is alive",
    "guanxi/surfaces/search.py": "rebuilds the search documents, which hold nothing of their own",
}


def is_service(module: str) -> bool:
    """Whether the module is a domain's write side."""
    return "/services/" in module or module.endswith("/services.py")


def writes(tree: ast.Module) -> list[str]:
    """The calls in a module that change stored rows, as far as their form shows it."""
    rows = names_of_rows(tree)
    return [
        f"{node.lineno}: {ast.unparse(node)[:80]}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and is_change(node, rows)
    ]


def is_change(call: ast.Call, rows: set[str]) -> bool:
    """Many rows stored at once by the kernel's own statement, or a write through Django."""
    if isinstance(call.func, ast.Name):
        return call.func.id == "insert_rows"
    return isinstance(call.func, ast.Attribute) and is_write(call, rows)


def names_of_rows(tree: ast.Module) -> set[str]:
    """The variables that hold a set of rows."""
    return {
        ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ROWS.search(ast.unparse(node.value))
        for target in node.targets
    }


def is_write(call: ast.Call, rows: set[str]) -> bool:
    """A saved instance, a changed or deleted queryset, a created row, or such SQL."""
    name = call.func.attr
    if name in BULK:
        return True
    if name in {"save", "delete"}:
        return not call.args and ast.unparse(call.func.value) != "super()"
    if name == "create":
        return "objects" in ast.unparse(call.func.value) or "_set" in ast.unparse(call.func.value)
    if name == "update":
        owner = ast.unparse(call.func.value)
        return not call.args and (owner in rows or bool(ROWS.search(owner)))
    if name in {"execute", "executemany"} and call.args and isinstance(call.args[0], ast.Constant):
        return bool(SQL_WRITE.match(str(call.args[0].value)))
    return False


@pytest.mark.parametrize(
    "line",
    [
        "customer.save(update_fields=['name'])",
        "Customer.objects.filter(pk=1).update(name='x')",
        "mine = visible(actor, 'view', base)\nmine.update(**values)",
        "Customer.objects.create(name='x')",
        "Customer.objects.filter(pk=1).delete()",
        "note.delete()",
        "Customer.objects.bulk_create(rows)",
        "insert_rows(rows)",
        "customer.contact_set.get_or_create(name='x')",
        "cursor.execute('DELETE FROM customers_customer')",
    ],
)
def test_the_check_sees_a_write(line):
    assert writes(ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "digest.update(part)",
        "cache.delete('key')",
        "cursor.execute('SELECT 1')",
        "values.update(more)",
        "context.update(page=page)",
    ],
)
def test_the_check_lets_other_calls_pass(line):
    assert writes(ast.parse(line)) == []


def test_only_services_write():
    found = {
        module: lines
        for module, tree in modules()
        if not is_service(module) and module not in MAY_WRITE and (lines := writes(tree))
    }
    assert found == {}


def test_every_exception_is_still_needed():
    written = {module for module, tree in modules() if writes(tree)}
    assert set(MAY_WRITE) - written == set()


def test_nothing_listens_to_signals():
    hidden = ("django.dispatch", "django.db.models.signals")
    found = [
        f"{module}:{line} {name}"
        for module, tree in modules()
        for name, line in imported(tree)
        if name.startswith(hidden)
    ]
    assert found == []


def test_no_model_saves_in_its_own_way():
    found = [
        f"{module}:{node.lineno} {owner.name}.{node.name}"
        for module, tree in modules()
        if module.endswith(("/models.py", "/base.py")) or "/models/" in module
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "save_base"}
    ]
    assert found == []
