"""What the people of the demo company have to do, and have promised."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from guanxi.commitments import services
from guanxi.commitments.services.recurring import write_down_due
from guanxi.customers.demo.companies import Draft, office_hours
from guanxi.customers.demo.services import Staff, declare_part
from guanxi.customers.models import Customer
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

SEED: Final = 20261122
#: Of so many customers one has something open, up to so many in all.
SHARE: Final = 4
MOST: Final = 120
#: In how many days what is open is due.
AHEAD: Final = (-2, -1, 0, 1, 1, 2, 3, 5, 8, 13)
TO_DOS: Final = (
    ("跟进报价反馈", "上次报价已发出一周，确认对方内部审批进度。"),
    ("核对送货地址与收货人", "新厂区启用，地址可能变更。"),
    ("催收尾款", "验收单已签，联系财务确认付款日期。"),
    ("更新联系人信息", "采购负责人换岗，补齐新联系人的电话与微信。"),
    ("整理招标文件", "资质、业绩和授权书各一份。"),
    ("准备业务回顾材料", "近一年订单、服务记录与改进建议。"),
    ("归档合同扫描件", ""),
    ("约见技术负责人", "带上新方案的测试数据。"),
)
PROMISES: Final = (
    ("发送新版报价单", "按阶梯价重算，含两年维保。"),
    ("寄出样品并告知快递单号", "两套，附检验报告。"),
    ("安排工程师上门检修", "客户希望避开生产高峰。"),
    ("提供设备校准证书", "客户年审需要。"),
    ("书面答复技术参数疑问", "与研发核对接口协议后回复。"),
    ("提供同行业案例两份", "客户立项汇报要用。"),
    ("协调提前一周发货", "与生产、物流确认排期。"),
    ("补发操作手册与培训视频", ""),
)
TOLD: Final = ("电话告知", "微信告知并附照片", "邮件告知，客户已回复确认")
VISITS: Final[dict[str, Any]] = {
    "name": "核心客户月度回访",
    "title": "核心客户回访",
    "details": "了解使用情况与新需求，记录沟通要点。",
    "condition": {"field": "tier", "op": "is", "value": "core"},
    "every": 1,
    "unit": "month",
    "is_on": True,
}


def add_commitments(staff: Staff, drafts: Sequence[Draft], *, actor: Actor, at: datetime) -> None:
    """To-dos and promises, some overdue, some done and told; and the visits that come round."""
    del staff
    chance = random.Random(SEED)  # noqa: S311  the same company every time, nothing secret
    owned = Customer.objects.filter(owner__isnull=False)  # some lie in a pool by now
    owners = dict(owned.values_list("pk", "owner_id"))
    held = [d for d in drafts if owners.get(d.customer.pk) == d.owner.pk]
    chosen = sorted(chance.sample(held, min(MOST, len(held) // SHARE)), key=lambda d: d.owner.pk)
    for number, draft in enumerate(chosen):
        who = replace(actor, user_id=draft.owner.pk, label=draft.owner.name)
        _add(draft, number, chance, who, at)
    made = create_record(get_record_type("commitments.cadence"), VISITS, actor=actor, at=at)
    write_down_due(made.pk, actor=actor, at=at)


def _add(draft: Draft, number: int, chance: random.Random, who: Actor, at: datetime) -> None:
    is_promise = number % 2 == 0
    title, details = chance.choice(PROMISES if is_promise else TO_DOS)
    is_done = chance.random() < 0.3
    days = (
        chance.randrange(-20, -3) if is_done else chance.choice((-2, -1, 0, 1, 1, 2, 3, 5, 8, 13))
    )
    due = office_hours(chance, (at + timedelta(days=days)).date())
    began = min(at, due) - timedelta(days=chance.randrange(2, 9))
    values = {
        "title": title,
        "details": details,
        "kind": "promise" if is_promise else "todo",
        "customer": draft.customer.pk,
        "owner": who.user_id,
        "due_at": due,
        "remind": "never" if is_done else "60",
    }
    made = create_record(get_record_type("commitments.commitment"), values, actor=who, at=began)
    if is_done:
        told = chance.choice(TOLD) if is_promise and chance.random() < 0.7 else ""
        services.complete_commitment(made.pk, told=told, actor=who, at=due - timedelta(hours=3))


declare_part(add_commitments)
