"""Mails through a real server: in whose words, with whose rights, when, and what goes wrong."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from guanxi.kernel.backup.services import hold_outbound, release_outbound
from guanxi.notifications import jobs
from guanxi.notifications.models import Mail, Notification
from guanxi.notifications.rules import MAX_ATTEMPTS, delay_after, next_digest
from guanxi.notifications.services import set_wishes, settle_notifications
from guanxi.notifications.tests.conftest import ASKED, DUE
from guanxi.notifications.tests.test_notify import tell
from tests.fixtures.company import AT, model

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def addresses(company, monkeypatch):
    """Everybody has an address; no rest from an earlier test."""
    monkeypatch.setattr(jobs, "_rest_until", [])
    for user in company.users.values():
        user.email = f"{user.username}@example.org"
        user.save(update_fields=["email"])


def send():
    jobs._rest_until.clear()
    return jobs.send_mails(datetime.now(UTC))


def body(mail, kind="plain"):
    return mail.get_body((kind,)).get_content()


def test_a_mail_is_in_the_receivers_language_and_leads_to_the_record(
    company, post_office, settings
):
    settings.SITE_URL = "https://crm.example"
    model("people.User").objects.filter(username="head").update(locale="en")
    tell(company, "sales", "head", subject=company.of("sales", "own").customer)
    assert send() == 2
    mails = {mail["To"]: mail for mail in post_office.taken}
    chinese, english = mails["sales@example.org"], mails["head@example.org"]
    assert chinese["Subject"].strip() == "[关系] Person head asks about Customer of sales"
    assert "Person sales，您好：" in body(chinese)
    assert "Hello Person head," in body(english)
    pk = company.of("sales", "own").customer.pk
    for mail in mails.values():
        assert f"https://crm.example/customers/{pk}/" in body(mail)
        assert f'href="https://crm.example/customers/{pk}/"' in body(mail, "html")
        assert mail["Message-ID"] == f"<{Mail.objects.get(user__email=mail['To']).pk}@crm.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert not any(word in body(mail, "html") for word in ("<img", "<style", "src=", "url("))
    assert send() == 0


def test_out_of_scope_and_masked_values_are_in_no_mail(company, post_office):
    """What a receiver may not see is in no part of the mail; B11."""
    foreign = company.of("junior_agent", "foreign").customer
    own = company.of("junior_agent", "own").customer
    tell(company, "junior_agent", subject=foreign, key="a")
    tell(company, "junior_agent", subject=own, key="b")
    assert send() == 2
    sent = "".join(mail.as_string() + body(mail) + body(mail, "html") for mail in post_office.taken)
    assert foreign.name not in sent
    assert f"/customers/{foreign.pk}/" not in sent
    assert own.name in sent
    assert own.phone not in sent
    assert own.email not in sent


def test_no_name_gets_into_the_headers(company, post_office):
    """D11: a line break in a name, a param or an address makes no header."""
    customer = company.of("sales", "own").customer
    evil = "X\r\nBcc: evil@example.org\r\n\r\nhello"
    model("customers.Customer").objects.filter(pk=customer.pk).update(name=evil)
    tell(company, "sales", params={"who": "A\nTo: evil@example.org"})
    tell(company, "head", subject=company.of("head", "own").customer, key="b")
    model("people.User").objects.filter(username="head").update(email="a@b.org\nBcc: evil@x.org")
    assert send() == 1
    (mail,) = post_office.taken
    assert post_office.receivers == ["sales@example.org"]
    assert mail["Bcc"] is None
    assert mail["To"] == "sales@example.org"
    assert "\n" not in mail["Subject"]
    assert Mail.objects.get(state="parked").user.username == "head"


def test_markup_in_a_name_is_text(company, post_office):
    customer = company.of("sales", "own").customer
    name = '<script>x</script><img src="http://evil">'
    model("customers.Customer").objects.filter(pk=customer.pk).update(name=name)
    tell(company, "sales")
    assert send() == 1
    assert "<script" not in body(post_office.taken[0], "html")
    assert "<img" not in body(post_office.taken[0], "html")
    assert name in body(post_office.taken[0])


# By which ways ------------------------------------------------------------------------------------
def wish(company, name, mode, hour=8, **kinds):
    set_wishes(mode, hour, {k.replace("_", "."): v for k, v in kinds.items()},
               actor=company.actor(name), at=AT)  # fmt: skip


def test_everybody_is_told_by_the_ways_they_chose(company, post_office):
    wish(company, "sales", "each", tests_asked="bell")
    wish(company, "head", "each", tests_asked="none")
    wish(company, "legal", "none")
    assert tell(company, "sales", "head", "legal", "hr") == 3
    assert tell(company, "sales", "head", "legal", kind=DUE, key="k2", params={}) == 3
    assert send() == 3
    assert sorted(post_office.receivers) == [
        "head@example.org", "hr@example.org", "sales@example.org",
    ]  # fmt: skip


def test_a_digest_tells_a_day_at_once_and_what_is_urgent_does_not_wait(company, post_office):
    wish(company, "sales", "digest", hour=18)
    at = NOW - timedelta(days=2)
    for key in ("a", "b", "c"):
        tell(company, "sales", key=key, at=at)
    tell(company, "sales", kind=DUE, key="d", at=at, params={})
    Notification.objects.filter(key="c").update(read_at=NOW)
    assert Mail.objects.filter(is_open=True).count() == 1
    assert send() == 2
    digest = next(m for m in post_office.taken if "2 条通知" in m["Subject"])
    assert body(digest).count("Person head asks about Customer of sales") == 2
    tell(company, "sales", key="e", at=NOW, not_before=NOW + timedelta(days=3))
    due = Mail.objects.get(is_open=True).due_at
    assert due == next_digest(NOW + timedelta(days=3), 18, "Asia/Shanghai")
    assert due.astimezone().minute == 0
    assert send() == 0


def test_what_is_held_back_or_over_is_not_mailed(company, post_office):
    tell(company, "sales", key="later", not_before=NOW + timedelta(hours=3))
    tell(company, "sales", key="settled")
    settle_notifications(company.of("sales", "own").customer, kinds=[ASKED], at=NOW)
    tell(company, "head", key="gone")
    model("people.User").objects.filter(username="head").update(is_active=False)
    assert send() == 0
    assert Mail.objects.filter(state="done", is_sent=False).count() == 2
    assert Mail.objects.filter(state="due").count() == 1
    assert post_office.taken == []


def test_without_a_server_nothing_is_queued(company):
    assert tell(company, "sales") == 1
    assert not Mail.objects.exists()


def test_wishes_are_chosen_on_a_page(company, enter):
    client = enter("sales")
    page = client.get("/me/notifications/").content.decode()
    assert 'name="kind:tests.asked"' in page
    form = {"mode": "digest", "hour": "19", "kind:tests.asked": "none", "kind:tests.due": "bell"}
    assert client.post("/me/notifications/", form).status_code == 302
    assert 'value="19" selected' in client.get("/me/notifications/").content.decode()
    assert tell(company, "sales") == 0
    client.post("/me/notifications/", {**form, "kind:tests.due": "none", "mode": "each"})
    assert 'value="digest" selected' in client.get("/me/notifications/").content.decode()
    events = model("kernel.Event").objects.filter(kind="notifications.wishes_set")
    assert [e.data["kinds"] for e in events] == [{"tests.asked": "none", "tests.due": "bell"}]


# What goes wrong ----------------------------------------------------------------------------------
def test_no_server_costs_no_try_and_loses_nothing(company, post_office, settings):
    """H14: down for a day, then there again."""
    tell(company, "sales", "head")
    settings.EMAIL_PORT, there = 1, settings.EMAIL_PORT
    for _ in range(MAX_ATTEMPTS + 1):
        assert send() == 0
    assert set(Mail.objects.values_list("state", "attempts")) == {("due", 0)}
    assert jobs.send_mails(datetime.now(UTC)) == 0  # a rest between two looks
    settings.EMAIL_PORT = there
    assert send() == 2


def test_a_refusal_for_now_is_tried_later_and_given_up_in_the_end(company, post_office):
    tell(company, "sales")
    post_office.answer = lambda _mail, _who: "451 later"
    assert send() == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.attempts) == ("due", 1)
    assert mail.due_at > datetime.now(UTC)
    Mail.objects.update(due_at=AT, attempts=MAX_ATTEMPTS - 1)
    assert send() == 0
    assert Mail.objects.get().state == "parked"
    out = StringIO()
    call_command("mails", "--retry", stdout=out)
    assert "451" in out.getvalue()
    post_office.answer = None
    assert send() == 1


def test_a_refusal_for_good_is_given_up_at_once_and_holds_nobody_else_up(company, post_office):
    tell(company, "sales", "head")
    post_office.refused = "sales"
    assert send() == 1
    assert post_office.receivers == ["head@example.org"]
    parked = Mail.objects.get(state="parked")
    assert (parked.user.username, parked.attempts) == ("sales", 1)
    assert "550" in parked.error


def test_what_a_dead_worker_held_is_sent_once_its_lease_is_over(company, post_office):
    tell(company, "sales")
    past = datetime.now(UTC) - timedelta(seconds=1)
    Mail.objects.update(state="leased", lease_until=past, attempts=1)
    assert send() == 1
    Mail.objects.update(state="leased", lease_until=datetime.now(UTC) + timedelta(minutes=1))
    assert send() == 0


def test_a_restored_copy_sends_nothing_until_it_is_released(company, post_office):
    """I03: digests are fixed, so that none of theirs comes by another one either."""
    wish(company, "sales", "digest")
    tell(company, "sales", key="a", at=NOW - timedelta(days=2))
    tell(company, "head", key="b")
    assert hold_outbound() == 2
    tell(company, "sales", key="c", at=NOW - timedelta(days=2))
    assert send() == 1
    assert "1 条通知" in post_office.taken[0]["Subject"]
    release_outbound(at=datetime.now(UTC))
    assert send() == 2
    assert len({mail["Message-ID"] for mail in post_office.taken}) == 3
    tell(company, "sales", key="d")
    hold_outbound()
    release_outbound(at=datetime.now(UTC), is_dropped=True)
    assert send() == 0


def test_the_state_of_the_installation_tells_what_was_given_up(company, enter, post_office):
    tell(company, "sales", "head")
    Mail.objects.filter(user__username="sales").update(state="parked")
    page = enter("it").get("/system/").content.decode()
    assert "待处理 1，已放弃 1" in page


# When ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "hour", "zone", "due"),
    [
        ("2026-03-11T00:30", 8, "Asia/Shanghai", "2026-03-12T00:00"),
        ("2026-03-10T23:30", 8, "Asia/Shanghai", "2026-03-11T00:00"),
        ("2026-03-11T00:00", 8, "Asia/Shanghai", "2026-03-12T00:00"),
        ("2026-03-28T12:00", 8, "Europe/Berlin", "2026-03-29T06:00"),
        ("2026-03-29T00:30", 2, "Europe/Berlin", "2026-03-29T01:00"),
    ],
)
def test_the_next_digest(at, hour, zone, due):
    instants = [datetime.fromisoformat(f"{text}+00:00") for text in (at, due)]
    assert next_digest(instants[0], hour, zone) == instants[1]


def test_the_tries_reach_over_a_day():
    waits = [delay_after(number) for number in range(1, MAX_ATTEMPTS)]
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) > timedelta(days=1)
