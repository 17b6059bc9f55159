"""The agents of the demo company, what its customers asked for, and what was said about it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services import Staff, declare_part
from guanxi.kernel.actor import Actor
from guanxi.people.models import Team, User
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.tickets import services
from guanxi.tickets.models import Ticket

SEED: Final = 20261123
MOST: Final = 36
TEAM: Final = "客服一组"
#: kind, channel, subject, what the customer says, the reply, the customer's answer, a note.
CASES: Final = (
    ("enquiry", "wechat", "咨询新款控制器的接口协议",
     "你们新款控制器支持 Modbus TCP 吗？我们想接到现有系统。",
     "您好，支持 Modbus TCP 和 RTU，两种协议都可以接入。协议手册已发到您的邮箱。",
     "收到，我们先看一下。", ""),
    ("after_sales", "phone", "三号线变频器报过热",
     "三号线的变频器今天上午报了两次过热，已经停机降温。",
     "您好，先确认柜内风扇是否运转，我们已安排工程师下午到现场检查。", "风扇是转的，等工程师来看。",
     "同批次上月有过一例，是风道滤网堵塞，提醒工程师带备件。"),
    ("technical", "email", "远程调试无法连接", "按说明配置了远程调试，一直提示连接超时。",
     "您好，请协助确认 8883 端口是否对外放行，并提供设备序列号，我们在后台核对日志。", "", ""),
    ("process", "web_form", "合同变更后发票抬头如何修改", "公司更名后，未开具的发票需要用新抬头。",
     "您好，请提供新的营业执照扫描件，财务核对后两个工作日内更新抬头。", "已上传，请查收。", ""),
    ("enquiry", "phone", "询问备件库存与交期", "滤芯需要二十套，最快什么时候能到？",
     "您好，滤芯现货充足，今天下单，后天可以送达。", "好的，我们走流程下单。", ""),
    ("customised", "web_chat", "希望增加班次报表", "能不能按早中晚三个班次分别出能耗报表？",
     "您好，已记录您的需求，产品同事评估后明天给您方案和时间。", "",
     "第三家提这个需求，建议做成标准功能。"),
)  # fmt: skip


def add_tickets(staff: Staff, drafts: Sequence[Draft], *, actor: Actor, at: datetime) -> None:
    """Agents with their skills, tickets of the last days, some of them still open."""
    del staff
    chance = random.Random(SEED)  # noqa: S311  the same company every time, nothing secret
    _hire_agents(actor, at)
    team = Team.objects.filter(name=TEAM).order_by("pk").first()
    chosen = chance.sample(drafts, min(MOST, len(drafts) // 6)) if team else []
    for number, draft in enumerate(chosen):
        values = {"customer": draft.customer.pk, "team": team.pk if team else None}
        _add(number, values, chance, actor, at)


def _hire_agents(actor: Actor, at: datetime) -> None:
    kind = get_record_type("tickets.agent")
    for role, is_senior in (("senior_agent", True), ("junior_agent", False)):
        people = User.objects.filter(roles__code=role, is_active=True).order_by("pk")
        for person in people:
            values = {"user": person.pk, "is_senior": is_senior, "capacity": 8}
            create_record(kind, values, actor=actor, at=at)


def _add(
    number: int, values: Mapping[str, Any], chance: random.Random, actor: Actor, at: datetime
) -> None:
    """One ticket: every third is still open, the others were solved in time."""
    kind, channel, subject, asked, answered, again, noted = CASES[number % len(CASES)]
    is_open = number % 3 == 0
    ago = timedelta(minutes=chance.randrange(2, 9)) if is_open else timedelta(
        days=chance.randrange(1, 12), minutes=chance.randrange(200)
    )  # fmt: skip
    began = at - ago
    given = {**values, "kind": kind, "channel": channel, "subject": subject, "description": asked}
    made = create_record(get_record_type("tickets.ticket"), given, actor=actor, at=began)
    assert isinstance(made, Ticket)  # noqa: S101
    owner = User.objects.filter(pk=made.owner_id or 0).first()
    if owner is None or (is_open and number % 2):
        return
    who = replace(actor, user_id=owner.pk, label=owner.name)
    step = ago / 8 if is_open else timedelta(minutes=5)
    services.reply_to_ticket(made.pk, body=answered, public_seq=0, actor=who, at=began + step)
    if again:
        services.hear_customer(made.pk, body=again, actor=who, at=began + 2 * step)
    if noted:
        services.note_on_ticket(made.pk, body=noted, actor=who, at=began + 3 * step)
    if not is_open:
        steps = ("greet", "confirm", "handle")
        services.solve_ticket(made.pk, steps=steps, actor=who, at=began + timedelta(minutes=40))


declare_part(add_tickets)
