"""C. What people type stays text: on every page, in print, in what scripts open, in mails."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.kernel.actor import system_actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.attacks import poison
from tests.attacks.addresses import Address, addresses
from tests.attacks.test_a_records import work
from tests.fixtures.company import AT, PASSWORD, model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def poisoned(company, settings, tmp_path):
    """The small company after somebody typed payloads into everything."""
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path
    admin, system = company.users["administrator"], system_actor()
    spread = poison.Poison(company)
    kind = get_record_type("customers.tag")
    tags = [
        create_record(kind, {"name": text, "description": text}, actor=system, at=AT)
        for text in (poison.SHORT, poison.PAYLOADS[0][:20])
    ]
    model("customers.Customer").objects.get(
        pk=company.of("administrator", "own").customer.pk
    ).tags.set(tags)
    model("surfaces.SavedView").objects.create(
        record_key="customers.customer", name=poison.PAYLOADS[1], owner_id=admin.pk,
        visibility="shared", condition={"field": "name", "op": "contains", "value": "<script>"},
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    assert spread.spread() > 100
    return company


@pytest.fixture
def reader(poisoned, live_server, new_page):
    """The administrator's browser, which notices whatever runs or appears."""
    page = new_page()
    page.add_init_script(poison.LISTEN)
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", "administrator")
    page.fill("[name=password]", PASSWORD)
    page.click("form button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    return page


def pages_of(company) -> list[str]:
    """Every page that reads, with poisoned records in its address."""
    own, found = company.of("administrator", "own"), []
    for address in addresses():
        if address.is_api and not address.is_page_of_api:
            continue
        if not address.door or "GET" not in address.door.needs:
            continue
        if "logout" in address.name or address.name.startswith("health"):
            continue
        if address.door.on in {"type", "record"} and "download" not in address.route:
            found += paths_of(address, company, own)
    return sorted(set(found))


def paths_of(address: Address, company, own) -> list[str]:
    path, kind = "/" + address.route, address.type
    key = company.users["administrator"].pk
    if kind and own.has(kind.key):
        key = own.of(kind.key).pk
    elif kind and "<" in path:
        key = kind.model._base_manager.order_by("pk").values_list("pk", flat=True).first()
        if key is None:  # nothing to poison: no such address, and that page is looked at once
            return []
    names = [f.name for f in kind.fields if f.type in {"text", "longtext"}] if kind else []
    filled = []
    for name in (names[:2] or ["name"]) if "<name:name>" in path else ["name"]:
        one = path.replace("<name:name>", name).replace("<slug:plural>", "customers")
        filled.append(re.sub(r"<(key|int|uuid|record_id):\w+>", str(key), one))
    return [one for one in filled if "<" not in one and not one.endswith(".xlsx")]


def look(page) -> tuple[list[str], bool]:
    """What ran or was drawn that nobody of the house put there; whether the texts can be read."""
    found = page.evaluate(poison.FOUND)
    return found["ran"] + found["drawn"], found["shows"]


def findings(page) -> list[str]:
    """What ran or was drawn that nobody of the house put there."""
    return look(page)[0]


TYPED = "%22%3E%3Cimg+class%3Dinjected%3E%3Cscript%3Ehacked(12)%3C/script%3E"


def test_c01_no_page_runs_or_draws_what_people_typed(poisoned, reader, live_server, watch):
    """Every page, with its scripts: nothing runs, no node appears, no report of the policy."""
    for expected in ("404", "403", "400"):
        watch.expect(f"status of {expected}")
    paths = pages_of(poisoned)
    paths += [path + TYPED for path in ("/search/?q=", "/customers/?q=", "/accounts/login/?next=/")]
    paths += [f"/customers/?{part}={TYPED}" for part in ("view=&owner", "name__contains", "sort")]
    paths += ["/imports/new/", f"/customers/{TYPED}/"]
    found, opened, shown = {}, 0, 0
    for path in paths:
        answer = reader.goto(live_server.url + path)
        if "html" not in (answer.headers.get("content-type") or ""):
            continue
        opened += answer.status == 200
        problems, is_shown = look(reader)
        shown += is_shown
        if problems:
            found[path] = problems[:3]
    assert found == {}
    assert opened > 100
    assert shown > 40  # the texts are there to be read, as texts


def test_c01_print_draws_no_more_than_the_screen(poisoned, reader, live_server):
    pk = poisoned.of("administrator", "own").customer.pk
    reader.goto(f"{live_server.url}/customers/{pk}/print/")
    reader.emulate_media(media="print")
    assert findings(reader) == []
    assert "hacked" in reader.inner_text("body")
    assert reader.pdf().startswith(b"%PDF")


def test_c01_nothing_that_scripts_open_runs_or_draws_it(poisoned, reader, live_server):
    """Palette, pickers, peek, in-place editing, dialogs, notes: put into the page by scripts."""
    own = poisoned.of("administrator", "own")
    reader.goto(f"{live_server.url}/customers/?view=")
    reader.wait_for_load_state("networkidle")
    reader.keyboard.press("Control+k")
    reader.keyboard.type("injected")
    reader.wait_for_timeout(600)
    assert findings(reader) == []
    reader.goto(f"{live_server.url}/customers/?view=")
    reader.wait_for_load_state("networkidle")
    cells = reader.locator("table.list tbody tr .name a")
    cells.nth(0).hover()
    reader.wait_for_timeout(700)
    assert findings(reader) == []
    for path in (f"customers/{own.customer.pk}/edit/", f"contacts/{own.contact.pk}/edit/",
                 "interactions/new/", "customers/filter/"):  # fmt: skip
        reader.goto(f"{live_server.url}/{path}")
        reader.wait_for_load_state("networkidle")
        for control in reader.locator(".ts-control").all()[:8]:
            if control.is_visible():
                control.click()
                reader.wait_for_timeout(150)
                assert findings(reader) == [], path
    reader.goto(f"{live_server.url}/customers/{own.customer.pk}/")
    reader.wait_for_load_state("networkidle")
    for opener in reader.locator("summary, [data-box], [hx-get][aria-haspopup]").all()[:20]:
        if opener.is_visible():
            opener.click(timeout=2000, no_wait_after=True, force=True)
            reader.wait_for_timeout(150)
            assert findings(reader) == []


def test_c01_the_sweep_would_see_it(company, live_server, page, watch):
    """The same look at a page into which the texts were put as markup finds them."""
    for said in ("content policy", "Content Security Policy", "Refused to", "ERR_", "status of"):
        watch.expect(said)
    page.add_init_script(poison.LISTEN)
    page.goto(f"{live_server.url}/accounts/login/")
    for text in poison.PAYLOADS:
        if "class=injected" in text:
            page.evaluate("text => { document.body.innerHTML = text }", text)
            assert findings(page), text
    assert any("content policy" in said for said in watch.complaints)


IMPORTED = (
    "客户名称,<script>hacked(20)</script>,电话\r\n"
    '"<img src=x onerror=hacked(21) class=injected>",a,<b class=injected>\r\n'
    '"<script>hacked(22)</script>",b,13800138000\r\n'
)


def test_c01_a_file_that_is_brought_in_draws_nothing(poisoned, reader, live_server, client):
    """Its name, its headings, its cells, its errors."""
    client.post("/accounts/login/", {"login": "administrator", "password": PASSWORD})
    named = SimpleUploadedFile("<img src=x onerror=hacked(23) class=injected>.csv",
                               IMPORTED.encode())  # fmt: skip
    answer = client.post("/imports/new/", {"type": "customers.customer", "file": named})
    assert answer.status_code == 302, answer.content[:300]
    path = answer.headers["Location"]
    work()
    chosen = {"column-0": "name", "column-1": "needs", "column-2": "phone"}
    for step in ("", "columns/", "start/"):
        if step:
            assert client.post(path + step, chosen).status_code == 302
            work()
        reader.goto(live_server.url + path)
        assert findings(reader) == []
        assert "hacked" in reader.inner_text("body")
    reader.goto(f"{live_server.url}/imports/")
    assert findings(reader) == []


def test_c01_what_was_typed_comes_back_as_it_was(poisoned, client):
    """Nothing is stripped or escaped twice: the form holds the very text (K06)."""
    client.post("/accounts/login/", {"login": "administrator", "password": PASSWORD})
    own = poisoned.of("administrator", "own").customer
    own.refresh_from_db()
    page = client.get(f"/api/v1/customers/{own.pk}/").json()
    assert page["needs"] == poison.everything()
    for path in ("", "edit/", "print/", "history/"):
        text = client.get(f"/customers/{own.pk}/{path}").content.decode()
        assert "&amp;lt;script" not in text.replace("&amp;lt;script&amp;gt;hacked(9)", "")


def test_c01_an_address_that_runs_something_is_no_web_address(company, callers):
    """A field of web addresses takes http and https alone; other texts become no links."""
    kind = get_record_type("surfaces.customfield")
    create_record(
        kind, {"name": "home", "record_key": "customers.customer", "slug": "home", "kind": "url"},
        actor=system_actor(), at=AT,
    )  # fmt: skip
    admin, own = callers("administrator"), company.of("administrator", "own").customer
    for address in ("javascript:hacked()", "JaVaScRiPt:hacked()", "\tjavascript:hacked()",
                    "data:text/html,<script>hacked()</script>", "vbscript:x", "//evil.example",
                    "file:///etc/passwd", "http://", "https://x y"):  # fmt: skip
        refused = admin.patch(f"customers/{own.pk}/", {"x_home": address}, 1)
        assert refused.status_code == 400, address
        assert refused.json()["errors"][0]["field"] == "x_home"


# C03, C08 -----------------------------------------------------------------------------------------
def test_c03_a_name_in_a_letter_is_text(company, client, mailoutbox):
    """Display names with markup and line breaks in the mails that there are."""
    model("people.User").objects.filter(username="sales").update(
        name="<img src=x onerror=hacked(1)>", email="sales@company.example"
    )
    client.post("/accounts/reset/", {"identifier": "sales"})
    work()
    (letter,) = mailoutbox
    assert letter.content_subtype == "plain"
    assert not getattr(letter, "alternatives", [])
    assert "\n" not in letter.subject
    assert str(letter.message()).count("Content-Type: text/html") == 0


def test_c08_a_template_in_a_text_is_text(poisoned, client):
    client.post("/accounts/login/", {"login": "administrator", "password": PASSWORD})
    own = poisoned.of("administrator", "own").customer
    texts = "{{7*7}} {% debug %} ${7*7} %(name)s {0.__class__} {user.password} #{7*7} %s"
    answer = client.get(f"/api/v1/customers/{own.pk}/")
    changed = client.patch(
        f"/api/v1/customers/{own.pk}/", {"focus": texts, "needs": texts},
        content_type="application/json", headers={"If-Match": answer.headers["ETag"]},
    )  # fmt: skip
    assert changed.status_code == 200, changed.content
    for path in ("", "edit/", "print/", "history/", "history/focus/", "peek/", "card/"):
        page = client.get(f"/customers/{own.pk}/{path}", headers={"HX-Request": "true"})
        assert page.status_code == 200, path
        text = page.content.decode()
        assert "49" not in re.sub(r'="[^"]*"|#\w+|\d{3,}', "", text.partition("{{7*7}}")[2][:60])
        if path in {"edit/", "print/"}:
            assert texts in text.replace("&#x27;", "'")
