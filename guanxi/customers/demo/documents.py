"""Small papers of the demo company, written by hand so that they need no library."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str]]
_JADE: Final = (46, 125, 107)
_PAPER: Final = (250, 248, 243)
_TYPES: Final = "application/vnd.openxmlformats"
_CONTENT_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Default Extension="rels" ContentType="{_TYPES}-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    f'ContentType="{_TYPES}-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_TYPES}-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_PDF_FRAME: Final = b"""
<< /Type /Catalog /Pages 2 0 R >>

<< /Type /Pages /Kids [3 0 R] /Count 1 >>

<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R
/Resources << /Font << /F1 5 0 R >> >> >>

<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H
/DescendantFonts [6 0 R] >>

<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R
/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>

<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]
/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>
""".strip().split(b"\n\n")


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """One page of Chinese text in the reader's own Song face."""
    written = ["BT /F1 18 Tf 60 780 Td 26 TL", f"<{title.encode('utf-16-be').hex()}> Tj T* T*"]
    written.append("/F1 11 Tf 20 TL")
    written += [f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in lines]
    content = "\n".join([*written, "ET"]).encode()
    objects = [
        *_PDF_FRAME[:3],
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    objects += _PDF_FRAME[3:]
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def png(bars: Sequence[int], width: int = 240, height: int = 120) -> bytes:
    """A picture of some bars, as one scans out of a report."""
    highest, wide = max(bars) or 1, width // len(bars)
    tops = [height - 10 - (height - 20) * bar // highest for bar in bars]
    lines = []
    for y in range(height):
        line = bytearray(b"\0")
        for x in range(width):
            bar = min(x // wide, len(bars) - 1)
            is_bar = y >= tops[bar] and y < height - 10 and 2 <= x % wide < wide - 2
            line += bytes(_JADE if is_bar else _PAPER)
        lines.append(bytes(line))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def xlsx(rows: Rows) -> bytes:
    """A workbook of one sheet with texts only."""
    cells = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row)
        + "</row>"
        for row in rows
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": f'{head}<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="对账" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{_PACKAGE}"><Relationship '
        f'Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{_SHEET}"><sheetData>{cells}'
        "</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


def note(lines: Sequence[str]) -> bytes:
    """A plain text as Chinese Windows writes it, with the mark in front."""
    return "\r\n".join(lines).encode("utf-8-sig")
