"""C, D, L. What stands around every answer; files come back as files; strangers get nothing."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.attacks.addresses import PUBLIC, addresses, filled
from tests.attacks.persons import Persons
from tests.fixtures.company import model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


# C09 ----------------------------------------------------------------------------------------------
PARTS = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
         "frame-ancestors 'none'", "form-action 'self'")  # fmt: skip
AROUND = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def faults_of_headers(answer):
    """What is missing around an answer, or too much."""
    policy = answer.headers.get("Content-Security-Policy", "")
    found = [] if policy else ["no policy"]
    if re.search(r"unsafe-inline|unsafe-eval|unsafe-hashes|\*|https?:(?!//127)", policy):
        found.append(f"policy {policy}")
    if "sandbox" not in policy:
        for part in PARTS:
            found += [] if part in policy else [f"no {part}"]
    for name, value in AROUND.items():
        found += [] if answer.headers.get(name) == value else [name]
    told = {"Server", "X-Powered-By", "Via", "X-Django", "X-Runtime", "Access-Control-Allow-Origin"}
    return found + sorted(told & set(answer.headers))


@pytest.mark.slow
@pytest.mark.once
def test_c09_every_answer_carries_the_policy(company):
    """Pages, parts, the API, refusals, faults, redirects, for strangers and people."""
    persons, own, wrong, asked = Persons(company), company.of("administrator", "own"), {}, 0
    for name in ("administrator", "anonymous", "hr"):
        for address in addresses():
            if not address.door or "GET" not in address.door.needs or "logout" in address.name:
                continue
            for method in ("get", "put"):
                answer = persons[name].try_out(method, filled(address, own))
                asked += 1
                if faults := faults_of_headers(answer):
                    wrong.setdefault(str(faults), f"{method} {address.route} as {name}")
    assert wrong == {}
    assert asked > 1500


def test_c09_refusals_of_the_libraries_carry_it_too(company, enter):
    sales = enter("sales")
    strict = Client(enforce_csrf_checks=True)
    many, crooked = {f"f{n}": "1" for n in range(1100)}, "multipart/form-data; boundary="
    answers = [
        Client().get("/", HTTP_HOST="evil.example"),
        strict.post("/accounts/login/", {"login": "x"}),
        Client().get("/static/nothing.css"),
        Client().get("/%00"),
        Client().get("/nothing/" + "a" * 3000),
        sales.post("/customers/new/", many),
        sales.generic("POST", "/customers/new/", b"x", content_type=crooked),
    ]
    for answer in answers:
        assert answer.status_code in {400, 403, 404, 413}
        assert answer.headers.get("X-Content-Type-Options") == "nosniff"
        assert "unsafe" not in answer.headers.get("Content-Security-Policy", "")


def test_c09_personal_pages_are_kept_by_no_cache(company):
    persons, own = Persons(company), company.of("sales", "own")
    for path in ("/", "/customers/?view=", f"/customers/{own.customer.pk}/", "/search/?q=x", "/me/",
                 f"/contacts/{own.contact.pk}/edit/", f"/api/v1/customers/{own.customer.pk}/",
                 "/palette/?q=x", "/exports/", "/imports/", "/users/?view="):  # fmt: skip
        answer = persons["sales"].ask("get", path)
        assert answer.status_code == 200, path
        assert {"private", "no-store"} & set(answer.headers["Cache-Control"].split(", ")), path


# C04, D06, D09 ------------------------------------------------------------------------------------
def picture(kind, **options):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (15, 118, 110)).save(out, kind, **options)
    return out.getvalue()


def package(*entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


SCRIPT = b"<script>hacked()</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="hacked()"><script>hacked()</script></svg>'
PDF = b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\nendobj\n%%EOF"
LINK = zipfile.ZipInfo("link")
LINK.create_system, LINK.external_attr = 3, 0o120777 << 16
TAKEN = {
    "drawing.svg": SVG, "page.html": b"<!doctype html>" + SCRIPT, "paper.pdf": PDF,
    "feed.xml": b"<?xml version='1.0'?><x/>", "note.txt": b"see javascript:hacked()",
    "table.csv": b"a,b\n=cmd|'/c calc'!A0,2\n", "photo.png": picture("PNG"),
    "photo.jpg": picture("JPEG"),
    "slip.zip": package(("../../../../tmp/guanxi-slip", "x"), ("/etc/passwd", "x"), (LINK, "/etc")),
}  # fmt: skip
REFUSED = {
    "shell.php": b"<?php echo 1;", "run.exe": b"MZ\x90\x00", "x.pdf.exe": b"text",
    ".htaccess": b"Deny", "x.PhP": b"text", "x.ph\u200bp": b"text", "x.php\u3002": b"text",
    "photo.png": SVG, "photo.jpg": b"GIF89a" + SCRIPT, "paper.pdf": b"<html>" + SCRIPT,
    "x.txt": b"<svg onload=hacked()>", "a.xlsx": PDF, "b.docx": b"MZ\x90\x00",
    "c.zip": b"PK\x03\x04" + SCRIPT, "d.gif": b"GIF89a/*" + SCRIPT, "e.txt": b"#!/bin/sh\n",
    "noend": b"text",
}  # fmt: skip


@pytest.fixture
def shelf(company, enter, settings, tmp_path):
    """Where sales files documents."""
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path
    sales, own = enter("sales"), company.of("sales", "own").customer

    def put(name, content, mime="image/png"):
        filed = {"kind": "other", "year": "2026", "title": name[:40]}
        upload = SimpleUploadedFile("x", content, content_type=mime)
        upload.name = name
        return sales.post(f"/customers/{own.pk}/files/new/", {**filed, "file": upload})

    put.browser, put.folder = sales, tmp_path
    return put


def last_file():
    return model("customers.Attachment").objects.order_by("created_at", "pk").last()


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_c04_what_was_filed_comes_back_to_be_kept_and_never_runs(shelf, name):
    """Whatever kind the sender names: attachment, nosniff, sandbox, no kind that runs."""
    before = model("customers.Attachment").objects.count()
    assert shelf(name, TAKEN[name], "text/html").status_code == 302
    assert model("customers.Attachment").objects.count() == before + 1
    pk = model("customers.Attachment").objects.get(title=name).pk
    for path in (f"/attachments/{pk}/download/", f"/api/v1/attachments/{pk}/download/"):
        answer = shelf.browser.get(path)
        body = answer.getvalue()
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert not re.search("html|xml|javascript|svg", answer.headers["Content-Type"])
        assert body
    assert not list(shelf.folder.rglob("guanxi-slip"))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_d06_what_pretends_is_refused_with_the_reason(shelf, name):
    before = model("customers.Attachment").objects.count()
    answer = shelf(name, REFUSED[name])
    text = answer.content.decode()
    assert answer.status_code == 422, name
    assert 'id="file-error"' in text
    assert model("customers.Attachment").objects.count() == before
    assert not [p for p in (shelf.folder / "files").rglob("*") if p.is_file()]


def test_d06_a_title_that_cannot_be_kept_is_said_at_its_field(company, enter, shelf):
    own = company.of("sales", "own").customer
    for field, value in (("title", "a\x00b"), ("title", "x" * 201), ("title", "x" * 5000),
                         ("paper_location", "x" * 121), ("paper_location", "a\x07b"),
                         ("year", "²026"), ("kind", "nothing")):  # fmt: skip
        filed = {"kind": "other", "year": "2026", "title": "x", field: value}
        upload = SimpleUploadedFile("a.txt", b"text")
        answer = shelf.browser.post(f"/customers/{own.pk}/files/new/", {**filed, "file": upload})
        assert answer.status_code == 422, (field, value[:9])
    assert not model("customers.Attachment").objects.filter(title__startswith="x").exists()


def test_d09_a_photo_tells_no_place_and_a_bomb_is_refused(shelf):
    exif = Image.Exif()
    exif[0x010F] = "SecretCam"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 15.0)
    assert shelf("place.jpg", picture("JPEG", exif=exif)).status_code == 302
    pk = model("customers.Attachment").objects.get(title="place.jpg").pk
    sent = shelf.browser.get(f"/attachments/{pk}/download/").getvalue()
    assert b"SecretCam" not in sent
    with Image.open(io.BytesIO(sent)) as image:
        assert not image.getexif()
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert shelf("bomb.png", bomb.getvalue()).status_code == 422


def test_d08_a_workbook_with_entities_is_refused_at_the_door(company, enter, settings, tmp_path):
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path
    dtd = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    book = package(("[Content_Types].xml", dtd), ("xl/workbook.xml", dtd),
                   ("xl/worksheets/sheet1.xml", dtd))  # fmt: skip
    upload = SimpleUploadedFile("x.xlsx", book)
    answer = enter("sales").post("/imports/new/", {"type": "customers.customer", "file": upload})
    assert answer.status_code == 422
    assert "root:" not in answer.content.decode()
    assert not model("surfaces.Import").objects.exists()


# L11 ----------------------------------------------------------------------------------------------
USUAL = ("/healthz", "/metrics", "/status/", "/version", "/api/v1/schema/", "/static/",
         "/api/v1/docs/", "/robots.txt", "/.git/config", "/server-status")  # fmt: skip


@pytest.mark.once
def test_l11_a_stranger_learns_nothing_but_where_to_sign_in(company):
    """Every address that is not open to all: short answers, no name, no number, no list."""
    stranger, own = Client(raise_request_exception=False), company.of("sales", "own")
    for address in addresses():
        if not address.door or PUBLIC in address.door.needs.values():
            continue
        for method in ("GET", "POST", "OPTIONS", "HEAD"):
            answer = stranger.generic(method, filled(address, own))
            text = b"" if answer.streaming else answer.content
            assert answer.status_code in {302, 401, 404, 405}, (method, address.route)
            assert b"Customer of" not in text
            assert b"openapi" not in text
            if address.is_api and not address.is_page_of_api and answer.status_code != 405:
                assert answer.status_code == 401, (method, address.route)
    for path in USUAL:
        answer = stranger.get(path)
        assert answer.status_code in {302, 401, 404}, path
        assert b"guanxi.surfaces" not in answer.content


def test_l10_asking_and_guessing_leaves_no_rows(company):
    """A crowd of strangers makes no sessions and no events; made-up tokens open nothing."""
    before = model("kernel.Event").objects.count()
    for number in range(30):
        stranger = Client(raise_request_exception=False)
        stranger.cookies["guanxi"] = f"made-up-{number:032}"
        stranger.get("/customers/")
        stranger.get("/accounts/login/")
        answer = stranger.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer gx_{number:043}")
        assert answer.status_code == 401
    assert not model("sessions.Session").objects.exists()
    assert model("kernel.Event").objects.count() == before
