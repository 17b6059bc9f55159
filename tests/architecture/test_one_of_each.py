"""One outbound client, one maker of markup, one normaliser, one reader and writer of a format."""

import ast

import pytest

from tests.architecture.source import imported, modules

#: Who alone may import a library that should have one face in the product.
ONLY_HERE = {
    "opencc": {"guanxi/kernel/folding.py"},
    "pypinyin": {"guanxi/kernel/pinyin.py"},
    "phonenumbers": {"guanxi/kernel/identifiers.py"},
    "stdnum": {"guanxi/kernel/identifiers.py"},
    "python_calamine": set(),
    "xlsxwriter": set(),
    "PIL": set(),
}
#: What reaches other machines; the product has one place for it, and a loopback probe.
OUTBOUND = (
    "urllib.request",
    "http.client",
    "requests",
    "httpx",
    "urllib3",
    "smtplib",
    "ftplib",
    "imaplib",
)
MAY_REACH_OUT = {
    "guanxi/kernel/supervisor.py": "asks its own web process whether the page is there",
    "guanxi/tickets/mail/fetching.py": "reads mailboxes, through kernel.connecting",
}

#: What reads the clock; everything else is told the time.
CLOCK = {
    "timezone.now",
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "datetime.today",
    "time.time",
}
SURFACES = (
    *("views", "api", "html", "live", "forms", "middleware", "management", "jobs"),
    *("adapters", "authentication", "lockout"),  # where sign-in enters
    "celery",  # where a message does
)


def matches(name: str, library: str) -> bool:
    """Whether an import is the library or something inside it."""
    return name == library or name.startswith(f"{library}.")


#: The one normaliser: how texts, look-alikes, codes, phones and search terms become comparable.
NORMALISER = {
    f"guanxi/kernel/{name}.py"
    for name in ("text", "folding", "identifiers", "pinyin", "search_text")
}


@pytest.mark.parametrize("library", sorted(ONLY_HERE))
@pytest.mark.slow
def test_a_library_has_one_face(library):
    users = {m for m, tree in modules() for name, _ in imported(tree) if matches(name, library)}
    allowed = ONLY_HERE[library]
    assert users <= allowed if allowed else len(users) <= 1


def test_only_the_normaliser_normalises():
    found = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "unicodedata.normalize"
    }
    assert found
    assert found - NORMALISER == set()


def test_nothing_else_reaches_other_machines():
    users = {
        module
        for module, tree in modules()
        for name, _ in imported(tree)
        if any(matches(name, library) for library in OUTBOUND)
    }
    assert users == set(MAY_REACH_OUT)


def test_only_surfaces_and_jobs_read_the_clock():
    found = [
        f"{module}:{line}"
        for module, tree in modules()
        if not is_surface(module)
        for line in clock_reads(tree) - {n for job in jobs_of(tree) for n in clock_reads(job)}
    ]
    assert found == []


def clock_reads(tree: ast.AST) -> set[int]:
    """The lines that ask what time it is."""
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCK
    }


def jobs_of(tree: ast.AST) -> list[ast.AST]:
    """The functions that the worker calls, each the entry of its own time."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark).startswith("job(") for mark in node.decorator_list)
    ]


def test_the_check_of_the_clock_can_tell():
    tree = ast.parse("@job('a')\ndef run():\n    timezone.now()\ndef other():\n    date.today()\n")
    assert clock_reads(tree) == {3, 5}
    assert [clock_reads(job) for job in jobs_of(tree)] == [{3}]


def is_surface(module: str) -> bool:
    """Whether the module is a place where the time comes in."""
    return any(part.startswith(SURFACES) for part in module.removesuffix(".py").split("/"))
