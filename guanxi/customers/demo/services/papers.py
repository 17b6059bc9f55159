"""Files papers with some of the demo company's customers, through the one gate."""

import io
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings

from guanxi.customers.demo import documents
from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.organisation import COMPANY
from guanxi.customers.demo.services.staff import Staff
from guanxi.customers.demo.talk import FILE_NOTES
from guanxi.customers.events import FileAdded
from guanxi.customers.models import Attachment
from guanxi.kernel.events import Happening
from guanxi.kernel.files import AcceptedFile, accept_upload, write_row

_SHARE: Final = 30  # one customer of so many has papers
_ENDINGS: Final = {
    "contract": "pdf",
    "technical": "pdf",
    "finance": "xlsx",
    "visit": "txt",
    "letter": "pdf",
    "other": "png",
}
_PLACES: Final = ("档案室 2 排 3 柜", "档案室 1 排 5 柜", "档案室 4 排 1 柜", "")


def file_papers(drafts: Sequence[Draft], staff: Staff, chance: random.Random) -> list[Happening]:
    """Contracts, statements, notes and pictures; returns what happened."""
    with_orders = [d for d in drafts if d.orders]
    mine = [d for d in with_orders if d.owner.username == "sales"][:6]
    some = chance.sample(with_orders, min(len(with_orders), max(4, len(drafts) // _SHARE)))
    chosen = list({id(d): d for d in [*mine, *some]}.values())
    return [
        _file(draft, kind, staff, chance)
        for draft in chosen
        for kind in chance.sample(sorted(_ENDINGS), chance.choice((1, 1, 2)))
    ]


def _file(draft: Draft, kind: str, staff: Staff, chance: random.Random) -> Happening:
    order = chance.choice(draft.orders)
    year = order.placed_at.year
    name = draft.customer.short_name or draft.customer.name
    title = FILE_NOTES.get(kind, "{name}现场照片").format(name=name, year=year)
    content = _content(kind, title, draft)
    accepted = accept_upload(
        io.BytesIO(content), f"{title}.{_ENDINGS[kind]}", max_bytes=settings.UPLOAD_MAX_BYTES
    )
    attachment = _attach(draft, accepted, title, order.placed_at)
    attachment.kind = kind
    attachment.paper_location = chance.choice(_PLACES) if kind == "contract" else ""
    attachment.save(force_insert=True)
    return Happening(
        FileAdded(title, kind, year, accepted.sha256),
        attachment,
        draft.customer.pk,
        actor=staff.actors[draft.owner.pk],
        at=order.placed_at,
    )


def _attach(draft: Draft, accepted: AcceptedFile, title: str, at: datetime) -> Attachment:
    stored = write_row(accepted, user_id=draft.owner.pk, at=at)
    return Attachment(
        customer=draft.customer,
        file=stored,
        year=at.year,
        title=title,
        created_at=at,
        updated_at=at,
        created_by_id=draft.owner.pk,
    )


def _content(kind: str, title: str, draft: Draft) -> bytes:
    orders = draft.orders[-12:]
    lines = [
        f"{o.placed_at:%Y-%m-%d}  {o.number}  {o.product}  ¥{o.amount_minor / 100:,.2f}"
        for o in orders
    ]
    if kind == "finance":
        rows = [["日期", "订单号", "产品", "金额"], *([*line.split("  ")] for line in lines)]
        return documents.xlsx(rows)
    if kind == "other":
        return documents.png([max(1, abs(o.amount_minor) // 10_000) for o in orders])
    heading = [f"甲方：{draft.customer.name}", f"乙方：{COMPANY}", ""]
    if kind == "visit":
        return documents.note([title, *heading, *(t.content for t in draft.talk[-5:])])
    return documents.pdf(title, [*heading, *lines, "", "本文件由演示数据生成，不具法律效力。"])
