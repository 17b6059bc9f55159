"""K. Texts of every script and length, on pages, in searches, files and lists, both ways round."""

import csv
import io
import json
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guanxi.surfaces.api.tests.shapes import existing
from guanxi.surfaces.records import record_types
from tests.attacks.persons import Persons
from tests.attacks.test_a_records import work
from tests.fixtures.company import model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: What must come back as it went in.
TEXTS = (
    "👨‍👩‍👧‍👦 一家", "𠮷野家 🍣", "Ω≈ç√∫˜µ≤", "السلام عليكم", "עברית", "ไทย",
    "हिन्दी", "ö\u0308",
    "阿卜杜拉·热合曼", "㈱〒①", "A\u200dB", "🏳️‍🌈🇨🇳", "ｆｕｌｌ１２３", "龘靐齉",
    "'quote\" & <b>", "=1+1", "%s%n{}", "ᦟᦹᧉ ᦺᦑ",
)  # fmt: skip


@pytest.fixture
def store(settings, tmp_path):
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path


# K06 ----------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_k06_every_text_comes_back_from_page_api_search_and_file(company, enter, callers, store):
    """Written on a page: read by a program, found by a search, taken out and brought in again."""
    admin, program = enter("administrator"), callers("administrator")
    for number, text in enumerate(TEXTS):
        form = {"name": f"客户 {number} {text}", "kind": "company", "needs": f"{text}\r\n{text}"}
        answer = admin.post("/customers/new/", form | {"_fields": ",".join(form)})
        if answer.status_code == 422:
            assert "\t" in text, text
            continue
        path = answer.headers["Location"]
        kept = program.get(path.strip("/") + "/").json()
        name = kept["name"]
        assert (
            kept["needs"] == f"{name[len(f'客户 {number} ') :]}\n{name[len(f'客户 {number} ') :]}"
        )
        shown = admin.get(path).content.decode()
        assert (
            name.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace('"', "&quot;")
            .replace("'", "&#x27;")
            in shown
        ), text
        found = program.get("customers/", q=f"客户 {number} {text}"[:30]).json()["results"]
        # Signs are no words, and one digit beside another is no number that anybody looks for.
        assert text == "=1+1" or kept["id"] in {row["id"] for row in found}, text
    rows = taken_out(admin)
    stored = set(model("customers.Customer").objects.values_list("name", flat=True))
    assert {name[1:] if name.startswith("'=") else name for name in rows} == stored


def taken_out(browser):
    form = {"type": "customers.customer", "format": "csv", "columns": "name", "query": ""}
    assert browser.post("/exports/new/", form).status_code == 302
    work()
    export = model("surfaces.Export").objects.order_by("-created_at").first()
    file = browser.post(f"/exports/{export.pk}/download/").getvalue().decode("utf-8-sig")
    return [row[0] for row in csv.reader(io.StringIO(file))][1:]


# K05 ----------------------------------------------------------------------------------------------
ALIKE = ("boss", "ｂｏｓｓ", "BOSS", "bοss", "bо\u0455s", "b0ss", "bos\u200bs", " boss ")


def test_k05_a_user_name_that_looks_like_another_is_refused(company, enter):
    admin = enter("administrator")
    form = {"name": "x", "username": "boss", "_fields": "name,username"}
    first = admin.post("/users/new/", form)
    assert first.status_code == 302, first.content[:400]
    for name in ALIKE:
        answer = admin.post("/users/new/", form | {"username": name})
        assert answer.status_code == 422, name
    assert model("people.User").objects.filter(username__icontains="bos").count() == 1


DOUBLES = (
    "云嶺機械有限公司",
    "云岭机械有限公司 ",
    "云岭机械（有限公司）",
    "云岭　机械有限公司",
    "云岭机械",
)


@pytest.mark.parametrize("other", DOUBLES)
def test_k05_a_likely_double_is_named_whatever_the_script(company, enter, other):
    """Traditional and simplified, full and half width, with and without the kind of company."""
    sales = enter("sales")
    form = {"name": "云岭机械有限公司", "kind": "company", "_fields": "name,kind"}
    made = sales.post("/customers/new/", form).headers["Location"]
    answer = sales.post("/customers/duplicates/", {"name": other})
    assert made in answer.content.decode()


# K07 ----------------------------------------------------------------------------------------------
def test_k07_the_length_that_is_kept_is_the_same_for_pages_and_programs(company, enter, callers):
    """20 000 characters are kept on the page too; one more is said at its field."""
    admin, own = enter("administrator"), company.of("administrator", "own").customer
    path, form = f"/customers/{own.pk}/edit/", {"version": "1", "_fields": "needs"}
    assert admin.post(path, form | {"needs": "云" * 20_000}).status_code == 302
    refused = admin.post(path, form | {"version": "2", "needs": "云" * 20_001})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    own.refresh_from_db()
    assert own.needs == "云" * 20_000


def test_k07_every_text_of_every_type_has_an_end(company, callers):
    """The longest value is kept as it is, one character more is refused by name, nothing is cut."""
    admin, tried = callers("administrator"), 0
    for plural in ("customers", "contacts", "orders", "payments", "interactions", "users"):
        path = f"{plural}/{existing(company, plural)}/"
        kind = next(kind for kind in record_types() if kind.plural == plural)
        for field in kind.fields:
            if field.readonly or field.type not in {"text", "longtext"}:
                continue
            limit = field.max_length or 20_000
            tried += 1
            refused = admin.patch(path, {field.name: "云" * (limit + 1)}, 1)
            assert refused.status_code == 400, (plural, field.name)
            assert refused.json()["errors"][0]["field"] == field.name
    assert tried > 25


def test_k07_five_megabytes_are_refused_fast_wherever_they_are_sent(company, callers):
    persons, program = Persons(company), callers("administrator")
    huge = "x" * 5_000_000
    own = company.of("administrator", "own").customer
    for path in ("/customers/new/", f"/customers/{own.pk}/edit/", f"/customers/{own.pk}/log/",
                 "/search/", "/preferences/"):  # fmt: skip
        began = time.process_time()
        body = f"version=1&name={huge}&content={huge}".encode()
        answer = persons["administrator"].ask(
            "post", path, body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code in {400, 405, 413}, path
        assert time.process_time() - began < 0.3, path
    began = time.process_time()
    assert program.post("customers/", {"name": huge}).status_code == 413
    assert time.process_time() - began < 0.3


# K13 ----------------------------------------------------------------------------------------------
def test_k13_forms_with_too_many_parts_are_refused(company, enter):
    admin = enter("administrator")
    many = {f"field.{n}": "name" for n in range(1_100)}
    for path in ("/customers/new/", "/customers/bulk/preview/", "/customers/views/new/"):
        assert admin.post(path, many).status_code in {400, 413}, path
    query = "&".join(f"x{n}=1" for n in range(1_100))
    assert admin.get(f"/customers/?{query}").status_code in {400, 413}
    ids = "&".join(f"id={n}" for n in range(100_000))
    for path in ("/customers/bulk/preview/", "/customers/bulk/start/", "/exports/new/"):
        answer = admin.generic("POST", path, ids.encode(),
                               content_type="application/x-www-form-urlencoded")  # fmt: skip
        assert answer.status_code in {400, 413}, path
    files = {f"file{n}": SimpleUploadedFile("a.txt", b"x") for n in range(30)}
    assert admin.post("/imports/new/", files).status_code in {400, 413}


# K02, K03 -----------------------------------------------------------------------------------------
WIDE = ",".join(["客户名称", *(f"c{n}" for n in range(10_000))])
CROOKED = {
    "nothing": b"", "only a head": "客户名称,电话\r\n".encode(), "NUL": b"name\n\x00a\nb\n",
    "ragged": "客户名称,电话\n甲\n乙,13800138000,多,余\n".encode(), "wide": WIDE.encode(),
    "CR": "客户名称\r甲\r乙\r".encode(),
    "twice": "客户名称,客户名称\n甲,乙\n".encode(),
    "wide comma": "客户名称，电话\n甲，13800138000\n".encode(),
    "BOM alone": b"\xef\xbb\xbf",
    "tabs": "客户名称\t电话\n甲\t1\n".encode("utf-16"),
    "open quote": '客户名称\n"甲\n乙\n'.encode(),
    "breaks": '客户名称,需求偏好\n"甲","一\n二"\n'.encode("gbk"), "binary": bytes(range(256)) * 50,
    "half UTF-16": "客户".encode("utf-16")[:-1], "NUL head": "客户\0名称,电话\n甲,1\n".encode(),
}  # fmt: skip


#: The line that is named on the page.
TOLD = {"NUL": 2, "ragged": 3}


@pytest.mark.parametrize("name", sorted(CROOKED))
def test_k02_a_crooked_file_is_told_by_line_or_refused_never_broken(company, enter, store, name):
    """From the upload to the end of the import: refused in words, or errors with their lines."""
    admin = enter("administrator")
    upload = SimpleUploadedFile("客户.csv", CROOKED[name] or b" ")
    answer = admin.post("/imports/new/", {"type": "customers.customer", "file": upload})
    assert answer.status_code in {302, 422}, name
    if answer.status_code == 422:
        assert "error" in answer.content.decode()
        return
    path = answer.headers["Location"]
    for step in ("", "columns/", "start/"):
        if step:
            chosen = {"column-0": "name", "column-1": "phone"}
            assert admin.post(path + step, chosen).status_code in {302, 422}
        work()
        shown = admin.get(path)
        assert shown.status_code == 200, (name, step)
    counts = model("surfaces.Import").objects.get().counts
    if name in TOLD:
        assert counts["invalid"], name
        errors = b"".join(admin.get(f"{path}errors/").streaming_content).decode("utf-8-sig")
        assert len(errors.splitlines()) == counts["invalid"] + 1
        told = rf'<th scope="row"[^>]*>{TOLD[name]}</th>'
        assert re.search(told, shown.content.decode()), name


def test_k02_a_query_of_a_program_may_be_any_text(company, callers):
    """Searches with every script and sign: an answer, never a fault."""
    program = callers("sales")
    for text in (
        *TEXTS,
        "\\",
        "%",
        "_",
        "*",
        '"',
        "'",
        "(",
        "AND",
        "NEAR",
        "-a",
        "a" * 200,
        "\u202e",
        "·",
    ):
        for path in ("customers/", "contacts/", "search/"):
            answer = program.get(path, q=text)
            assert answer.status_code in {200, 400}, (path, text)
            json.loads(answer.content)
    assert Client().get("/search/?q=x").status_code == 302
