"""What a file is, told by its content and checked against its name (D06)."""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.text import TextError, clean_text

MAX_NAME: Final = 200


class UploadError(RuleViolation):
    """A file that is not taken in; says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, "file")


@dataclass(frozen=True)
class FileKind:
    """A kind of content: its media type, its family, and the endings a name may have."""

    mime: str
    family: str
    endings: frozenset[str]


def _kind(mime: str, family: str, endings: str) -> FileKind:
    return FileKind(mime, family, frozenset(endings.split()))


JPEG: Final = _kind("image/jpeg", "image", "jpg jpeg jpe jfif")
PNG: Final = _kind("image/png", "image", "png")
WEBP: Final = _kind("image/webp", "image", "webp")
GIF: Final = _kind("image/gif", "image", "gif")
_ZIP: Final = _kind("application/zip", "archive", "zip")
_OLE: Final = _kind("application/x-ole-storage", "office", "doc xls ppt msg wps et dps vsd mpp")
_MARKUP: Final = _kind("text/html", "markup", "html htm xhtml xml svg mht")
_TEXT: Final = _kind("text/plain", "text", "txt csv tsv md log json eml vcf ics yaml yml ini srt")
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_PACKAGES: Final = (
    ("word/", _kind(f"{_OFFICE}wordprocessingml.document", "office", "docx docm dotx")),
    ("xl/", _kind(f"{_OFFICE}spreadsheetml.sheet", "sheet", "xlsx xlsm xltx")),
    ("ppt/", _kind(f"{_OFFICE}presentationml.presentation", "office", "pptx pptm ppsx")),
    ("content.xml", _kind("application/vnd.oasis.opendocument", "office", "odt ods odp")),
    ("OFD.xml", _kind("application/ofd", "document", "ofd")),
)
_HEADS: Final = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", _kind("application/pdf", "document", "pdf")),
    (b"{\\rtf", _kind("application/rtf", "office", "rtf")),
    (b"BM", _kind("image/bmp", "picture", "bmp")),
    (b"II*\x00", _kind("image/tiff", "picture", "tif tiff")),
    (b"MM\x00*", _kind("image/tiff", "picture", "tif tiff")),
    (b"\x1f\x8b", _kind("application/gzip", "archive", "gz tgz")),
    (b"7z\xbc\xaf\x27\x1c", _kind("application/x-7z-compressed", "archive", "7z")),
    (b"Rar!\x1a\x07", _kind("application/vnd.rar", "archive", "rar")),
    (b"ID3", _kind("audio/mpeg", "audio", "mp3")),
    (b"\xff\xfb", _kind("audio/mpeg", "audio", "mp3")),
    (b"\xff\xf3", _kind("audio/mpeg", "audio", "mp3")),
    (b"#!AMR", _kind("audio/amr", "audio", "amr")),
    (b"OggS", _kind("audio/ogg", "audio", "ogg oga opus")),
    (b"\x1aE\xdf\xa3", _kind("video/webm", "video", "webm mkv")),
)
_EXECUTABLE_HEADS: Final = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"L\0\0\0\x01\x14\x02",
)
_DANGEROUS: Final = re.compile(
    "exe|com|bat|cmd|ps1|psm1|vbs|vbe|jse?|mjs|ws[fh]|hta|scr|pif|lnk|ms[ip]|cpl|jar|apk|app|dmg|sh|"
    "bash|php|phtml|php5|aspx?|jsp|cgi|pl|py|rb|htaccess|htpasswd|dll|sys|reg|inf|scf|url|chm|hlp|"
    "iso|img|vhd"
)
_MARKUP_START = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype|\?xml|html|head|body|svg|script|iframe|table|meta|div|math|"
    rb"[a-z][a-z0-9]*:|xsl|rss|feed)",
    re.IGNORECASE | re.DOTALL,
)
_HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
# The invisible joiner stays only where it makes one picture of two (a family, a flag).
_PICTURES: Final = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINED_PICTURE = re.compile(f"(?<=[\ufe0f{_PICTURES}])\u200d(?=[{_PICTURES}])")
_JOINT: Final = "\ue00d"
_UNSAFE_IN_NAME = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')


def safe_name(filename: str) -> str:
    """The name as it is shown and offered: no folders, nothing invisible, nothing reserved."""
    last = re.split(r"[\\/]", filename)[-1]
    seen = "".join(c for c in _JOINED_PICTURE.sub(_JOINT, last) if _is_seen(c))
    name = _UNSAFE_IN_NAME.sub("_", seen).replace(_JOINT, "\u200d").strip(" .")
    try:
        name = clean_text(name, max_length=MAX_NAME)
    except TextError as error:
        raise UploadError("bad_name", gettext("The file name is too long.")) from error
    if not name:
        raise UploadError("bad_name", gettext("The file has no name."))
    return name


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in {"Cf", "Cc", "Cs", "Zl", "Zp"}


def ending(name: str) -> str:
    """The last ending of a name, in lower case."""
    head, dot, tail = name.rpartition(".")
    return tail.lower().strip() if head and dot else ""


def check_name(name: str) -> None:
    """Refuse names that say or hide a program."""
    first, *others = [part.lower().strip() for part in name.split(".")]
    if any(_DANGEROUS.fullmatch(part) for part in others or [first]):
        raise UploadError("program", gettext("Programs and scripts are not taken in."))


def sniff(path: Path) -> FileKind:
    """What the content is; refuses programs and what is nothing known."""
    with path.open("rb") as stream:
        head = stream.read(8192)
    if head.startswith(_EXECUTABLE_HEADS):
        raise UploadError("program", gettext("Programs and scripts are not taken in."))
    found = _by_head(path, head) or _by_text(head)
    if found is None:
        raise UploadError("unknown_kind", gettext("It cannot be told what kind of file this is."))
    return found


def _by_head(path: Path, head: bytes) -> FileKind | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _OLE
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": _kind("audio/wav", "audio", "wav")}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    return next((kind for magic, kind in _HEADS if head.startswith(magic)), None)


def _iso_media(brand: bytes) -> FileKind:
    if brand in _HEIC_BRANDS:
        raise UploadError("heic", gettext("HEIC pictures are not taken in; save it as JPEG."))
    if brand.startswith(b"M4A"):
        return _kind("audio/mp4", "audio", "m4a")
    return _kind("video/mp4", "video", "mp4 m4v mov 3gp m4a")


def _package(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UploadError("damaged", gettext("The file is damaged.")) from error
    for part, kind in _PACKAGES:
        if any(name.startswith(part) for name in names):
            return kind
    return _ZIP


def _by_text(head: bytes) -> FileKind | None:
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    plain = head.replace(b"\0", b"") if marked else head
    if _MARKUP_START.match(plain.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")):
        return _MARKUP
    strange = sum(1 for byte in plain if byte < 32 and byte not in b"\0\t\n\r\x0b\x0c\x1b")
    zeros = plain.count(b"\0")  # Tables from old systems hold some; UTF-16 without its mark many.
    is_text = strange * 50 <= len(plain) and (
        not zeros or (strange == 0 and zeros * 2 <= len(plain))
    )
    return _TEXT if is_text else None


def check_ending(name: str, kind: FileKind) -> None:
    """Refuse a name whose ending says something else than the content (D06)."""
    said = ending(name)
    if said in kind.endings:
        return
    if kind is _MARKUP and said in _TEXT.endings:
        raise UploadError("mismatch", gettext("The content is a web page, whatever its name says."))
    raise UploadError(
        "mismatch",
        gettext("The name ends in “.%(ending)s”, but the content is %(kind)s.")
        % {"ending": said, "kind": kind.mime},
    )
