"""Which column of a file becomes which field: what is offered, what is guessed, what is refused."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, RuleViolations
from guanxi.kernel.text import fold
from guanxi.surfaces.fields import DOCUMENTS, Field
from guanxi.surfaces.records import Companion, RecordType, get_record_type, record_types

LANGUAGES: Final = ("zh-hans", "en")
MINOR: Final = "_minor"
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_MINOR_UNITS: Final = ("分", "pence", "cents", "minor", "penny")


@dataclass(frozen=True)
class Target:
    """Something a column can be read into: a field, an amount in units, a key of a reference."""

    name: str
    field: Field
    part: str = ""
    is_major: bool = False
    companion: Companion | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        """Everything a column for this may be called, folded."""
        if self.companion:
            return frozenset(map(fold, _companion_words(self.companion, self.field)))
        if self.part:
            return frozenset(map(fold, _reference_words(self.field, self.part)))
        names = {self.name, self.field.name, *_labels(self.field), *self.field.synonyms}
        if self.field.type == "money" and not self.is_major:
            names = {self.name} | {f"{n}{unit}" for n in names for unit in _MINOR_UNITS}
        return frozenset(map(fold, names)) - {""}

    @property
    def label(self) -> str:
        """What people read in the list of targets."""
        if self.companion:
            label = get_record_type(self.companion.key).label
            return gettext("%(record)s: %(field)s") % {"record": label, "field": self.field.label}
        if self.part:
            inner = get_record_type(self.field.ref).declared()[self.part]
            return gettext("%(record)s: %(field)s") % {
                "record": self.field.label,
                "field": inner.label,
            }
        if self.field.type == "money" and not self.is_major:
            return gettext("%(field)s (in cents)") % {"field": self.field.label}
        return str(self.field.label)


def _labels(field: Field) -> list[str]:
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(str(field.label))
    return found


def _reference_words(field: Field, part: str) -> Iterable[str]:
    """`customer.external_id`, 客户外部编号, and what already names the record (客户名称)."""
    inner = get_record_type(field.ref).declared()[part]
    outer = [field.name, *_labels(field), *field.synonyms]
    yield f"{field.name}.{part}"
    own = [part, *_labels(inner), *inner.synonyms]
    for word in own:
        yield from (f"{name}{word}" for name in outer)
        yield from (word for name in outer if fold(name) in fold(word) and fold(name) != fold(word))


def _companion_words(companion: Companion, field: Field) -> Iterable[str]:
    """`contact.phone`, 联系人电话, and what only the companion is called (职位)."""
    record_type = get_record_type(companion.key)
    outer = [companion.name]
    for language in LANGUAGES:
        with override(language):
            outer.append(str(record_type.label))
    own = [field.name, *_labels(field), *field.synonyms]
    yield f"{companion.name}.{field.name}"
    yield from own
    yield from (f"{name}{word}" for name in outer for word in own)


def targets(record_type: RecordType, actor: Actor) -> dict[str, Target]:
    """Everything that this person may read a column into."""
    found = _own_targets(record_type, actor)
    companion = record_type.companion
    if companion and actor.can(get_record_type(companion.key).allows("create")):
        for target in _own_targets(get_record_type(companion.key), actor).values():
            if target.field.type not in {"ref", "refs", "money"}:
                name = f"{companion.name}.{target.name}"
                found[name] = Target(name, target.field, companion=companion)
    return found


def _own_targets(record_type: RecordType, actor: Actor) -> dict[str, Target]:
    found: dict[str, Target] = {}
    keys = key_only(record_type)
    for field in record_type.all_fields().values():
        is_fillable = field.importable and not field.readonly
        if field.is_clear(actor) and (is_fillable or field.name in keys):
            found.update({target.name: target for target in _targets_of(field)})
    return found


def key_only(record_type: RecordType) -> frozenset[str]:
    """Fields that tell which record a row is about, but that nobody can set (our own numbers)."""
    declared = record_type.declared()
    return frozenset(
        name
        for names in record_type.import_keys
        for name in names
        if name in declared and declared[name].readonly
    )


def _targets_of(field: Field) -> list[Target]:
    if field.type in DOCUMENTS:
        return []
    if field.type == "money":
        major = (
            field.name.removesuffix(MINOR) if field.name.endswith(MINOR) else f"{field.name}.major"
        )
        return [Target(major, field, is_major=True), Target(field.name, field)]
    if field.type != "ref":
        return [Target(field.name, field)]
    return [Target(field.name, field)] + [
        Target(f"{field.name}.{part}", field, part) for part in reference_parts(field.ref)
    ]


def reference_parts(key: str) -> list[str]:
    """The fields by which a referenced record can be named, most certain first."""
    record_type = get_record_type(key)
    declared = record_type.declared()
    alone = [names[0] for names in record_type.import_keys if len(names) == 1]
    found = dict.fromkeys([*alone, record_type.title_field])
    return [n for n in found if n in declared and declared[n].type not in {"ref", "refs"}]


# Guessing -----------------------------------------------------------------------------------------
def guess(headers: Sequence[str], offered: Mapping[str, Target]) -> dict[str, str]:
    """Columns for as many targets as their names allow: target → column."""
    chosen: dict[str, str] = {}
    for precise in (True, False):
        for header in headers:
            if header in chosen.values():
                continue
            target = _target_for(header, offered, chosen, is_precise=precise)
            if target:
                chosen[target.name] = header
    return _without_nameless(chosen, offered)


def _without_nameless(chosen: dict[str, str], offered: Mapping[str, Target]) -> dict[str, str]:
    """Without the columns of a companion that no column names: they would refuse every row."""
    beside = {name: offered[name].companion for name in chosen}
    titles = {
        f"{c.name}.{get_record_type(c.key).title_field}" for c in beside.values() if c is not None
    }
    return {
        n: header for n, header in chosen.items() if beside[n] is None or titles & chosen.keys()
    }


def _target_for(
    header: str, offered: Mapping[str, Target], chosen: Mapping[str, str], *, is_precise: bool
) -> Target | None:
    wanted = fold(header if is_precise else _IN_BRACKETS.sub("", header))
    own = [t for t in (offered[name] for name in chosen) if not t.part and not t.companion]
    taken = {t.field.name for t in own}
    free = [t for t in offered.values() if t.name not in chosen]
    for target in sorted(free, key=lambda t: (wanted != fold(t.name), _is_beside(t))):
        if wanted in target.words and (_is_beside(target) or target.field.name not in taken):
            return target
    return None


def _is_beside(target: Target) -> bool:
    """Whether a target is of another record than the row's own."""
    return bool(target.part or target.companion)


def exact(headers: Sequence[str], offered: Mapping[str, Target]) -> dict[str, str]:
    """Only the columns that are called exactly as a field."""
    return {header: header for header in headers if header in offered}


def signature(headers: Sequence[str]) -> str:
    """What makes two files the same kind of file: their columns, less the one that we add."""
    names = sorted(fold(header) for header in headers if not is_error_column(header))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def error_heading() -> str:
    """The column that says what is wrong with a row."""
    return gettext("Import error")


def is_error_column(header: str) -> bool:
    """Whether a column is the one that we added to a file of wrong rows."""
    for language in LANGUAGES:
        with override(language):
            if header == error_heading():
                return True
    return False


# Checking -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Choices:
    """How a file is to be read: target → column, fixed values, which missing records to create."""

    mapping: Mapping[str, str]
    constants: Mapping[str, str]
    create_missing: tuple[str, ...] = ()


def check_choices(
    choices: Choices, headers: Sequence[str], record_type: RecordType, actor: Actor
) -> None:
    """Refuse targets that do not exist or are not this person's, and columns that are not there."""
    offered = targets(record_type, actor)
    wrong = [
        RuleViolation(
            "unknown_target",
            _("There is no field “%(target)s” that you may fill."),
            target=name[:60],
        )
        for name in [*choices.mapping, *choices.constants]
        if name not in offered
    ]
    wrong += [
        RuleViolation(
            "unknown_column", _("The file has no column “%(column)s”."), column=column[:60]
        )
        for column in choices.mapping.values()
        if column not in headers
    ]
    references = {t.field.ref for t in offered.values() if t.field.type == "ref"}
    wrong += [
        RuleViolation(
            "unknown_type", _("“%(type)s” cannot be created along the way."), type=key[:60]
        )
        for key in choices.create_missing
        if key not in references
    ]
    if not choices.mapping:
        wrong.append(RuleViolation("nothing_mapped", _("Choose a field for at least one column.")))
    if wrong:
        raise RuleViolations(wrong)


def type_named(word: str) -> RecordType | None:
    """The record type behind a word: `orders`, `order` or `customers.order`."""
    for record_type in record_types():
        singular = record_type.key.rpartition(".")[2]
        if word in {record_type.key, record_type.plural, singular}:
            return record_type
    return None


def column_guide(record_type: RecordType, actor: Actor) -> list[tuple[str, str]]:
    """The columns of an empty import sheet, each with what it takes."""
    found = []
    for target in targets(record_type, actor).values():
        is_doubled = target.part or (target.field.type == "money" and not target.is_major)
        if not is_doubled:
            found.append((target.label, _about(target)))
    return found


def _about(target: Target) -> str:
    field = target.field
    parts = [gettext("required")] if field.required else []
    if field.choices:
        parts.append(" / ".join(str(label) for _value, label in field.choices))
    elif field.type in {"date", "datetime"}:
        parts.append("2026-03-11" if field.type == "date" else "2026-03-11 14:30")
    elif field.type in {"ref", "refs"}:
        labels = [
            str(get_record_type(field.ref).declared()[p].label) for p in reference_parts(field.ref)
        ]
        parts.append(gettext("one of: %(keys)s") % {"keys": gettext(", ").join(labels)})
    elif field.type == "boolean":
        parts.append(gettext("Yes / No"))
    if field.help:
        parts.append(str(field.help))
    return "；".join(parts)
