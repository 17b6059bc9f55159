"""D. Odd names and values at every page and form: refused or ignored, never broken (D01, D02)."""

import re
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type, record_types
from guanxi.surfaces.services import create_record
from tests.attacks.addresses import addresses, filled
from tests.attacks.persons import Persons
from tests.fixtures.company import AT, PASSWORD, model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Names that some library might read as more than a name.
NAMES = (
    "__class__", "owner__password", "name__regex", "_connector", "_negated", "pk__in", "id__gt",
    "custom__x", "x_nothing", "'; DROP TABLE kernel_event; --", "name\0", "名", "a" * 3000,
    "timezone", "language", "_method", "format", "filter[name]", "name[]", "$where",
)  # fmt: skip
VALUES = (
    "'", "\"; --", "1 OR 1=1", "%' OR '1'='1", "\\", "%00", "\0", "a\x07b", "\ud800", "²",
    "𠮷😀\u202e", "{{7*7}}", "__class__", "-1", "0", "1e400", "NaN", "9" * 400, "9" * 5000,
    "9223372036854775808", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59Z", "[]", '{"a": 1}',
    "null", "x" * 20_001, "../../etc/passwd", "http://127.0.0.1:1/", "\r\nX-Evil: 1",
    "Asia/../../etc/passwd", "zh-hans'", "00000000000000000000005",
)  # fmt: skip
VALUES += ("[" * 5000, '{"not":' * 900, '{"field": "name", "op": [], "value": {"a": 1}}')
#: What the pages read from their addresses.
READ = (
    "q", "sort", "view", "where", "columns", "size", "after", "before", "archived", "count",
    "name", "owner", "tags", "next", "back", "customer", "type", "ids", "id", "field", "op", "tab",
    "kind", "year", "month", "channel", "topics", "from", "page", "row", "label", "format",
)  # fmt: skip
REFUSALS = {200, 204, 302, 400, 401, 403, 404, 405, 409, 413, 415, 422, 428, 429}


@pytest.fixture
def admin(company):
    """The administrator's browser, whose writes are taken back."""
    return Persons(company)["administrator"]


def pages(method):
    return [
        a for a in addresses()
        if a.door and method in a.door.needs and (not a.is_api or a.is_page_of_api)
        and "logout" not in a.name and not a.name.startswith("health")
    ]  # fmt: skip


def wrong(answer, what):
    """What is wrong with an answer to something odd, or nothing."""
    if answer.status_code not in REFUSALS:
        return f"{what}: {answer.status_code}"
    if "X-Evil" in answer.headers:
        return f"{what}: a header of the attacker's"
    return ""


def test_d01_no_page_breaks_by_what_stands_in_its_address(company, admin):
    """Every page, every name that it may read, with values that turn."""
    own, turn, found = company.of("administrator", "own"), 0, []
    for address in pages("GET"):
        path = filled(address, own)
        for many in (READ[:11], READ[11:22], READ[22:], NAMES[:10], NAMES[10:]):
            turn += 1
            query = {name: VALUES[(turn + n) % len(VALUES)] for n, name in enumerate(many)}
            found.append(wrong(ask(admin, path, query), f"GET {path} {sorted(query)[:3]}"))
        for name in ("q", "sort", "after", "where", NAMES[turn % len(NAMES)]):
            turn += 1
            value = VALUES[turn % len(VALUES)]
            found.append(
                wrong(ask(admin, path, {name: value}), f"GET {path} {name}={value[:20]!r}")
            )
        answer = ask(admin, path, {READ[turn % len(READ)]: ["a", "b"]})
        found.append(wrong(answer, f"GET {path} a name twice"))
    assert [fault for fault in found if fault] == []
    assert len(found) > 2000


def ask(person, path, query):
    safe = {
        name: value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        for name, value in query.items()
    }
    return person.try_out("get", path, safe)


NOT_UNDERSTOOD = (
    "owner__password=x", "name__regex=a", "_connector=OR", "sort=owner__password", "x_nothing=1",
    "where={", "after=%00", "size=1e9", "pk__in=1", "%00=1",
)  # fmt: skip


def test_d01_a_list_says_what_it_does_not_understand(company, admin):
    """400 with the reason, on every list; never the whole list as if nothing had been asked."""
    for kind in record_types():
        for query in NOT_UNDERSTOOD:
            answer = admin.ask("get", f"/{kind.plural}/?{query}")
            assert answer.status_code == 400, (kind.plural, query)


NAMED = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')


def form_names(person, path):
    """The names that a page's forms send."""
    text = person.ask("get", path).content.decode("utf-8", "replace")
    return sorted({unescape(n) for n in NAMED.findall(text)} - {"csrfmiddlewaretoken"})


def test_d01_no_form_breaks_by_what_is_sent(company, admin):
    """Every address that takes a form: every name of its page with odd values, and odd names."""
    own, turn, found = company.of("administrator", "own"), 0, []
    before = Event.objects.count()
    for address in pages("POST"):
        path = filled(address, own)
        names = form_names(admin, path) if "GET" in address.door.needs else []
        names = names or ["name", "event", "tag", "to", "ids", "set", "query", "reason", "month"]
        for value in VALUES[turn % 6 :: 6]:
            answer = post(admin, path, dict.fromkeys(names, value))
            found += [wrong(answer, f"POST {path} {value[:20]!r}")]
        for name in names:
            turn += 1
            odd = {"version": "1", name: VALUES[turn % len(VALUES)]}
            found.append(wrong(post(admin, path, odd), f"POST {path} {name}={odd[name][:20]!r}"))
        found.append(wrong(post(admin, path, dict.fromkeys(NAMES, "1")), f"POST {path} odd names"))
        found.append(wrong(post(admin, path, {n: ["1", "2"] for n in names}), f"POST {path} twice"))
    assert [fault for fault in found if fault] == []
    assert len(found) > 1000
    assert Event.objects.count() == before


def post(person, path, values):
    """Send a form as bytes, so that broken text arrives as it is."""
    sent = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
    return person.try_out(
        "post", path, urlencode(sent, doseq=True, errors="surrogatepass"),
        content_type="application/x-www-form-urlencoded",
        HTTP_REFERER="http://testserver/customers/",
    )  # fmt: skip


def test_d02_a_custom_field_is_asked_by_its_code_alone(company, admin):
    """Codes with meanings of the query language are refused; the values are values."""
    kind = get_record_type("surfaces.customfield")
    values = {"name": "f", "record_key": "customers.customer", "kind": "text"}
    create_record(kind, values | {"slug": "depth"}, actor=system_actor(), at=AT)
    for slug in ("a__b", "icontains", "isnull", "a'b", "a b", "A", "名", "custom__x", "x\0", "_a",
                 "a" * 41, "regex", "has_key", "a.b", "a\"b", "contained_by", "0"):  # fmt: skip
        form = {"name": "f", "record_key": "customers.customer", "kind": "text", "slug": slug}
        answer = post(admin, "/custom-fields/new/", form)
        assert answer.status_code in {400, 422}, slug
    for value in VALUES:
        for query in ({"x_depth": value}, {"x_depth__contains": value}, {"x_depth__in": value}):
            assert ask(admin, "/customers/", query).status_code in {200, 302, 400}, query
    for name in ("x_depth__0", "x_depth__isnull", "x_depth__regex", "x_depth'", "custom__depth"):
        assert ask(admin, "/customers/", {name: "1"}).status_code == 400, name


def test_d03_an_odd_text_that_was_kept_is_harmless_when_it_is_used(company, admin):
    """In a saved view, a list's settings, an import's mapping: written directly, then used."""
    boss = company.users["administrator"]
    for number, value in enumerate(VALUES[:9] + VALUES[10:24]):
        text = value.replace("\0", "").encode("utf-8", "replace").decode()[:60]
        for condition in (
            {"field": text, "op": "is", "value": 1},
            {"field": "name", "op": text, "value": text},
            {"field": "name", "op": "contains", "value": text},
            {"field": "created_at", "op": "within", "value": text},
            {text: []},
        ):
            view = model("surfaces.SavedView").objects.create(
                record_key="customers.customer", name=f"v{number}", owner_id=boss.pk, sort=text,
                condition=condition, columns=[text], visibility="shared",
                created_at=timezone.now(), updated_at=timezone.now(),
            )  # fmt: skip
            for path in (f"/customers/?view={view.pk}", f"/customers/views/{view.pk}/",
                         f"/customers/filter/?view={view.pk}", "/customers/tabs/"):  # fmt: skip
                assert wrong(admin.ask("get", path), f"{path} {condition}") == ""
            view.delete()
        model("surfaces.ListSetting").objects.update_or_create(
            user_id=boss.pk, record_key="customers.customer",
            defaults={"settings": {"columns": [text], "widths": {text: text}, "density": text,
                                   "size": text, "pinned": [text], "default_view": text}},
        )  # fmt: skip
        for path in ("/customers/", "/customers/?view=", "/customers/columns/"):
            assert wrong(admin.ask("get", path), f"{path} with settings {text!r}") == ""


COOKIES = "guanxi=%00; csrf='; gx_language=../../x; gx_theme=<script>; messages=x; browser=%"
HEADERS = {
    "HTTP_ACCEPT_LANGUAGE": "zh-hans'; DROP TABLE x;--,*;q=NaN", "HTTP_HX_REQUEST": "true\x00",
    "HTTP_HX_TARGET": "'><script>", "HTTP_HX_CURRENT_URL": "http://[::1", "HTTP_COOKIE": COOKIES,
    "HTTP_REFERER": "http://[evil", "HTTP_IF_MATCH": '"\'; --"', "HTTP_X_REQUEST_ID": "a\r\nb",
    "HTTP_ACCEPT": "*/*;q=x", "HTTP_RANGE": "bytes=99999999999999999999-", "HTTP_ORIGIN": "null",
    "HTTP_IF_MODIFIED_SINCE": "yesterday", "HTTP_IF_NONE_MATCH": "'", "CONTENT_LENGTH": "x",
    "CONTENT_TYPE": "multipart/form-data", "HTTP_TRANSFER_ENCODING": "gzip",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "TRACE", "HTTP_IDEMPOTENCY_KEY": "\xff" * 300,
    "HTTP_LAST_EVENT_ID": "'",
}  # fmt: skip
PLACES = ("/customers/?view=", "/", "/api/v1/customers/", "/accounts/login/", "/live/?topics=x")


def test_d01_no_header_breaks_a_page(company, enter):
    for path in (
        "/customers/?view=",
        "/",
        "/api/v1/customers/",
        "/accounts/login/",
        "/live/?topics=x",
    ):
        for name, value in HEADERS.items():
            browser = Client(raise_request_exception=False) if "COOKIE" in name else enter("sales")
            for method in ("GET", "POST"):
                answer = browser.generic(method, path, b"", **{name: value})
                assert answer.status_code in REFUSALS, (method, path, name, answer.status_code)


def test_d13_nothing_that_a_browser_keeps_is_believed(company, enter, settings):
    """Session, message and mark cookies that were made elsewhere; pickles are never read."""
    assert "JSON" in settings.SESSION_SERIALIZER
    pickled = "gASVHgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAN0b3WUhZRSlC4="
    sales = enter("sales")
    key = sales.cookies["guanxi"].value
    for forged in (
        pickled,
        "1",
        key[:-1],
        key + "x",
        key.upper(),
        "../" + key,
        "a" * 10_000,
        key[::-1],
    ):
        browser = Client(raise_request_exception=False)
        browser.cookies["guanxi"] = forged
        assert browser.get("/customers/").status_code in {302, 400}, forged[:40]
    session = model("sessions.Session").objects.get(session_key=key)
    data = session.session_data
    for broken in (pickled, data[:-2], data + "x", "x:y:z", data.replace(":", "", 1)):
        model("sessions.Session").objects.filter(session_key=key).update(session_data=broken)
        assert sales.get("/customers/").status_code == 302, broken[:40]
    fresh = enter("sales")
    for forged in (pickled, '[["__json_message",0,25,"<script>x</script>"]]:x:y', "x"):
        fresh.cookies["messages"] = forged
        page = fresh.get("/customers/?view=")
        assert page.status_code == 200
        assert "<script>x</script>" not in page.content.decode()


# D11, D12 -----------------------------------------------------------------------------------------
ELSEWHERE = (
    "//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example",
    "///evil.example", "http:evil.example", "javascript:alert(1)", "/%09/evil.example",
    "/\t/evil.example", "//evil.example\\@/", "https:///evil.example", "\x01//evil.example",
    "/ok\r\nSet-Cookie: a=b", "//\u2025evil.example",
)  # fmt: skip


@pytest.mark.parametrize("field", ["next", "back"])
def test_d12_no_form_leads_to_another_site(company, enter, field):
    """Signing in, confirming, leaving, saving: the way on is a path of ours; headers stay whole."""
    own = company.of("administrator", "own").customer
    admin = enter("administrator")
    for target in ELSEWHERE:
        forms = {
            "/accounts/confirm/": {"password": PASSWORD},
            "/preferences/": {"theme": "dark"},
            f"/customers/{own.pk}/mark/follow/": {},
            f"/customers/{own.pk}/edit/": {"version": "1", "name": own.name},
            f"/customers/{own.pk}/next-contact/": {"version": "1", "next_contact_at": ""},
        }
        for path, values in forms.items():
            for headers in ({}, {"HX-Request": "true"}):
                answer = admin.post(
                    f"{path}?{field}=x",
                    values | {field: target},
                    headers=headers | {"Referer": target},
                )
                assert answer.status_code < 500, (path, target)
                for name in ("Location", "HX-Redirect", "HX-Location"):
                    where = answer.headers.get(name, "")
                    assert not urlsplit(where).netloc, (path, target, where)
                    assert where.isprintable(), (path, target, where)
                    assert "Set-Cookie: a" not in str(answer.headers.get("Set-Cookie", ""))
                    assert not re.match(r"/[/\\]|\w+:", where), (path, target, where)


def test_d12_the_host_that_a_request_names_is_in_no_mail_and_no_answer(company, client, mailoutbox):
    from tests.attacks.test_a_records import work

    model("people.User").objects.filter(username="sales").update(email="sales@company.example")
    for name in (
        "X_FORWARDED_HOST",
        "X_ORIGINAL_HOST",
        "X_HOST",
        "FORWARDED",
        "X_FORWARDED_SERVER",
    ):
        headers = {f"HTTP_{name}": "host=evil.example" if name == "FORWARDED" else "evil.example"}
        client.post("/accounts/reset/", {"identifier": "sales"}, **headers)
        assert "evil" not in client.get("/customers/", **headers).headers["Location"]
    assert client.get("/accounts/login/", HTTP_HOST="evil.example").status_code == 400
    assert (
        client.post(
            "/accounts/reset/", {"identifier": "sales"}, HTTP_HOST="evil.example"
        ).status_code
        == 400
    )
    work()
    assert mailoutbox
    for letter in mailoutbox:
        assert "evil" not in letter.body
        assert "http://127.0.0.1:8000/accounts/password/" in letter.body


def test_d11_line_breaks_stay_out_of_headers_and_letters(company, enter, client, mailoutbox):
    """In names, file names, reasons, addresses of mail."""
    from tests.attacks.test_a_records import work

    crooked = "x\r\nBcc: all@evil.example\r\n\r\nbody"
    model("people.User").objects.filter(username="sales").update(
        name=crooked, email="sales@company.example"
    )
    client.post("/accounts/reset/", {"identifier": "sales"})
    work()
    assert [letter.to for letter in mailoutbox] == [["sales@company.example"]]
    assert "Bcc" not in str(mailoutbox[0].message()).partition("\n\n")[0]
    for value in ("a@b.example\nBcc: x@evil.example", "a@b.example\r\n", '"x\ny"@b.example'):
        answer = enter("sales").post("/me/", {"email": value, "phone": ""})
        kept = model("people.User").objects.get(username="sales").email
        assert answer.status_code in {400, 422} or "\n" not in kept, value
        assert "evil" not in kept
    own = company.of("administrator", "own").customer
    model("customers.Customer").objects.filter(pk=own.pk).update(name=crooked)
    for path in (
        f"/customers/{own.pk}/",
        f"/customers/{own.pk}/print/",
        f"/api/v1/customers/{own.pk}/",
    ):
        answer = enter("administrator").get(path)
        assert answer.status_code == 200
        assert not any("evil" in value for value in answer.headers.values())
