"""Nothing grows until it hurts: the hard stops for files and functions."""

import ast

from tests.architecture.source import ROOT, files, modules, name_of

LONGEST_FILE = 500
LONGEST_FUNCTION = 60


def test_no_file_is_over_500_lines():
    ours = [*files(".py", ".html", ".js", tests=True)]
    ours += [
        path
        for folder in ("tests", "tools", "benchmarks")
        for path in ROOT.glob(f"{folder}/**/*.py")
    ]
    lengths = {name_of(path): path.read_text("utf-8").count("\n") for path in ours}
    assert len(lengths) > 50
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_over_60_lines():
    lengths = {
        f"{module}:{node.name}": node.end_lineno - node.lineno + 1
        for module, tree in modules(tests=True)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lengths) > 100
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
