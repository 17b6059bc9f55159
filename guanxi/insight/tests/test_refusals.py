"""Every reason for which a model refuses data can be said to people."""

import ast
from pathlib import Path

from guanxi.insight.refusals import REASONS

NUMERICS = Path(__file__).parents[2] / "numerics"


def codes():
    for path in NUMERICS.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refused":
                yield ast.literal_eval(node.args[0])


def test_every_refusal_has_its_words_and_every_word_its_refusal():
    assert set(codes()) == set(REASONS)
