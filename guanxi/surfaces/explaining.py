"""Says of a record type what came from where: fields, rights, addresses, verbs, events."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from guanxi.kernel import access
from guanxi.kernel.events import EventBase, event_kinds, subscriptions
from guanxi.surfaces.events import (
    RecordArchived,
    RecordChanged,
    RecordCreated,
    RecordRestored,
)
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import STANDARD_VERBS, RecordType

_GENERIC: Final[tuple[type[EventBase], ...]] = (
    RecordCreated,
    RecordChanged,
    RecordArchived,
    RecordRestored,
)
_FLAGS: Final = ("required", "readonly", "sortable", "filterable", "importable", "personal")
_API: Final = "api/v1/"


def explain_record_type(record_type: RecordType) -> dict[str, Any]:
    """Everything that derives from one declaration, with where each thing is written."""
    return {
        "key": record_type.key,
        "label": str(record_type.label),
        "declared_in": declared_in(record_type),
        "model": {
            "name": record_type.model.__name__,
            "table": record_type.model._meta.db_table,
            "written_in": place_of(record_type.model),
        },
        "plural": record_type.plural,
        "number_prefix": record_type.hooks.number_prefix,
        "customer": record_type.customer_path,
        "fields": [explain_field(record_type, f) for f in record_type.all_fields().values()],
        "groups": explain_groups(record_type),
        "permissions": explain_permissions(record_type),
        "list": {
            "columns": list(record_type.listing.columns),
            "sort": record_type.listing.sort,
            "totals": list(record_type.listing.totals),
        },
        "search": {group or "everybody": list(n) for group, n in record_type.search.items()},
        "import_keys": [list(keys) for keys in record_type.import_keys],
        "hooks": {n: place_of(f) for n, f in vars(record_type.hooks).items() if callable(f)},
        "verbs": [explain_verb(verb) for verb in record_type.verbs],
        "panels": [
            {"key": p.key, "template": p.template, "context": place_of(p.context)}
            for p in record_type.panels
        ],
        "pages": list(addresses(record_type, is_api=False)),
        "api": list(addresses(record_type, is_api=True)),
        "events": explain_events(record_type),
        "reactions": explain_reactions(record_type),
    }


# Parts --------------------------------------------------------------------------------------------
def explain_field(record_type: RecordType, field: Field) -> dict[str, Any]:
    """A field: its type, its rights and where its values lie."""
    model = record_type.model
    column = f"{model._meta.db_table}.custom" if field.is_custom else ""
    found = next((f for f in model._meta.get_fields() if f.name == field.path), None)
    if found is not None and not field.is_custom:
        column = f"{type(found).__name__} {model.__name__}.{field.path}"
    return {
        "name": field.name,
        "label": str(field.label),
        "type": field.type,
        "from": "custom field" if field.is_custom else "record",
        "stored_in": column or field.path,
        "group": field.group or "",
        "refers_to": field.ref,
        "section": field.section,
        "flags": [flag for flag in _FLAGS if _has(field, flag)],
    }


def _has(field: Field, flag: str) -> bool:
    is_set = bool(getattr(field, flag))
    return is_set and not (flag == "importable" and field.readonly)


def explain_groups(record_type: RecordType) -> list[dict[str, Any]]:
    """The field groups that occur, and the function that masks each."""
    used = {field.group for field in record_type.all_fields().values() if field.group}
    known = access.groups()
    return [
        {"name": n, "label": str(known[n].label), "mask": place_of(known[n].mask)}
        for n in sorted(used)
        if n in known
    ]


def explain_permissions(record_type: RecordType) -> list[dict[str, str]]:
    """The rights on records of the type."""
    verbs = [record_type.allows(verb) for verb in STANDARD_VERBS]
    verbs += [verb.permission for verb in record_type.verbs]
    verbs += [record_type.reveal] if record_type.reveal else []
    known = access.permissions()
    return [
        {"code": code, "label": str(known[code].label)}
        for code in dict.fromkeys(verbs)
        if code in known
    ]


def explain_verb(verb: Any) -> dict[str, Any]:
    """A verb: its right, its service and what it asks for."""
    return {
        "name": verb.name,
        "label": str(verb.label),
        "permission": verb.permission,
        "service": place_of(verb.service),
        "fields": [f.name for f in verb.fields],
    }


def explain_events(record_type: RecordType) -> list[dict[str, Any]]:
    """What is recorded about such records: the generic events and those of the domain."""
    domain = record_type.model.__module__.rpartition(".")[0]
    own = [c for c in event_kinds().values() if c.__module__.startswith(f"{domain}.")]
    return [
        {
            "kind": cls.kind,
            "of": "every record" if cls in _GENERIC else "the domain",
            "means": inspect.getdoc(cls) or "",
            "written_in": place_of(cls),
        }
        for cls in (*_GENERIC, *own)
    ]


def explain_reactions(record_type: RecordType) -> list[dict[str, Any]]:
    """Who follows what happens to such records."""
    return [
        {
            "consumer": each.consumer,
            "events": sorted(each.kinds),
            "written_in": place_of(each.react),
        }
        for each in subscriptions().values()
        if not each.subjects or record_type.key in each.subjects
    ]


# Places -------------------------------------------------------------------------------------------
def declared_in(record_type: RecordType) -> str:
    """The module that registers the type."""
    for name, module in sorted(sys.modules.items()):
        is_record = ".record" in name and not hasattr(module, "__path__")
        values = vars(module).values() if is_record else ()
        if any(value is record_type for value in values):
            return _relative(str(module.__file__))
    return ""


def place_of(thing: Any) -> str:
    """Where a class or function is written: path, line and name."""
    plain = inspect.unwrap(thing)
    name = getattr(plain, "__qualname__", repr(plain))
    try:
        path, line = inspect.getsourcefile(plain) or "", inspect.getsourcelines(plain)[1]
    except (TypeError, OSError):
        return name
    return f"{_relative(path)}:{line} {name}"


def _relative(path: str) -> str:
    try:
        return str(Path(path).relative_to(settings.BASE_DIR))
    except ValueError:
        return path


def addresses(record_type: RecordType, *, is_api: bool) -> Iterator[dict[str, str]]:
    """The addresses of the type, and the view that answers each."""
    for route, pattern in _patterns(get_resolver().url_patterns, ""):
        if route.startswith(_API) is not is_api:
            continue
        first = route.removeprefix(_API).partition("/")[0]
        if first == record_type.plural:
            yield {"address": f"/{route}", "name": pattern.name or "", "view": _view(pattern)}


def _patterns(found: Any, before: str) -> Iterator[tuple[str, URLPattern]]:
    for each in found:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, route)
        else:
            yield route, each


def _view(pattern: URLPattern) -> str:
    view: Callable[..., Any] = pattern.callback
    return place_of(getattr(view, "view_class", getattr(view, "cls", view)))


# For people ---------------------------------------------------------------------------------------
def as_lines(explained: Mapping[str, Any]) -> Iterator[str]:
    """The explanation as a person reads it at the terminal."""
    yield f"{explained['key']}  {explained['label']}"
    for name in ("declared_in", "plural", "number_prefix", "customer"):
        if explained[name]:
            yield f"  {name}: {explained[name]}"
    yield f"  model: {explained['model']['written_in']}, table {explained['model']['table']}"
    for name in ("list", "search", "hooks"):
        yield f"\n{name}"
        for key, value in explained[name].items():
            yield f"  {key}: {', '.join(value) if isinstance(value, list) else value}"
    for name, row in _ROWS.items():
        if explained[name]:
            yield f"\n{name}"
            yield from (f"  {row(each)}" for each in explained[name])


_ROWS: Final[dict[str, Callable[[Any], str]]] = {
    "import_keys": " + ".join,
    "fields": lambda f: "  ".join(
        part
        for part in (
            f"{f['name']:<22}",
            f"{f['type']:<11}",
            f["group"] and f"[{f['group']}]",
            f["refers_to"] and f"→ {f['refers_to']}",
            f["stored_in"],
            " ".join(f["flags"]),
        )
        if part
    ),
    "groups": lambda g: f"{g['name']:<12}{g['label']}  masked by {g['mask']}",
    "permissions": lambda p: f"{p['code']:<28}{p['label']}",
    "verbs": lambda v: f"{v['name']:<16}{v['permission']}  {v['service']}",
    "panels": lambda p: f"{p['key']:<16}{p['template']}  {p['context']}",
    "pages": lambda a: f"{a['address']:<46}{a['view']}",
    "api": lambda a: f"{a['address']:<46}{a['view']}",
    "events": lambda e: f"{e['kind']:<28}{e['means']}",
    "reactions": lambda r: f"{r['consumer']:<40}{r['written_in']}",
}
