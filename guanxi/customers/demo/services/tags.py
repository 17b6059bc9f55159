"""Loads the tag library of the standard pack."""

from datetime import datetime
from importlib import resources
from typing import Any, Final

import yaml
from django.db import transaction

from guanxi.customers.models import Tag
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import Happening, record_many
from guanxi.surfaces import search
from guanxi.surfaces.events import RecordCreated
from guanxi.surfaces.records import get_record_type

TAG: Final = "customers.tag"


def read_standard_tags() -> list[dict[str, Any]]:
    """The tags of the standard pack as written."""
    source = resources.files("guanxi.packs") / "standard" / "tags.yaml"
    tags: list[dict[str, Any]] = yaml.safe_load(source.read_text(encoding="utf-8"))["tags"]
    return tags


@transaction.atomic
def load_standard_tags(*, actor: Actor, at: datetime) -> dict[str, Tag]:
    """Create the tags of the standard pack that are missing; those that exist stay as edited."""
    known = {tag.name: tag for tag in Tag.objects.all()}
    missing = [
        Tag(**written, created_at=at, updated_at=at, created_by_id=actor.user_id)
        for written in read_standard_tags()
        if written["name"] not in known
    ]
    made = Tag.objects.bulk_create(missing)
    search.index_records(get_record_type(TAG), made, at=at)
    happenings = [
        Happening(RecordCreated(), tag, changes={"name": (None, tag.name)}) for tag in made
    ]
    record_many(happenings, actor=actor, at=at)
    return known | {tag.name: tag for tag in made}
