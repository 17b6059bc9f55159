"""The product's source as the architecture tests read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "guanxi"
LEFT_OUT = {"assets", "__pycache__", "node_modules"}


def files(*suffixes: str, tests: bool = False, migrations: bool = False) -> Iterator[Path]:
    """Files of the package with these endings."""
    for path in sorted(PACKAGE.rglob("*")):
        parts = set(path.relative_to(PACKAGE).parts)
        if path.suffix not in suffixes or parts & LEFT_OUT:
            continue
        # testing.py is the suite that record types' tests inherit.
        is_test = "tests" in parts or path.name == "testing.py"
        if (is_test and not tests) or ("migrations" in parts and not migrations):
            continue
        yield path


def name_of(path: Path) -> str:
    """The path as people write it."""
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def modules(**which: bool) -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package with its tree."""
    for path in files(".py", **which):
        yield name_of(path), tree_of(path)


def imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The full names a module imports, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
