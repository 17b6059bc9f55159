"""The upload gate: what comes in is what it says, carries nothing else, and cannot run."""

import datetime as dt
import io
import os
import re
import time
import uuid
import zipfile

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from guanxi.kernel import files
from guanxi.kernel.errors import NotFound
from guanxi.kernel.files import UploadError, accept_upload, file_headers
from guanxi.kernel.models import StoredFile

OFFICE = "application/vnd.openxmlformats-officedocument"
MB = 1 << 20
PDF = b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def picture(image_format: str, **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (15, 118, 110)).save(out, image_format, **options)
    return out.getvalue()


def package(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def take(content: bytes, name: str, **options):
    return accept_upload(io.BytesIO(content), name, **{"max_bytes": MB, **options})


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (PDF, "合同.pdf", "application/pdf"),
        (picture("PNG"), "现场.PNG", "image/png"),
        (picture("JPEG"), "现场.jpeg", "image/jpeg"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (picture("GIF"), "a.gif", "image/gif"),
        ("客户,电话\n".encode("gbk"), "客户.csv", "text/plain"),
        ("会议纪要".encode(), "纪要.txt", "text/plain"),
        (SVG, "图.svg", "text/html"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "页.html", "text/html"),
        (package("word/document.xml"), "函.docx", f"{OFFICE}.wordprocessingml.document"),
        (package("xl/workbook.xml"), "表.xlsx", f"{OFFICE}.spreadsheetml.sheet"),
        (package("../../etc/passwd", "/root/x"), "包.zip", "application/zip"),
    ],
)
def test_what_is_what_it_says_is_taken_in(content: bytes, name: str, mime: str) -> None:
    taken = take(content, name)
    assert taken.name == name
    assert taken.mime == mime
    assert taken.path.stat().st_size == taken.size
    assert taken.path.stat().st_mode & 0o777 == 0o600
    assert taken.path.name == taken.id.hex
    with files.open_stored(taken.id) as stream:
        assert stream.read() == taken.path.read_bytes()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (PDF, "a.png", "mismatch"),
        (picture("PNG"), "a.jpg", "mismatch"),
        (SVG, "a.png", "mismatch"),
        (SVG, "a.txt", "mismatch"),
        (b"\xef\xbb\xbf  <html>", "a.csv", "mismatch"),
        (b"GIF89a" + b"<script>alert(1)</script>", "a.gif", "damaged"),
        (b"MZ\x90\x00", "a.pdf", "program"),
        (b"#!/bin/sh\n", "a.txt", "program"),
        (b"text", "a.exe", "program"),
        (b"text", "a.EXE", "program"),
        (b"text", "a.exe.", "program"),
        (b"text", "a.e\u200bxe", "program"),
        (b"text", "invoice.pdf.js", "program"),
        (b"text", "shell.php.txt", "program"),
        (b"text", "photo\u202egpj.exe", "program"),
        (b"text", ".htaccess", "program"),
        (b"text", "htaccess", "program"),
        (b"text", "noending", "mismatch"),
        (b"", "a.txt", "empty"),
        (b"x" * (MB + 1), "a.txt", "too_large"),
        (b"\x00\x01\x02" * 50, "a.txt", "unknown_kind"),
        (b"PK\x03\x04 cut", "a.zip", "damaged"),
        (b"\x00\x00\x00\x18ftypheic", "a.heic", "heic"),
        (picture("PNG")[:60], "a.png", "damaged"),
        (b"text", "", "bad_name"),
        (b"text", "...", "bad_name"),
        (b"text", "a" * 300 + ".txt", "bad_name"),
    ],
)
def test_what_pretends_is_refused_and_leaves_nothing(store, content, name, code) -> None:
    with pytest.raises(UploadError) as caught:
        take(content, name)
    assert caught.value.code == code
    assert [path for path in store.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\合同.txt", "合同.txt"),
        ("a\r\nX: y.txt", "aX_ y.txt"),
        (" 报价 v1.2 .txt ", "报价 v1.2 .txt"),
        ("a\u202etxt.txt", "atxt.txt"),
        ("👨‍👩‍👧 𠮷.txt", "👨‍👩‍👧 𠮷.txt"),
    ],
)
def test_a_name_is_only_a_name(name: str, kept: str) -> None:
    assert take(b"text", name).name == kept


def test_only_the_kinds_asked_for_are_taken() -> None:
    with pytest.raises(UploadError) as caught:
        take(PDF, "a.pdf", kinds={"image"})
    assert caught.value.code == "kind"


def gps() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "SecretCam"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 15.0)
    return exif


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_pictures_lose_what_they_tell_about_their_maker(image_format: str) -> None:
    options = {"exif": gps(), "xmp": b"<x:xmpmeta>SecretPlace</x:xmpmeta>"}
    if image_format == "PNG":
        text = PngInfo()
        text.add_text("Author", "SecretName")
        options = {"exif": gps(), "pnginfo": text}
    if image_format == "JPEG":
        options["comment"] = b"SecretNote"
    sent = picture(image_format, **options)
    assert b"Secret" in sent
    taken = take(sent, f"a.{image_format.lower()}")
    assert b"Secret" not in taken.path.read_bytes()
    with Image.open(taken.path) as image:
        assert not image.getexif()
        assert image.size == (40, 20)


def test_a_turned_picture_stays_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(take(picture("JPEG", exif=exif), "a.jpg").path) as image:
        assert image.size == (20, 40)


def test_what_hangs_behind_a_picture_is_cut_off() -> None:
    taken = take(picture("PNG") + b"<script>alert(1)</script>", "a.png")
    assert b"script" not in taken.path.read_bytes()


def test_a_picture_bomb_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    with pytest.raises(UploadError) as caught:
        take(out.getvalue(), "a.png", max_bytes=50 * MB)
    assert caught.value.code == "picture_too_large"


def test_an_animation_stays_one() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (10, 10), (i * 60, 0, 0)) for i in range(3)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with Image.open(take(out.getvalue(), "a.webp").path) as image:
        assert image.n_frames == 3


def test_ids_are_random_and_wide() -> None:
    ids = [take(b"text", "a.txt").id for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(any((i.int >> shift) & 1 for i in ids) for shift in range(128))


def test_a_missing_file_is_not_found() -> None:
    with pytest.raises(NotFound):
        files.open_stored(uuid.uuid4())


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/pdf", "text/plain"])
def test_only_own_pictures_are_shown_in_the_page(mime: str) -> None:
    headers = file_headers("图.svg", mime, inline=True)
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert file_headers("a.png", "image/png", inline=True)["Content-Disposition"].startswith(
        "inline;"
    )
    assert "html" not in headers["Content-Type"]


@pytest.mark.parametrize(
    "name", ['a"; x=y.txt', "合同 2024年.pdf", "a\r\nSet-Cookie: x.txt", "𠮷.txt"]
)
def test_names_are_quoted_in_headers(name: str) -> None:
    value = file_headers(name, "text/plain")["Content-Disposition"]
    assert value.isascii()
    assert re.fullmatch(r"attachment; filename=\"[\w.\-]+\"; filename\*=UTF-8''[\w.%~\-]+", value)


@pytest.mark.django_db
def test_orphans_are_collected_and_known_files_stay(store) -> None:
    known, orphan, young = (take(b"text", "a.txt") for _ in range(3))
    at = dt.datetime.now(dt.UTC)
    StoredFile.objects.create(
        id=known.id, name="a.txt", mime="text/plain", size=4, sha256=known.sha256, created_at=at
    )
    (store / "incoming" / "half").write_bytes(b"x")
    long_ago = time.time() - 100_000
    for path in (known.path, orphan.path, store / "incoming" / "half"):
        os.utime(path, (long_ago, long_ago))
    assert files.collect_orphans(at=at) == 2
    assert known.path.exists()
    assert young.path.exists()
    assert not orphan.path.exists()
