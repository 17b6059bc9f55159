"""Drafts: kept as typed, given back to their owner alone, gone with the save (issue 3)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.kernel.errors import NotFound, RuleViolation, TooMany
from guanxi.kernel.models import Event
from guanxi.surfaces import drafts, limits
from guanxi.surfaces.models import Draft, Presence
from guanxi.surfaces.services import drafts as services
from guanxi.surfaces.services.presence import note_editing
from tests.fixtures.company import AT, model

pytestmark = pytest.mark.django_db
MARK = re.compile(r'name="_draft" value="([^"]+)" data-id="([^"]+)"')


@pytest.fixture(autouse=True)
def _fresh_limits():
    limits.drafts.forget()
    limits.presence.forget()


@pytest.fixture
def sales(enter):
    """A sales person's browser."""
    return enter("sales")


def mark_of(answer) -> str:
    found = MARK.search(answer.content.decode())
    assert found, answer.content.decode()[:500]
    return found[1]


def form_of(answer) -> dict[str, str]:
    """What a form sends when nobody touches it: the controls that the tests need."""
    page = answer.content.decode()
    pairs = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    return {name: value for name, value in pairs if name != "csrfmiddlewaretoken"}


def own_contact(company) -> str:
    return f"/contacts/{company.of('sales', 'own').contact.pk}/edit/"


def keep(client, mark, **typed):
    return client.post("/drafts/keep/", {"_draft": mark, "_fields": ",".join(typed), **typed})


def showing(company, who="sales", purpose="edit"):
    contact = company.of(who, "own").contact
    return drafts.new_showing(company.actor(who), "customers.contact", str(contact.pk), purpose)


# Keeping ------------------------------------------------------------------------------------------
def test_half_typed_input_comes_back_as_it_was_typed(company, sales):
    url = own_contact(company)
    mark = mark_of(sales.get(url))
    answer = keep(
        sales, mark, version="1", phone="138-not-yet", birthday="198", position="写到一半"
    )
    assert answer.status_code == 200
    assert answer.json()["kept"] is True
    [draft] = Draft.objects.all()
    assert draft.values["phone"] == ["138-not-yet"]
    assert draft.read_version == 1
    offered = sales.get(url).content.decode()
    assert "写到一半" not in offered
    assert f"draft={draft.pk}" in offered
    restored = sales.get(f"{url}?draft={draft.pk}").content.decode()
    for text in ("138-not-yet", "198", "写到一半", str(draft.pk)):
        assert text in restored


def test_a_later_write_replaces_the_draft_of_the_same_showing(company, sales):
    mark = mark_of(sales.get(own_contact(company)))
    for text in ("一", "一二", "一二三"):
        keep(sales, mark, position=text)
    assert [d.values["position"] for d in Draft.objects.all()] == [["一二三"]]


def test_two_windows_of_the_same_form_do_not_overwrite_each_other(sales):
    for name in ("甲公司", "乙公司"):
        keep(sales, mark_of(sales.get("/customers/new/")), name=name)
    assert {d.values["name"][0] for d in Draft.objects.all()} == {"甲公司", "乙公司"}
    page = sales.get("/drafts/").content.decode()
    assert "甲公司" in page
    assert "乙公司" in page


def test_a_draft_is_no_write_to_the_record(company, sales):
    contact = company.of("sales", "own").contact
    page = sales.get(own_contact(company))
    events = Event.objects.count()
    keep(sales, mark_of(page), position="还没定", version=str(contact.version))
    assert Event.objects.count() == events
    contact.refresh_from_db()
    assert (contact.version, contact.position) != (contact.version + 1, "还没定")


def test_neither_secrets_nor_what_no_database_holds_is_kept(company):
    typed = [("password", ["x"]), ("once", ["y"]), ("name", ["a\0b\ud800c"]), ("version", ["3"])]
    assert services.keep_draft(showing(company), typed, 3, at=AT)
    assert Draft.objects.get().values == {"name": ["abc"]}


def test_a_draft_has_a_largest_size(company):
    typed = [("notes", ["字" * services.MOST_CHARACTERS])]
    with pytest.raises(RuleViolation):
        services.keep_draft(showing(company), typed, None, at=AT)
    with pytest.raises(RuleViolation):
        services.keep_draft(showing(company), [(f"f{n}", [""]) for n in range(501)], None, at=AT)
    assert not Draft.objects.exists()


def test_somebody_who_keeps_too_often_waits(company):
    one = showing(company)
    for _ in range(int(limits.drafts.burst)):
        services.keep_draft(one, [("name", ["x"])], None, at=AT)
    with pytest.raises(TooMany):
        services.keep_draft(one, [("name", ["x"])], None, at=AT)


def test_the_oldest_go_when_there_are_too_many(company, monkeypatch):
    monkeypatch.setattr(services, "MOST_EACH", 3)
    kept = [showing(company) for _ in range(5)]
    for minute, one in enumerate(kept):
        services.keep_draft(one, [("name", ["x"])], None, at=AT + timedelta(minutes=minute))
    assert {str(d.pk) for d in Draft.objects.all()} == {one.id for one in kept[2:]}


# Saving -------------------------------------------------------------------------------------------
def test_the_draft_goes_with_the_save_and_nothing_late_revives_it(company, sales):
    url = own_contact(company)
    page = sales.get(url)
    mark = mark_of(page)
    keep(sales, mark, position="草稿")
    sent = {"_draft": mark, "_fields": "position", "position": "已保存",
            "version": form_of(page)["version"]}  # fmt: skip
    assert sales.post(url, sent).status_code == 302
    late = keep(sales, mark, position="迟到")
    assert late.json()["kept"] is False
    assert Draft.objects.get().values == {}
    assert "draft-note" not in sales.get(url).content.decode()


def test_a_refused_save_keeps_the_draft_and_the_mark(company, sales):
    url = own_contact(company)
    page = sales.get(url)
    mark = mark_of(page)
    keep(sales, mark, phone="12")
    sent = {"_draft": mark, "_fields": "phone", "phone": "12", "version": form_of(page)["version"]}
    refused = sales.post(url, sent)
    assert refused.status_code == 422
    assert mark_of(refused).split(":")[0] == mark.split(":")[0]
    assert Draft.objects.get().values["phone"] == ["12"]


def test_a_failure_after_the_save_leaves_both_or_neither(company):
    one = showing(company)
    actor = company.actor("sales")
    services.keep_draft(one, [("name", ["x"])], None, at=AT)

    def save():
        model("customers.Tag").objects.all().delete()
        raise RuleViolation("no", "no")

    with pytest.raises(RuleViolation):
        services.save_form(one, save, actor=actor, at=AT)
    assert Draft.objects.get().settled_at is None


def test_a_new_record_takes_its_draft_with_it(sales):
    page = sales.get("/customers/new/")
    mark = mark_of(page)
    keep(sales, mark, name="东湖精密仪器有限公司")
    sent = {**form_of(page), "name": "东湖精密仪器有限公司", "kind": "company", "tier": "normal",
            "stage": "prospect", "_fields": "name", "_draft": mark}  # fmt: skip
    made = sales.post("/customers/new/", sent)
    assert made.status_code == 302, made.content.decode()[:800]
    assert Draft.objects.get().settled_at is not None
    assert "没有草稿" in sales.get("/drafts/").content.decode()


def test_the_composer_comes_back_filled_in(company, sales):
    customer = company.of("sales", "own").customer
    url = f"/customers/{customer.pk}/"
    mark = mark_of(sales.get(url))
    typed = {"content": "客户说下周", "channel": "phone", "next_contact_at": ""}
    sales.post("/drafts/keep/", {"_draft": mark, **typed})
    page = sales.get(url)
    assert ">客户说下周</textarea>" in page.content.decode()
    assert mark_of(page).split(":")[0] == mark.split(":")[0]
    logged = sales.post(f"{url}log/", {"_draft": mark_of(page), **typed})
    assert logged.status_code == 302, logged.content.decode()[:500]
    assert Draft.objects.get().settled_at is not None
    assert "客户说下周</textarea>" not in sales.get(url).content.decode()


# The end of the session ---------------------------------------------------------------------------
def ended(how: str, client: Client) -> None:
    if how == "cookie removed":
        del client.cookies["guanxi"]
    elif how == "forced out":
        model("sessions.Session").objects.all().delete()
    elif how == "idle":
        session = client.session
        session["seen_at"] = int((timezone.now() - timedelta(hours=3)).timestamp())
        session.save()
    else:
        client.post("/accounts/logout/")


@pytest.mark.parametrize("how", ["cookie removed", "forced out", "idle", "signed out"])
def test_a_form_sent_after_the_session_ended_is_not_lost(company, enter, how):
    sales, url = enter("sales"), own_contact(company)
    page = sales.get(url)
    sent = {**form_of(page), "_draft": mark_of(page), "_fields": "position", "position": "没丢"}
    ended(how, sales)
    answer = sales.post(url, sent)
    [draft] = Draft.objects.all()
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/?next=")
    assert str(draft.pk) in answer.url
    assert "所写内容已保存" in sales.get(answer.url).content.decode()
    again = enter("sales").get(f"{url}?draft={draft.pk}").content.decode()
    assert 'value="没丢"' in again
    assert "未保存" in again or "还没有保存" in again


def test_a_fragment_is_led_to_sign_in_and_back_to_its_draft(company, sales):
    customer = company.of("sales", "own").customer
    mark = mark_of(sales.get(f"/customers/{customer.pk}/"))
    del sales.cookies["guanxi"]
    sent = {"_draft": mark, "content": "电话里说的"}
    answer = sales.post(f"/customers/{customer.pk}/log/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert str(Draft.objects.get().pk) in answer["HX-Redirect"]


def test_what_is_kept_after_the_end_is_told_as_ended(company, sales):
    mark = mark_of(sales.get(own_contact(company)))
    del sales.cookies["guanxi"]
    sent = {"_draft": mark, "position": "还在写"}
    answer = sales.post("/drafts/keep/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert Draft.objects.get().values["position"] == ["还在写"]


def test_an_outdated_page_keeps_what_was_typed(company):
    client = Client(enforce_csrf_checks=True)
    one = showing(company)
    answer = client.post(one.url, {"_draft": one.token, "position": "旧页面"})
    assert answer.status_code == 403
    assert one.restore_url in answer.content.decode().replace("&amp;", "&")
    assert Draft.objects.get().values["position"] == ["旧页面"]


def test_a_mark_that_is_old_or_not_ours_keeps_nothing(company, monkeypatch):
    one = showing(company)
    crooked = (one.token[:-1], one.token.replace(":", ""), "", "x" * 2000, "\ud800", "{}", "::")
    client = Client()
    for token in crooked:
        assert drafts.read_token(token) is None
    client.post(one.url, {"_draft": one.token[:-2], "position": "伪造"})
    monkeypatch.setattr(drafts, "GOOD_FOR", timedelta(seconds=-1))
    assert drafts.read_token(one.token) is None
    client.post(one.url, {"_draft": one.token, "position": "太久"})
    assert not Draft.objects.exists()


# Rights -------------------------------------------------------------------------------------------
def test_nobody_else_reads_or_drops_a_draft(company, sales, enter):
    keep(sales, mark_of(sales.get("/customers/new/")), name="只有我知道的客户")
    [draft] = Draft.objects.all()
    for who in ("colleague", "head", "administrator"):
        other = enter(who)
        assert other.post(f"/drafts/{draft.pk}/drop/").status_code == 404
        for url in ("/drafts/", "/", f"/customers/new/?draft={draft.pk}"):
            assert "只有我知道的客户" not in other.get(url).content.decode()
    assert Draft.objects.filter(settled_at=None).exists()
    # Without a script the button in the form leads back to the form.
    dropped = sales.post(f"/drafts/{draft.pk}/drop/", {"_in": "form", "name": "x"})
    assert (dropped.status_code, dropped.url) == (302, "/customers/new/")
    assert not Draft.objects.exists()


def test_the_mark_of_another_person_is_no_mark(company, sales):
    other = showing(company, "colleague")
    assert keep(sales, other.token, position="冒名").status_code == 404
    assert sales.post("/editing/", {"_draft": other.token}).status_code == 404
    assert not Draft.objects.exists()
    assert not Presence.objects.exists()


def test_a_record_out_of_sight_takes_its_draft_along(company, sales):
    customer = company.of("sales", "own").customer
    url = f"/customers/{customer.pk}/edit/"
    keep(sales, mark_of(sales.get(url)), brief="看不到了")
    assert customer.name in sales.get("/drafts/").content.decode()
    stranger = company.users["stranger"]
    model("customers.Customer").objects.filter(pk=customer.pk).update(
        owner=stranger, team=stranger.teams.first(), department=stranger.department
    )
    page = sales.get("/drafts/").content.decode()
    assert customer.name not in page
    assert sales.get(f"{url}?draft={Draft.objects.get().pk}").status_code == 404


def test_values_of_fields_that_one_may_no_longer_set_are_dropped(company, sales):
    url = own_contact(company)
    keep(sales, mark_of(sales.get(url)), position="可以", phone="13900001111")
    [draft] = Draft.objects.all()
    levels = model("people.RoleLevel").objects.filter(role__code="sales", group="contact")
    assert levels.delete()[0]
    user = company.users["sales"]
    type(user).objects.filter(pk=user.pk).update(access_stamp=user.access_stamp + 1)
    page = sales.get(f"{url}?draft={draft.pk}").content.decode()
    assert "可以" in page
    assert "13900001111" not in page


def test_a_field_that_the_draft_did_not_have_keeps_its_present_value(company, sales):
    contact = company.of("sales", "own").contact
    keep(sales, mark_of(sales.get(own_contact(company))), position="只改这个")
    [draft] = Draft.objects.all()
    page = sales.get(f"{own_contact(company)}?draft={draft.pk}").content.decode()
    assert f'value="{contact.name}"' in page


def test_drafts_are_found_by_no_search(company, sales):
    keep(sales, mark_of(sales.get("/customers/new/")), name="搜不到的草稿公司")
    assert "搜不到的草稿公司" not in sales.get("/search/?q=" + "搜不到的草稿").content.decode()


# Presence -----------------------------------------------------------------------------------------
def editors_seen(client, pk):
    said = client.get(f"/live/?topics=customers.contact:{pk}").json()["happened"]
    return [one["people"] for one in said if one["name"] == "editing"]


def test_whoever_sees_the_record_sees_who_is_editing(company, sales, enter):
    contact = company.of("sales", "own").contact
    mark = mark_of(sales.get(own_contact(company)))
    assert sales.post("/editing/", {"_draft": mark}).status_code == 204
    head = enter("head")
    name = company.users["sales"].name
    assert editors_seen(head, contact.pk) == [[{"id": company.users["sales"].pk, "name": name}]]
    assert sales.post("/editing/", {"_draft": mark, "left": "1"}).status_code == 204
    assert editors_seen(head, contact.pk) == []


def test_presence_ends_with_the_save_and_by_itself(company, sales):
    contact, url = company.of("sales", "own").contact, own_contact(company)
    page = sales.get(url)
    mark = mark_of(page)
    sales.post("/editing/", {"_draft": mark})
    sent = {**form_of(page), "_draft": mark, "_fields": "position", "position": "好"}
    assert sales.post(url, sent).status_code == 302
    assert not Presence.objects.exists()
    note_editing(showing(company), actor=company.actor("sales"), at=AT)
    later = AT + timedelta(seconds=26)
    from guanxi.surfaces.editors import read_editors

    assert list(read_editors(AT)) == [f"customers.contact:{contact.pk}"]
    assert read_editors(later) == {}


def test_nobody_is_present_where_they_may_not_look(company):
    contact = company.of("sales", "own").contact
    actor = company.actor("stranger")
    foreign = drafts.new_showing(actor, "customers.contact", str(contact.pk), "edit")
    with pytest.raises(NotFound):
        note_editing(foreign, actor=actor, at=AT)
    new = drafts.new_showing(actor, "customers.contact", "", "new")
    with pytest.raises(NotFound):
        note_editing(new, actor=actor, at=AT)


def test_the_stream_is_told_of_beginning_and_end(company):
    from guanxi.surfaces.live import Editors

    one, watch = showing(company), Editors()
    assert watch.read(AT) == []
    note_editing(one, actor=company.actor("sales"), at=AT)
    [begun] = watch.read(AT)
    topic = f"customers.contact:{one.object_id}"
    assert (begun.topics, begun.name) == (frozenset({topic}), "editing")
    assert watch.read(AT + timedelta(seconds=20)) == []
    [over] = watch.read(AT + timedelta(seconds=30))
    assert over.data == {"people": []}
    assert watch.read(AT + timedelta(seconds=31)) == []


# Ageing -------------------------------------------------------------------------------------------
def test_old_drafts_and_traces_are_swept(company):
    from guanxi.surfaces.jobs import forget_drafts

    old, fresh, saved = showing(company), showing(company), showing(company)
    services.keep_draft(old, [("name", ["x"])], None, at=AT - timedelta(days=31))
    services.keep_draft(fresh, [("name", ["x"])], None, at=AT - timedelta(days=29))
    actor = company.actor("sales")
    services.save_form(saved, lambda: None, actor=actor, at=AT - timedelta(days=2))
    note_editing(saved, actor=actor, at=AT - timedelta(hours=2))
    assert forget_drafts(AT) == 3
    assert [str(d.pk) for d in Draft.objects.all()] == [fresh.id]


# Small forms --------------------------------------------------------------------------------------
def test_a_field_changed_in_place_waits_in_the_whole_form(company, sales):
    contact = company.of("sales", "own").contact
    url = f"/contacts/{contact.pk}/fact/position/"
    editor = sales.get(url, headers={"HX-Request": "true"}).content.decode()
    mark = re.search(r'name="_draft" value="([^"]+)"', editor)[1]
    del sales.cookies["guanxi"]
    sent = {"_draft": mark, "position": "就地改的", "version": "1"}
    answer = sales.post(url, sent, headers={"HX-Request": "true"})
    [draft] = Draft.objects.all()
    assert answer.status_code == 401
    assert str(draft.pk) in answer["HX-Redirect"]


def test_the_reason_of_a_verb_comes_back(company, enter):
    head, customer = enter("head"), company.of("head", "own").customer
    url = f"/customers/{customer.pk}/transfer/"
    mark = mark_of(head.get(url))
    del head.cookies["guanxi"]
    sent = {"_draft": mark, "_fields": "reason", "reason": "交给更近的同事", "version": "1"}
    assert head.post(url, sent).status_code == 302
    head = enter("head")
    page = head.get(url)
    assert "交给更近的同事" in page.content.decode()
    sent = {"_draft": mark_of(page), "version": "1", "to_user": company.users["colleague"].pk,
            "_fields": "reason,to_user", "reason": "交给更近的同事"}  # fmt: skip
    assert head.post(url, sent).status_code == 302
    assert not Draft.objects.exists()


def test_a_restored_draft_is_merged_with_what_others_changed_since(company, sales, enter):
    contact, url = company.of("sales", "own").contact, own_contact(company)
    page = sales.get(url)
    version = form_of(page)["version"]
    keep(sales, mark_of(page), version=version, position="我写的职位", unit="")
    head = enter("head")
    theirs = {"version": version, "_fields": "unit", "unit": "对方写的部门"}
    assert head.post(url, theirs).status_code == 302
    [draft] = Draft.objects.all()
    restored = sales.get(f"{url}?draft={draft.pk}")
    assert form_of(restored)["version"] == version
    mine = {**form_of(restored), "_draft": mark_of(restored), "_fields": "position,unit"}
    assert mine["position"] == "我写的职位"
    assert sales.post(url, mine).status_code == 302
    contact.refresh_from_db()
    assert (contact.position, contact.unit) == ("我写的职位", "对方写的部门")
