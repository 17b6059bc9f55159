"""Finds every translatable string in Python code and in templates, with no gettext tools."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

SKIPPED_FOLDERS = {"tests", "migrations", "locale", "assets", "static", "__pycache__"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".md", ".svg"}

#: Which arguments of each gettext function are the context, the message and its plural.
ARGUMENTS = {
    "_": ("message",),
    "gettext": ("message",),
    "gettext_lazy": ("message",),
    "gettext_noop": ("message",),
    "ngettext": ("message", "plural"),
    "ngettext_lazy": ("message", "plural"),
    "pgettext": ("context", "message"),
    "pgettext_lazy": ("context", "message"),
    "npgettext": ("context", "message", "plural"),
    "npgettext_lazy": ("context", "message", "plural"),
}

TEMPLATE_CALL = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\((?=u?['\"])")
TEMPLATE_STRING = re.compile(r"\s*u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?", re.DOTALL)


@dataclass(frozen=True)
class Message:
    """One translatable string, with the place where it stands."""

    message: str
    plural: str | None
    context: str | None
    where: str

    @property
    def key(self) -> tuple[str | None, str]:
        """What a catalogue looks the string up by."""
        return (self.context, self.message)


@dataclass(frozen=True)
class Fault:
    """A gettext call whose string cannot be extracted, hence never translated."""

    reason: str
    where: str


def extract(root: Path) -> Iterator[Message | Fault]:
    """Yield every message under the package folder, in the order of its files."""
    base = root.parent
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if SKIPPED_FOLDERS & set(inside.parts[:-1]) or not path.is_file():
            continue
        where = str(path.relative_to(base))
        if path.suffix == ".py":
            yield from from_python(path.read_text("utf-8"), where)
        elif "templates" in inside.parts and path.suffix in TEMPLATE_SUFFIXES:
            yield from from_template(path.read_text("utf-8"), where)


def from_python(source: str, where: str) -> Iterator[Message | Fault]:
    """Yield the messages of one Python module."""
    tree = ast.parse(source, filename=where)
    names = {name: name for name in ARGUMENTS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = names.get(_called_name(node.func), "")
        if called in ARGUMENTS:
            found = _python_message(node, ARGUMENTS[called], f"{where}:{node.lineno}")
            if found is not None:
                yield found


def _called_name(func: ast.expr) -> str:
    if isinstance(func, ast.Name):
        return func.id
    if isinstance(func, ast.Attribute) and func.attr != "_":
        return func.attr
    return ""


def _python_message(call: ast.Call, parts: tuple[str, ...], where: str) -> Message | Fault | None:
    found: dict[str, str] = {}
    for part, argument in zip(parts, call.args, strict=False):
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            found[part] = argument.value
        elif isinstance(argument, ast.JoinedStr | ast.BinOp):
            return Fault(f"gettext of a built string: {ast.unparse(argument)}", where)
        else:
            return None  # a variable: its text was marked where it was written
    if "message" not in found:
        return Fault(f"gettext without a message: {ast.unparse(call)}", where)
    return Message(found["message"], found.get("plural"), found.get("context"), where)


def from_template(source: str, where: str) -> Iterator[Message | Fault]:
    """Yield the messages of one Django template."""
    try:
        code = templatize(source, origin=where)
    except SyntaxError as error:
        yield Fault(str(error), where)
        return
    for call in TEMPLATE_CALL.finditer(code):
        parts = ARGUMENTS[call[1]]
        texts = _string_arguments(code, call.end(), len(parts))
        found = dict(zip(parts, texts, strict=False))
        if "message" in found:
            line = code.count("\n", 0, call.start()) + 1
            yield Message(
                found["message"], found.get("plural"), found.get("context"), f"{where}:{line}"
            )


def _string_arguments(code: str, position: int, most: int) -> list[str]:
    texts: list[str] = []
    while len(texts) < most and (literal := TEMPLATE_STRING.match(code, position)):
        texts.append(ast.literal_eval(literal[1]))
        position = literal.end()
    return texts
