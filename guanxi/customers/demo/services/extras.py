"""What people of the demo company have arranged for themselves: fields, views, marks."""

from datetime import datetime
from typing import Any, Final

from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services.staff import Staff
from guanxi.kernel.actor import Actor
from guanxi.surfaces.models import MarkKind, Visibility
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import ViewSpec, create_record, create_view, mark_record

CUSTOM_FIELDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "record_key": "customers.customer",
        "slug": "warehouse_area",
        "name": "仓库面积（㎡）",
        "name_en": "Warehouse area (m²)",
        "kind": "integer",
        "position": 10,
    },
    {
        "record_key": "customers.customer",
        "slug": "framework_contract",
        "name": "框架合同",
        "name_en": "Framework contract",
        "kind": "choice",
        "choices": [
            {"value": "signed", "label": "已签"},
            {"value": "talking", "label": "洽谈中"},
            {"value": "none", "label": "无"},
        ],
        "position": 20,
    },
)


def _is(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def add_custom_fields(*, actor: Actor, at: datetime) -> None:
    """Two fields of the trade, so that custom fields can be seen at work."""
    kind = get_record_type("surfaces.customfield")
    for values in CUSTOM_FIELDS:
        create_record(kind, values, actor=actor, at=at)


def add_views(staff: Staff, *, at: datetime) -> None:
    """Shared views by the head of marketing, among them segments."""
    owner = staff.actors[staff.users["zhou_mingyi"].pk]
    customers = get_record_type("customers.customer")
    for spec in VIEWS:
        create_view(customers, spec, actor=owner, at=at)


def add_marks(staff: Staff, drafts: list[Draft], *, at: datetime) -> None:
    """A few favourites of the sign-in of sales."""
    user = staff.users["sales"]
    customers = get_record_type("customers.customer")
    mine = [d for d in drafts if d.owner.pk == user.pk]
    mine.sort(key=lambda d: -len(d.orders))
    for draft in mine[:5]:
        mark_record(
            customers, draft.customer.pk, MarkKind.FAVOURITE, actor=staff.actors[user.pk], at=at
        )


VIEWS: Final = (
    ViewSpec(
        "核心客户",
        {"all": [_is("tier", "is", "core")]},
        Visibility.SHARED,
        is_segment=True,
        sort="-total_minor",
    ),
    ViewSpec(
        "应联系未联系",
        {"all": [_is("next_contact_at", "lt", "today")]},
        Visibility.SHARED,
        sort="next_contact_at",
    ),
    ViewSpec(
        "流失风险",
        {"all": [_is("stage", "in", ["at_risk", "churned"])]},
        Visibility.SHARED,
        is_segment=True,
        sort="-last_order_on",
    ),
)
