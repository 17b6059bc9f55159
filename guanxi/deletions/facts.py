"""What a deletion may tell of a record: how much it is and its hashes, never what it says."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector

from guanxi.deletions import messages
from guanxi.deletions.declarations import FLAG, disposals, get_disposal
from guanxi.deletions.models import Deletion
from guanxi.kernel.audit.chain import canonical
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import subject_type
from guanxi.kernel.values import to_json
from guanxi.surfaces.records import get_record_type

#: What moves without the content being another one.
_PASSING: Final = frozenset({FLAG, "version", "updated_at"})


@dataclass(frozen=True)
class Facts:
    """What is known of a record that is to be deleted; the files' hashes are one per line."""

    rows: int
    size: int
    made_by_id: int | None
    made_at: datetime
    digest: str
    file_digests: str

    def columns(self) -> dict[str, Any]:
        """The facts as columns of a deletion."""
        return asdict(self)


def facts_of(material: Any) -> Facts:
    """Count and hash a record as it is now."""
    files = list(get_disposal(subject_type(type(material))).files(material))
    hashes = [file.sha256 for file in files]
    return Facts(
        rows=1 + len(files),
        size=sum(file.size for file in files),
        made_by_id=material.created_by_id,
        made_at=material.created_at,
        digest=_digest(material, hashes),
        file_digests="\n".join(hashes),
    )


def _digest(material: Any, files: list[str]) -> str:
    columns = material._meta.concrete_fields
    values = {c.attname: to_json(getattr(material, c.attname)) for c in columns}
    content = {name: value for name, value in values.items() if name not in _PASSING}
    return hashlib.sha256(canonical([content, files])).hexdigest()


def refuse_needed(material: Model) -> None:
    """Refuse to delete what other records refer to: nothing goes that was not told of."""
    collector = Collector(using="default")
    try:
        collector.collect([material])
    except (ProtectedError, RestrictedError) as error:
        raise RuleViolation("referred_to", messages.REFERRED_TO) from error
    fast = any(rows.exists() for rows in collector.fast_deletes)
    if fast or sum(len(each) for each in collector.data.values()) > 1:
        raise RuleViolation("referred_to", messages.REFERRED_TO)


def material_of(deletion: Deletion, *, is_locked: bool = False) -> Any | None:
    """The record that is to be deleted; none when it is gone."""
    rows = get_record_type(deletion.subject_type).model._base_manager.all()
    if is_locked:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=deletion.subject_id).first()


def content_of(deletion: Deletion) -> dict[str, Any]:
    """What whoever confirms is told, and decides upon: as the record is now."""
    material = material_of(deletion)
    if material is None:
        known = {name: getattr(deletion, name) for name in Facts.__annotations__}
    else:
        known = facts_of(material).columns()
    made_by = known.pop("made_by_id")
    kind, pk = deletion.subject_type, deletion.subject_id
    return {"subject_type": kind, "subject_id": pk, "made_by": made_by, **known}


def kinds() -> dict[str, str]:
    """The kinds of records that can be deleted, by what people call them."""
    return {key: str(get_record_type(key).label) for key in disposals()}
