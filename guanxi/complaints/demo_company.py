"""Complaints of the demo company, at every step of the way."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final

import yaml

from guanxi.approvals.models import Request
from guanxi.approvals.services import approve_request
from guanxi.complaints import services
from guanxi.complaints.models import Complaint
from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services import Staff, declare_part
from guanxi.customers.models import Customer
from guanxi.deadlines.packs import write_policies
from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

KEY: Final = "complaints.complaint"
#: How far each has come, what happened, what is asked for, from what, and who bears how much.
STORIES: Final = (
    (9, "设备交付晚于合同约定十二天，产线停工待料。", "compensation", "delivery", (70, 0, 30)),
    (3, "主轴异响报修三次无人上门，工单被多次改派。", "repair", "process", (100, 0, 0)),
    (0, "客服通话中态度生硬，未记录问题即挂断。", "apology", "service", (100, 0, 0)),
    (5, "开票金额与合同不符，更正申请两周未回复。", "improvement", "price", (100, 0, 0)),
    (7, "批次表面划伤，现场抽检不良率百分之八。", "exchange", "product", (60, 0, 40)),
    (10, "承诺的操作培训未按期安排，上线推迟。", "improvement", "promise", (100, 0, 0)),
    (1, "升级后数据导出失败，无法按时报送。", "improvement", "technical", (100, 0, 0)),
    (10, "更换配件后仍然漏油，二次停机半天。", "refund", "product", (90, 10, 0)),
)
Step = Callable[[], Any]


def add_complaints(staff: Staff, drafts: Sequence[Draft], *, actor: Actor, at: datetime) -> None:
    """Registered by whoever looks after the customer, handled by the complaint team."""
    _bring_deadlines(actor, at)
    core_first = sorted(
        Customer.objects.filter(owner__in=staff.sellers).values_list("tier", "pk", "owner_id"),
        key=lambda row: (row[0] != "core", row[1]),
    )
    del drafts
    for number, (story, row) in enumerate(zip(STORIES, core_first[::3], strict=False)):
        began = at - timedelta(days=story[0] // 2, hours=3 + number)
        registrar = staff.actors[row[2]]
        values = {
            "customer": row[1],
            "channel": ("phone", "email", "platform")[number % 3],
            "description": story[1],
            "claim": story[2],
            "urgency": "urgent" if number % 3 == 0 else "normal",
        }
        made = create_record(get_record_type(KEY), values, actor=registrar, at=began)
        agent = staff.users["complaint"].pk
        services.assign_complaint(made.pk, handler=agent, actor=registrar, at=began)
        _Walk(staff, made.pk, began).go(story[0], story[3], story[4])


class _Walk:
    """Takes one complaint so many steps along the way, each by the person whose step it is."""

    def __init__(self, staff: Staff, complaint_id: int, at: datetime) -> None:
        self.staff, self.pk, self.at = staff, complaint_id, at

    def go(self, steps: int, cause: str, shares: tuple[int, int, int]) -> None:
        """So many steps."""
        for step in self._steps(cause, shares)[:steps]:
            step()

    def _act(self, service: Callable[..., Any], who: str = "complaint", **values: Any) -> Any:
        self.at += timedelta(minutes=10)
        actor = self.staff.actors[self.staff.users[who].pk]
        return service(self.pk, **values, actor=actor, at=self.at)

    def _decide(self, who: str) -> Request:
        request = Request.objects.get(subject_type=KEY, subject_id=self.pk, state="open")
        self.at += timedelta(minutes=30)
        actor = self.staff.actors[self.staff.users[who].pk]
        return approve_request(request.pk, seen=request.seen, actor=actor, at=self.at)

    def _steps(self, cause: str, shares: tuple[int, int, int]) -> list[Step]:
        act = self._act
        told = {"channel": "phone", "text": "已电话告知处理方案、完成时间和联系人，客户同意。"}
        company, customer, third = shares
        return [
            lambda: act(
                services.acknowledge_complaint,
                text="给您添麻烦了。我们已受理，由高立言跟进，三个工作日内答复调查结果。",
            ),
            lambda: act(services.investigate_complaint),
            lambda: (
                act(services.note_finding, kind="records", text="调阅工单与通话录音，与反映一致。"),
                act(services.note_finding, kind="interview", text="访谈经办人，承认未及时跟进。"),
            ),
            lambda: act(
                services.determine_responsibility,
                cause=cause,
                company_share=company,
                customer_share=customer,
                third_share=third,
                third_party="承运与供应商" if third else "",
                grounds="工单、录音与合同条款相互印证，责任比例按过错程度确定。",
            ),
            lambda: act(services.submit_for_review),
            lambda: (
                self._decide("legal"),
                act(services.add_remedy, kind="apology", text="负责人登门致歉"),
                act(services.add_remedy, kind="refund", text="退还服务费", amount_minor=280_000),
                act(
                    services.propose_solution,
                    solution="登门致歉，退还本期服务费，并指定专人跟进后续服务。",
                    solve_by=(self.at + timedelta(days=3)).date(),
                ),
            ),
            lambda: self._decide("qiu_ran"),
            lambda: (
                act(services.tell_customer, **told),
                act(services.begin_execution),
            ),
            lambda: (
                *(
                    act(services.carry_out_remedy, remedy=remedy.pk, proof="签收单与退款回单")
                    for remedy in Complaint.objects.get(pk=self.pk).remedies.order_by("pk")
                ),
                act(services.finish_execution),
                act(services.tell_customer, channel="wechat", text="全部措施已完成，请您确认。"),
            ),
            lambda: (
                act(
                    services.note_visit,
                    channel="phone",
                    outcome="accepted",
                    satisfaction="satisfied",
                    text="问题解决了，处理得比较快。",
                ),
                act(services.close_complaint, "qiu_ran"),
            ),
        ]


def _bring_deadlines(actor: Actor, at: datetime) -> None:
    """The standard pack's deadlines of complaints, as they run for what is made here."""
    source = resources.files("guanxi.packs") / "standard" / "policies.yaml"
    written = yaml.safe_load(source.read_text(encoding="utf-8"))["policies"]
    found = {}
    for each in written:
        if each["kind"].startswith("complaints."):
            defaults = {"position": 100, "condition": {}, "is_recurring": False, "reasons": []}
            levels = "\n".join(each["levels"])
            found[each["name"]] = {**defaults, "is_on": True, **each, "levels": levels}
            del found[each["name"]]["name"]
    write_policies(found, actor, at)


declare_part(add_complaints)
