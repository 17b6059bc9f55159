"""Something of every type, and of one's own, for the walk over every address."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import F

from tests.attacks.addresses import Address
from tests.fixtures.company import AT, model, stamps


def make_view(user: Any, address: Address) -> Any:
    key = address.type.key if address.type else "customers.customer"
    return model("surfaces.SavedView").objects.create(
        record_key=key, name="v", owner_id=user.pk, **stamps()
    )


def make_run(user: Any, address: Address) -> Any:
    del address
    return model("kernel.Run").objects.create(
        kind="bulk_change", params={"record_key": "customers.customer"}, actor_user_id=user.pk,
        actor_label="x", created_at=AT, due_at=AT,
    )  # fmt: skip


def make_share(user: Any) -> Any:
    made = model("kernel.Share").objects.filter(with_user=user).first()
    return made or model("kernel.Share").objects.create(
        subject_type="customers.customer", subject_label="x", with_user=user, created_by_id=user.pk,
        subject_id=model("customers.Customer").objects.get(owner=user).pk, **stamps(),
    )  # fmt: skip


def make_substitution(user: Any) -> Any:
    """One that is over, so that it opens nothing to anybody."""
    made = model("kernel.Substitution").objects.filter(person=user).first()
    return made or model("kernel.Substitution").objects.create(
        person=user, substitute=user, starts_at=AT, until=AT, **stamps()
    )


def make_pool(user: Any) -> Any:
    """A pool that a person sees; nobody claims from it."""
    pool, _new = model("customers.Pool").objects.get_or_create(name="pool", defaults=stamps())
    _share, is_new = model("kernel.Share").objects.get_or_create(
        subject_type="customers.pool", subject_id=pool.pk, with_user=user, defaults=stamps()
    )
    if is_new:  # their rights are read anew
        model("people.User").objects.filter(pk=user.pk).update(access_stamp=F("access_stamp") + 1)
    return pool


def make_rule(user: Any) -> Any:
    made = model("customers.PoolRule").objects
    return made.get_or_create(name="rule", pool=make_pool(user), defaults=stamps())[0]


def make_release(user: Any) -> Any:
    del user
    return model("customers.ReleaseBatch").objects.get_or_create(
        night=AT.date(), defaults=stamps()
    )[0]


def make_hand_over(user: Any) -> Any:
    made = model("customers.HandOver").objects.filter(created_by_id=user.pk).first()
    return made or model("customers.HandOver").objects.create(
        person=user, reason="x", created_by_id=user.pk, **stamps()
    )


def make_calendar_day(user: Any) -> Any:
    made, calendar = model("deadlines.CalendarDay").objects, MADE_FOR["calendars"](user)
    return made.get_or_create(calendar=calendar, day=AT.date(), defaults=stamps())[0]


def make_common(key: str, **values: Any) -> Any:
    return lambda user: model(key).objects.get_or_create(**values, defaults=stamps())[0]


def make_commitment(user: Any) -> Any:
    """A to-do of a person's own."""
    made = model("commitments.Commitment").objects
    given = {"due_at": AT, "open_until": AT, "first_due_at": AT, **stamps()}
    return made.get_or_create(owner=user, title="x", defaults=given)[0]


def make_agent(user: Any) -> Any:
    return model("tickets.Agent").objects.get_or_create(user=user, defaults=stamps())[0]


def make_ticket(user: Any) -> Any:
    """A ticket that a person deals with."""
    made = model("tickets.Ticket").objects
    given = {"number": f"T{user.pk}", **stamps()}
    return made.get_or_create(owner=user, subject="x", defaults=given)[0]


def make_mailbox(user: Any) -> Any:
    """A mailbox that nobody fetches from."""
    del user
    given = {"name": "help", "host": "imap.example.org", "username": "help", "is_on": False}
    made = model("tickets.Mailbox").objects
    return made.get_or_create(address="help@example.org", defaults={**given, **stamps()})[0]


def make_complaint(user: Any) -> Any:
    """A complaint that a person handles."""
    made = model("complaints.Complaint").objects
    given = {"number": f"TS{user.pk:08}", "received_at": AT, "state_since": AT, **stamps()}
    given |= {"channel": "phone", "description": "x", "claim": "other", "complainant_name": "x"}
    given["department"] = user.department
    return made.get_or_create(handler=user, defaults=given)[0]


def make_change(user: Any) -> Any:
    """A change request of a person, about their own customer."""
    customer = model("customers.Customer").objects.get(owner=user)
    given = {"base_version": 1, "tier": "core", "asked": ["tier"], "reason": "x", **stamps()}
    made = model("customers.ChangeRequest").objects
    return made.get_or_create(customer=customer, requester=user, defaults=given)[0]


def make_deletion(user: Any) -> Any:
    """A deletion that a person asked for, of a file that is gone."""
    given = {"number": f"SC{user.pk:08}", "made_at": AT, "reason": "x", "digest": "0", **stamps()}
    given |= {"subject_type": "customers.attachment", "subject_id": str(UUID(int=user.pk))}
    given |= {"department": user.department, "state": "gone"}
    return model("deletions.Deletion").objects.get_or_create(requester=user, defaults=given)[0]


def make_check(user: Any) -> Any:
    """An entry of a person that was drawn for a check."""
    rule = make_common("customers.SamplingRule", name="sample")(user)
    given = {"entered_by": user, "rule": rule, "period_on": AT.date(), **stamps()}
    customer = model("customers.Customer").objects.get(owner=user)
    made = model("customers.EntryCheck").objects
    return made.get_or_create(customer=customer, defaults=given)[0]


def make_flow(user: Any) -> Any:
    del user
    given = {"record_key": "customers.changerequest", "is_for_all": True, **stamps()}
    return model("approvals.Flow").objects.get_or_create(name="flow", defaults=given)[0]


def make_step(user: Any) -> Any:
    made = model("approvals.FlowStep").objects
    return made.get_or_create(flow=make_flow(user), name="step", defaults=stamps())[0]


def make_approval(user: Any) -> Any:
    """A request that a person made and that was returned to them."""
    change, made = make_change(user), model("approvals.Request").objects
    given = {"flow": make_flow(user), "flow_version": 1, "requester": user, "state": "returned"}
    given |= {"subject_label": "x", "salt": "salt", "asked_at": AT, **stamps()}
    named = {"subject_type": "customers.changerequest", "subject_id": change.pk}
    request, is_new = made.get_or_create(**named, defaults=given)
    if is_new:
        model("approvals.Seat").objects.create(
            request=request, position=1, step_name="x", mode="any", kind="head", state="spared"
        )
    return request


def make_clock(user: Any) -> Any:
    """A deadline of a customer of a person's own, that ran already."""
    customer = model("customers.Customer").objects.filter(owner=user).order_by("pk").first()
    about = {"record_key": "customers.customer", "object_id": customer.pk if customer else 0}
    given = {"subject_label": "x", "started_at": AT, "phase": "cancelled", "owner": user}
    made, is_new = model("deadlines.Clock").objects.get_or_create(
        **about, kind="customers.enter", defaults=given
    )
    if is_new:
        version = model("deadlines.CalendarVersion").objects.get_or_create(
            calendar=MADE_FOR["calendars"](user), digest="0", defaults=VERSION
        )[0]
        made.entries.create(
            kind="start", occurred_at=AT, key="start", actor_label="x", recorded_at=AT,
            target={"measure": "calendar", "amount": 60, "recurring": False},
            calendar_version=version,
        )  # fmt: skip
    return made


VERSION = {
    "made_at": AT,
    "content": {"zone": "UTC", "weekly": [[]] * 7, "overrides": {}, "statutory": None},
}


def make_shift(user: Any) -> Any:
    made = model("deadlines.DutyShift").objects
    given = {"starts_at": AT, "ends_at": AT, **stamps()}
    return made.get_or_create(person=user, note="x", defaults=given)[0]


def make_policy(user: Any) -> Any:
    del user
    given = {"kind": "customers.enter", "unit": "hours", "amount": 24, **stamps()}
    return model("deadlines.Policy").objects.get_or_create(name="x", defaults=given)[0]


def make_rating(user: Any) -> Any:
    del user
    given = {"name": "2026-02-28", "value_model": MADE_FOR["value-models"](None), **stamps()}
    made = model("segments.Rating").objects
    return made.get_or_create(as_of=AT.date(), state="in_effect", defaults=given)[0]


def make_standing(user: Any) -> Any:
    """What a person's own customer came to."""
    customer = model("customers.Customer").objects.filter(owner=user).order_by("pk").first()
    given = {"score": 0, "tier": "core", "tier_before": "core", "is_move": False}
    made = model("segments.Standing").objects
    return made.get_or_create(rating=make_rating(user), customer=customer, defaults=given)[0]


def make_stage_run(user: Any) -> Any:
    del user
    made = model("segments.StageRun").objects
    given = {"name": "2026-02-28", **stamps()}
    return made.get_or_create(as_of=AT.date(), state="in_effect", defaults=given)[0]


def make_stage_standing(user: Any) -> Any:
    """The stage of a person's own customer."""
    customer = model("customers.Customer").objects.filter(owner=user).order_by("pk").first()
    given = {"stage": "growth", "stage_before": "growth", "is_move": False, "is_ruled": True}
    made = model("segments.StageStanding").objects
    return made.get_or_create(run=make_stage_run(user), customer=customer, defaults=given)[0]


def make_churn_warning(user: Any) -> Any:
    """An early warning of a person's own customer."""
    customer = model("customers.Customer").objects.filter(owner=user).order_by("pk").first()
    given = {"warned_on": AT.date(), "stage": "at_risk", "tier": "core", "silence": 9, "habit": 3}
    made = model("segments.ChurnWarning").objects
    run = make_stage_run(user)
    return made.get_or_create(run=run, customer=customer, defaults=given | stamps())[0]


def make_indicator(user: Any) -> Any:
    given = {"value_model": MADE_FOR["value-models"](user), "metric": "amount"}
    return model("segments.Indicator").objects.get_or_create(**given, defaults=stamps())[0]


#: Records of types that nobody owns, yet that concern one person.
MADE_FOR = {
    "approvals": make_approval,
    "deletions": make_deletion,
    "approval-flows": make_flow,
    "approval-steps": make_step,
    "change-requests": make_change,
    "entry-checks": make_check,
    "sampling-rules": make_common("customers.SamplingRule", name="sample"),
    "key-fields": make_common("customers.KeyField", field="tier", is_by_request=False),
    "commitments": make_commitment,
    "value-models": make_common("segments.ValueModel", name="model"),
    "value-indicators": make_indicator,
    "rfm-groups": make_common("segments.RfmGroup", name="group"),
    "ratings": make_rating,
    "standings": make_standing,
    "lifecycle-stages": make_common("segments.LifecycleStage", stage="growth"),
    "stage-runs": make_stage_run,
    "stage-standings": make_stage_standing,
    "churn-warnings": make_churn_warning,
    "complaints": make_complaint,
    "cadences": make_common("commitments.Cadence", name="round", starts_on=AT.date()),
    "tickets": make_ticket,
    "agents": make_agent,
    "document-templates": make_common(
        "surfaces.DocumentTemplate", name="letter", paper="complaints.letter", body="{who}"
    ),
    "mailboxes": make_mailbox,
    "wordings": make_common("tickets.Wording", phrase="no way"),
    "shares": make_share,
    "substitutions": make_substitution,
    "pools": make_pool,
    "pool-rules": make_rule,
    "releases": make_release,
    "hand-overs": make_hand_over,
    "calendars": make_common("deadlines.Calendar", name="week"),
    "calendar-days": make_calendar_day,
    "clocks": make_clock,
    "deadline-policies": make_policy,
    "duty-shifts": make_shift,
    "holiday-notices": make_common("deadlines.Notice", year=2028),
}


def stored_file() -> Any:
    return model("kernel.StoredFile").objects.create(
        name="a.csv", mime="text/csv", size=1, sha256="0" * 64, created_at=AT
    )


READ = {"headers": ["name"], "encoding": "utf-8", "delimiter": ",", "sheet": "",
        "notices": [], "samples": []}  # fmt: skip


def make_import(user: Any, address: Address) -> Any:
    del address
    return model("surfaces.Import").objects.create(
        record_key="customers.customer", file=stored_file(), filename="a.csv", about=READ,
        created_by_id=user.pk, **stamps(),
    )  # fmt: skip


def make_export(user: Any, address: Address) -> Any:
    return model("surfaces.Export").objects.create(
        record_key="customers.customer", title="x", file_format="csv", created_by_id=user.pk,
        run_id=make_run(user, address).pk, request={"rights": "those of then"}, **stamps(),
    )  # fmt: skip


def make_session(user: Any, address: Address) -> Any:
    del address
    return model("people.UserSession").objects.create(
        user=user, session_key=uuid4().hex, created_at=AT, last_seen_at=AT
    )


def make_token(user: Any, address: Address) -> Any:
    del address
    return model("people.ApiToken").objects.create(
        user=user, name="t", prefix="gx_", token_hash=uuid4().hex, scopes={"*": "read"}
    )


def make_event(user: Any, address: Address | None = None) -> Any:
    del address
    customer = model("customers.Customer").objects.get(owner=user)
    return model("kernel.Event").objects.create(
        kind="record.changed", subject_type="customers.customer", subject_id=str(customer.pk),
        actor_user_id=user.pk, actor_label="x", channel="web", at=AT, data={"version": 1},
    )  # fmt: skip


def make_draft(user: Any, address: Address) -> Any:
    """What a person has typed and not saved."""
    del address
    return model("surfaces.Draft").objects.create(
        id=uuid4(), user_id=user.pk, record_key="customers.customer", purpose="new", kept_at=AT
    )


def make_notification(user: Any, address: Address) -> Any:
    """Something that a person is told."""
    del address
    return model("notifications.Notification").objects.create(
        user=user, kind="customers.transferred", subject_type="customers.customer",
        subject_id="1", key=str(uuid4()), created_at=AT, not_before=AT,
    )  # fmt: skip


MAKERS = {
    "notification": make_notification,
    "draft": make_draft,
    "view": make_view,
    "run": make_run,
    "import": make_import,
    "export": make_export,
    "session": make_session,
    "token": make_token,
    "event": make_event,
}


def make_one(plural: str) -> Any:
    """A record of a type that the small company has none of."""
    if plural == "tags":
        return model("customers.Tag").objects.create(name="tag", **stamps())
    if plural == "custom-fields":
        return model("surfaces.CustomField").objects.create(
            record_key="customers.customer", slug="spare", name="spare", kind="text", **stamps()
        )
    if plural == "accesses":
        return model("kernel.AccessEntry").objects.create(
            action="view", subject_type="x", actor_label="x", channel="web", at=AT
        )
    return make_event(model("people.User").objects.get(username="sales"))
