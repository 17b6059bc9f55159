"""A core customer's complaint through the green channel to the archive (CPL-5, CPL-7)."""

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor

#: However slow the machine is.
LONG = 30_000


@pytest.fixture
def flow(live_site):
    """Solutions of complaints are approved by the head of sales, who has a sign-in here."""
    admin = Visitor(live_site.url).sign_in("administrator", live_site.password("administrator"))
    people = admin.api("GET", "/api/v1/users/?size=200&columns=username").json()["results"]
    ids = {row["username"]: row["id"] for row in people}
    values = {
        "name": "方案由销售负责人审批",
        "record_key": "complaints.complaint",
        "condition": {"field": "state", "op": "is", "value": "proposed"},
        "place": 1,
    }
    made = admin.api("POST", "/api/v1/approval-flows/", values).json()
    step = {"flow": made["id"], "place": 1, "name": "审批", "people": [ids["head"]]}
    assert admin.api("POST", "/api/v1/approval-steps/", step).status == 201
    admin.close()
    return ids


class Desk:
    """One person at their browser, with the complaint before them."""

    def __init__(self, page, site, path=""):
        self.page, self.site, self.path = page, site, path

    def do(self, verb, button, **values):
        """Fill in a step's form and send it; its page says where the complaint is now."""
        self.page.goto(f"{self.site.url}{self.path}{verb}/")
        for name, value in values.items():
            field = self.page.locator(f"form [name={name}]:not([type=hidden])").first
            is_choice = field.evaluate("node => node.tagName") == "SELECT"
            field.select_option(value) if is_choice else field.fill(value)
        self.page.locator("main form").get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_url(f"**{self.path}", timeout=LONG)

    def reads(self, words):
        """The line of steps and what is next says so."""
        self.page.goto(f"{self.site.url}{self.path}")
        expect(self.page.locator(".under-head")).to_contain_text(words, timeout=LONG)

    def approve(self):
        """Open the approval from the complaint and agree."""
        self.page.goto(f"{self.site.url}{self.path}")
        self.page.get_by_role("link", name="查看审批").click()
        agree = self.page.get_by_role("button", name="同意", exact=True)
        agree.click()
        expect(agree).to_have_count(0, timeout=LONG)


def register(sales, site):
    """A complaint of the first core customer of one's own; its path and the customer's."""
    sales.page.goto(f"{site.url}/customers/?view=&owner=me&tier=core")
    customer = sales.page.locator("table.list tbody tr").first.get_attribute("data-url")
    number = re.search(r"\d+", customer)[0]
    sales.page.goto(f"{site.url}/complaints/new/?customer={number}")
    sales.page.locator("[name=channel]").select_option("phone")
    sales.page.locator("[name=claim]").select_option("refund")
    sales.page.locator("[name=description]").fill("主轴异响，三次报修无人上门。")
    sales.page.get_by_role("button", name=re.compile("^(新建|保存|创建)")).first.click()
    sales.page.wait_for_url(re.compile(r"/complaints/\d+/"), timeout=LONG)
    return re.search(r"/complaints/\d+/", sales.page.url)[0], customer


def hand_over(sales, site, to):
    """Give the complaint to whoever handles it."""
    url = f"{site.url}{sales.path}assign/"
    sales.page.goto(url)
    token = sales.page.locator("main form [name=csrfmiddlewaretoken]").get_attribute("value")
    given = {"csrfmiddlewaretoken": token, "handler": str(to), "_fields": "handler"}
    assert sales.page.request.post(url, form=given, headers={"Referer": url}).ok


def judge(agent):
    """From the acknowledgement to legal's desk."""
    agent.do("acknowledge", "受理", text="已收到，请放心，由我跟进。")
    agent.do("investigate", "开始调查")
    agent.reads("请先记录调查情况")
    agent.do("note_finding", "记录调查", kind="records", text="核对三次报修单，属实。")
    shares = {"company_share": "100", "customer_share": "0", "third_share": "0"}
    agent.do("determine", "判定责任", cause="process", grounds="派单遗漏", **shares)
    agent.do("submit", "提交法务")
    agent.reads("程知远")


def carry_out(agent):
    """From the approval to the visit."""
    talk = {"channel": "phone", "text": "已电话告知客户"}
    agent.do("tell", "告知客户", **talk)
    agent.do("begin", "开始执行")
    agent.page.locator("[name=proof]").fill("退款回单 0319")
    agent.page.get_by_role("button", name="已执行", exact=True).click()
    expect(agent.page.get_by_text("退款回单 0319")).to_be_visible(timeout=LONG)
    agent.do("finish", "执行完成")
    agent.reads("请先告知客户已处理完毕")
    agent.do("tell", "告知客户", **talk)
    agent.do("visit", "记录回访", **talk, outcome="accepted", satisfaction="satisfied")


def test_from_registration_to_the_archive(flow, new_page, sign_in, live_site, watch):
    desks = {}
    for name in ("sales", "complaint", "legal", "head"):
        page = new_page()
        sign_in(page, name)
        desks[name] = Desk(page, live_site)
    sales, agent, legal, head = desks.values()
    path, customer = register(sales, live_site)
    for desk in desks.values():
        desk.path = path
    sales.reads("绿色通道")
    hand_over(sales, live_site, flow["complaint"])
    judge(agent)
    legal.approve()
    agent.do("add_remedy", "添加措施", kind="refund", text="退还服务费", amount_minor="2800")
    agent.do("propose", "提交方案", solution="退费并指定专人", solve_by="2030-01-31")
    head.approve()
    carry_out(agent)
    watch.expect("403")
    assert agent.page.goto(f"{live_site.url}{path}close/").status == 403
    head.do("close", "结案")
    head.reads("已结案")
    head.page.locator("form[action$='/archive/']").first.evaluate("form => form.requestSubmit()")
    head.page.wait_for_url("**/complaints/", timeout=LONG)
    head.page.goto(f"{live_site.url}{path}")
    expect(head.page.get_by_text("日常列表中不再显示").first).to_be_visible(timeout=LONG)
    watch.expect("404")
    assert sales.page.goto(f"{live_site.url}{path}").status == 404
    sales.page.goto(f"{live_site.url}{customer}")
    expect(sales.page.locator("#talk")).not_to_contain_text("主轴异响", timeout=LONG)
