"""What the tests of every record type need to know of each one."""

from datetime import date, timedelta
from typing import Any

from guanxi.kernel.actor import system_actor
from guanxi.surfaces.records import get_record_type_by_plural
from guanxi.surfaces.services import create_record, parse_values
from tests.fixtures.company import AT, Company, model, stamps

#: A field of each type that whoever may change the record may change, and its new values.
CHANGES: dict[str, tuple[str, Any, Any]] = {
    "customers": ("focus", "price", "speed"),
    "contacts": ("position", "buyer", "chief buyer"),
    "orders": ("product", "pump", "valve"),
    "payments": ("notes", "first half", "second half"),
    "interactions": ("content", "asked for a price", "asked for two prices"),
    "attachments": ("paper_location", "cabinet 1", "cabinet 2"),
    "commitments": ("details", "by phone", "in writing"),
    "complaints": ("product", "pump", "valve"),
    "cadences": ("title", "call them", "write to them"),
    "tickets": ("description", "it leaks", "it leaks again"),
    "agents": ("capacity", 3, 5),
    "mailboxes": ("folder", "Support", "Archive"),
    "wordings": ("instead", "we look into it", "we look into it today"),
    "document-templates": ("body", "Dear {who}", "Dear {who}:"),
    "tags": ("description", "urgent", "very urgent"),
    "custom-fields": ("help", "as on the contract", "as on the invoice"),
    "users": ("title", "buyer", "chief buyer"),
    "departments": ("code", "D1", "D2"),
    "teams": ("name", "blue", "green"),
    "roles": ("description", "one", "two"),
    "pools": ("description", "for the east", "for the south"),
    "pool-rules": ("name", "three months of silence", "half a year of silence"),
    "substitutions": ("reason", "leave", "a long leave"),
    "hand-overs": ("reason", "leaves", "moves to the south"),
    "calendars": ("mon", "09:00-18:00", "08:30-12:00 13:00-17:30"),
    "calendar-days": ("note", "stocktaking", "moving house"),
    "holiday-notices": ("source", "gov.cn", "the State Council"),
    "approval-flows": ("name", "complaints", "key values"),
    "deadline-policies": ("levels", "70% owner", "90% owner"),
    "duty-shifts": ("note", "night", "weekend"),
    "approval-steps": ("name", "head", "legal"),
    "sampling-rules": ("most", 20, 25),
    "key-fields": ("field", "industry", "registered_address"),
    "value-models": ("currency", "USD", "GBP"),
    "value-indicators": ("weight", 20, 30),
    "rfm-groups": ("strategy", "call them", "write to them"),
    "lifecycle-stages": ("goal", "keep them", "call them"),
}
#: Types whose records are written down by the product alone.
READ_ONLY = (
    *("events", "accesses", "duplicate-pairs", "shares", "releases"),
    *("approvals", "change-requests", "clocks", "entry-checks", "ratings", "standings"),
    *("stage-runs", "stage-standings", "churn-warnings", "deletions"),
)
#: Types of which the company has none until one is asked for.
MADE_ANEW = (
    *("complaints", "tickets", "agents", "wordings", "mailboxes"),
    *("commitments", "cadences", "pools", "pool-rules", "substitutions", "hand-overs"),
    *("calendars", "calendar-days", "holiday-notices"),
    *("approval-flows", "approval-steps", "key-fields", "sampling-rules"),
    *("deadline-policies", "duty-shifts"),
    *("value-models", "value-indicators", "rfm-groups", "lifecycle-stages", "document-templates"),
)
#: What can be a key field of customers.
KEY_FIELDS = ("name", "credit_code", "tier", "industry", "registered_address")
#: The stages of which a test can still make one.
STAGES = ("growth", "mature", "at_risk", "churned", "won_back", "acquisition", "prospect")
#: What every approval flow of the tests is for.
FOR_CHANGES = {"record_key": "customers.changerequest", "is_for_all": True}
#: Rights that no token carries: the password must have been given just now.
BY_SESSION_ONLY = ("roles",)


def new_deadlines(company: Company, mark: str) -> dict[str, dict[str, Any]]:
    """The same for what belongs to deadlines."""
    return {
        "deadline-policies": {
            "name": f"时限 {mark}",
            "kind": "customers.enter",
            "unit": "hours",
            "amount": 24,
            "levels": "80% owner",
        },
        "duty-shifts": {
            "person": company.users["sales"].pk,
            "starts_at": "2026-03-01T08:00:00+08:00",
            "ends_at": "2026-03-01T20:00:00+08:00",
            "note": mark,
        },
        "calendars": {"name": f"标准日历 {mark}"},
        "holiday-notices": {"year": 2028, "dates": "2028-01-01,holiday,元旦", "source": mark},
    }


def new_service(company: Company, mark: str) -> dict[str, dict[str, Any]]:
    """The same for tickets and recurring work."""
    people = model("people.User").objects.filter(agent=None).order_by("pk")
    customer = company.belongings["administrator"].customer.pk
    return {
        "sampling-rules": {"name": f"抽检 {mark}"},
        "complaints": {
            "complainant_name": f"李雪 {mark}",
            "channel": "phone",
            "description": "主轴异响",
            "claim": "repair",
        },
        "tickets": {"subject": f"水泵漏水 {mark}", "customer": customer},
        "cadences": {"name": f"季度核对 {mark}", "title": "核对客户基础信息"},
        "agents": {"user": people.values_list("pk", flat=True)[0]},
        "wordings": {"phrase": f"没办法 {mark}"},
        "document-templates": {
            "name": f"答复函 {mark}",
            "paper": "complaints.letter",
            "body": "{who}，您好",
        },
        "mailboxes": {
            "name": f"客服邮箱 {mark}",
            "address": f"help{abs(hash(mark))}@example.org",
            "host": "imap.example.org",
            "username": "help",
        },
    }


def new_ratings(plural: str, mark: str) -> dict[str, dict[str, Any]]:
    """The same for what customers are rated by."""
    made: dict[str, dict[str, Any]] = {
        "value-models": {"name": f"价值模型 {mark}", "cuts": {"core": 10, "potential": 30}},
        "rfm-groups": {"name": f"人群 {mark}"},
        "lifecycle-stages": {"stage": STAGES[model("segments.LifecycleStage").objects.count()]},
    }
    if plural == "value-indicators":
        made[plural] = {"value_model": a_value_model(mark).pk, "metric": "amount", "weight": 10}
    return made


def a_value_model(mark: str) -> Any:
    """A model of which the company has none yet."""
    number = model("segments.ValueModel").objects.count()
    return model("segments.ValueModel").objects.create(name=f"{mark} {number}", **stamps())


def a_rating(company: Company) -> dict[str, Any]:
    """A rating of a day, and what a customer of the administrator came to in it."""
    rating = model("segments.Rating").objects.create(
        name="2026-02-28", as_of=date(2026, 2, 28), value_model=a_value_model("x"),
        state="in_effect", **stamps(),
    )  # fmt: skip
    standing = model("segments.Standing").objects.create(
        rating=rating, customer=company.belongings["administrator"].customer, score=0, tier="core",
        tier_before="core", is_move=False,
    )  # fmt: skip
    return {"ratings": rating, "standings": standing}


def a_stage_run(company: Company) -> dict[str, Any]:
    """A lifecycle run of a day, and the stage of a customer of the administrator in it."""
    run = model("segments.StageRun").objects.create(
        name="2026-02-28", as_of=date(2026, 2, 28), state="in_effect", **stamps()
    )
    standing = model("segments.StageStanding").objects.create(
        run=run, customer=company.belongings["administrator"].customer, stage="growth",
        stage_before="growth", is_move=False, is_ruled=True,
    )  # fmt: skip
    warning = model("segments.ChurnWarning").objects.create(
        run=run, customer=standing.customer, warned_on=run.as_of, stage="at_risk", tier="core",
        silence=9, habit=3, **stamps(),
    )  # fmt: skip
    return {"stage-runs": run, "stage-standings": standing, "churn-warnings": warning}


def new_values(company: Company, plural: str, mark: str = "x") -> dict[str, Any]:
    """The least that makes a new record of a type."""
    customer = company.belongings["administrator"].customer.pk
    made: dict[str, dict[str, Any]] = {
        **(new_deadlines(company, mark) | new_ratings(plural, mark)),
        **new_service(company, mark),
        "customers": {"name": f"云岭机械 {mark}"},
        "contacts": {"customer": customer, "name": f"李明 {mark}"},
        "orders": {
            "customer": customer,
            "placed_at": "2026-03-01T08:00:00+08:00",
            "amount_minor": 123_456,
        },
        "payments": {"customer": customer, "paid_on": "2026-03-02", "amount_minor": 500},
        "interactions": {"customer": customer, "content": f"来电询价 {mark}"},
        "commitments": {
            "title": f"发送报价 {mark}",
            "customer": customer,
            "owner": company.users["administrator"].pk,
            "due_at": "2026-03-12T18:00:00+08:00",
        },
        "tags": {"name": f"tag {mark}"},
        "custom-fields": {
            "name": f"合同编号 {mark}",
            "slug": f"contract_{mark}",
            "record_key": "customers.customer",
            "kind": "text",
        },
        "users": {"name": f"王芳 {mark}", "username": f"wang.{mark}"},
        "departments": {"name": f"西南 {mark}"},
        "teams": {"name": f"red {mark}", "department": company.departments["east"].pk},
        "pools": {"name": f"华东公海 {mark}"},
        "substitutions": {
            "person": company.users["sales"].pk,
            "substitute": company.users["colleague"].pk,
            "starts_at": "2026-03-01T08:00:00+08:00",
            "until": "2026-03-09T08:00:00+08:00",
            "reason": mark,
        },
        "approval-flows": {"name": f"变更审批 {mark}", **FOR_CHANGES},
        "hand-overs": {
            "person": company.users["sales"].pk,
            "receivers": [company.users["colleague"].pk],
            "reason": mark,
        },
    }
    if plural == "calendar-days":
        known = model("deadlines.Calendar").objects
        calendar = known.get_or_create(name="例外", defaults=stamps())[0]
        day = date(2027, 1, 1) + timedelta(days=model("deadlines.CalendarDay").objects.count())
        return {"calendar": calendar.pk, "day": day.isoformat(), "hours": "", "note": mark}
    if plural == "approval-steps":
        flow = an_approval_flow()
        return {"flow": flow.pk, "name": f"负责人 {mark}", "is_by_head": True}
    if plural == "key-fields":
        return {"field": KEY_FIELDS[model("customers.KeyField").objects.count()]}
    if plural == "pool-rules":
        pool = model("customers.Pool").objects.get_or_create(name="公海", defaults=stamps())[0]
        return {"name": f"沉默 {mark}", "pool": pool.pk, "measure": "no_contact", "days": 90}
    return made[plural]


def make_clock(company: Company) -> Any:
    """A deadline of a customer, done with."""
    customer = company.belongings["administrator"].customer
    return model("deadlines.Clock").objects.create(
        record_key="customers.customer", object_id=customer.pk, kind="customers.enter",
        subject_label=customer.name, started_at=AT, phase="cancelled",
    )  # fmt: skip


def make_check(company: Company) -> Any:
    """An entry of the administrator's that was drawn for a check."""
    rule = model("customers.SamplingRule").objects.get_or_create(name="抽检", defaults=stamps())[0]
    return model("customers.EntryCheck").objects.create(
        customer=company.belongings["administrator"].customer, rule=rule, period_on=AT.date(),
        entered_by=company.users["administrator"], **stamps(),
    )  # fmt: skip


def make_deletion(company: Company) -> Any:
    """A deletion of the administrator's, which was refused."""
    return model("deletions.Deletion").objects.create(
        number="SC1", subject_type="customers.attachment", subject_id="0", reason="x", digest="0",
        requester=company.users["administrator"], made_at=AT, state="rejected", **stamps(),
    )  # fmt: skip


def existing(company: Company, plural: str) -> Any:
    """The id of a record that an administrator may change."""
    if plural in {"customers", "contacts", "orders", "payments", "interactions", "attachments"}:
        return getattr(company.belongings["administrator"], plural.removesuffix("s")).pk
    if plural == "duplicate-pairs":
        return company.belongings["administrator"].of("customers.duplicatepair").pk
    if plural in MADE_ANEW:
        record_type = get_record_type_by_plural(plural)
        new = new_values(company, plural, str(record_type.model.objects.count()))
        values = parse_values(record_type, new, actor=system_actor())
        return create_record(record_type, values, actor=system_actor(), at=AT).pk
    if plural == "releases":
        return model("customers.ReleaseBatch").objects.create(night=AT.date(), **stamps()).pk
    if plural == "shares":
        customer = company.belongings["stranger"].customer
        return model("kernel.Share").objects.create(
            subject_type="customers.customer", subject_id=customer.pk,
            subject_label=customer.name, with_user=company.users["sales"], **stamps(),
        ).pk  # fmt: skip
    rated = a_rating(company) if plural in {"ratings", "standings"} else {}
    if plural in {"stage-runs", "stage-standings", "churn-warnings"}:
        rated = a_stage_run(company)
    found: dict[str, Any] = {
        **rated,
        "clocks": make_clock(company) if plural == "clocks" else None,
        "entry-checks": make_check(company) if plural == "entry-checks" else None,
        "deletions": make_deletion(company) if plural == "deletions" else None,
        "users": company.users.get("sales"),
        "departments": company.departments.get("south"),
        "teams": company.teams.get("south"),
    }
    return (found.get(plural) or under_approval(company)[plural]).pk


def an_approval_flow() -> Any:
    """A flow of approvals for change requests."""
    known = model("approvals.Flow").objects
    values = FOR_CHANGES | stamps()
    return known.get_or_create(name="变更审批", defaults=values)[0]


def under_approval(company: Company) -> dict[str, Any]:
    """A change request of the administrator, and the approval that it waits for."""
    customer = company.belongings["administrator"].customer
    asker = company.users["administrator"]
    change = model("customers.ChangeRequest").objects.create(
        customer=customer, requester=asker, base_version=1, tier="core", asked=["tier"],
        reason="x", **stamps(),
    )  # fmt: skip
    request = model("approvals.Request").objects.create(
        subject_type="customers.changerequest", subject_id=change.pk, subject_label=customer.name,
        customer_id=customer.pk, flow=an_approval_flow(), flow_version=1, requester=asker,
        salt="salt", state="returned", asked_at=AT, **stamps(),
    )  # fmt: skip
    model("approvals.Seat").objects.create(
        request=request, position=1, step_name="x", mode="any", kind="head", state="spared"
    )
    return {"approvals": request, "change-requests": change}
