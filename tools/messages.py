"""Keeps the Chinese catalogues: adds pairs, compiles them, and names what is missing.

tools/messages.py add APP       reads "msgid<TAB>msgstr" lines from standard input, or
                                "singular<TAB>plural<TAB>msgstr" ("\\n" and "\\t" are escapes)
tools/messages.py compile       makes the .mo files (which are not committed)
tools/messages.py check         fails on missing, empty, fuzzy or mismatched translations
tools/messages.py prune         drops the entries that no code and no template uses any more
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib
from message_extraction import Fault, Message, extract

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "guanxi"
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
HEADER = {
    "Project-Id-Version": "guanxi",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sd](?![a-zA-Z])|\{\w*\}")


def catalogues() -> list[Path]:
    """Every app's catalogue, in a stable order."""
    return sorted(PACKAGE.glob(f"*/{CATALOGUE}"))


def mismatch(message: str, plural: str | None, translation: str) -> str:
    """Say how the placeholders of a translation differ from its message's, or nothing."""
    asked = set(PLACEHOLDER.findall(message)) | set(PLACEHOLDER.findall(plural or ""))
    given = set(PLACEHOLDER.findall(translation))
    lost, invented = sorted(asked - given), sorted(given - asked)
    return "; ".join([f"lost {name}" for name in lost] + [f"invented {name}" for name in invented])


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the catalogue alone, so that two people adding at once lose nothing."""
    mark = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"guanxi-messages-{mark}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def replace_file(path: Path, content: bytes) -> None:
    """Put the new content in place in one step; a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as temporary:
        temporary.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def open_catalogue(path: Path) -> polib.POFile:
    """Read a catalogue, or begin one."""
    catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
    catalogue.wrapwidth = 100
    catalogue.metadata = dict(HEADER)
    return catalogue


def save_catalogue(catalogue: polib.POFile, path: Path) -> None:
    """Write a catalogue in the order of its messages, and its compiled form beside it."""
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    replace_file(path, (str(catalogue).rstrip() + "\n").encode())
    compile_catalogue(path)


def compile_catalogue(path: Path) -> None:
    """Make the .mo file of one catalogue, unless it is already what it should be."""
    target = path.with_suffix(".mo")
    content = polib.pofile(str(path)).to_binary()
    if not target.exists() or target.read_bytes() != content:
        replace_file(target, content)


def unescape(text: str) -> str:
    """Turn the two escapes of the line format into what they stand for."""
    return text.replace("\\n", "\n").replace("\\t", "\t")


def parse_lines(lines: list[str], context: str | None) -> tuple[list[polib.POEntry], list[str]]:
    """Read the pairs of standard input; anything wrong is named with its line number."""
    entries, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = [unescape(cell) for cell in line.split("\t")]
        if len(cells) not in (2, 3) or not all(cells):
            faults.append(f"line {number}: expected msgid<TAB>msgstr, got {line!r}")
            continue
        message, plural, translation = cells[0], cells[1] if cells[2:] else None, cells[-1]
        if wrong := mismatch(message, plural, translation):
            faults.append(f"line {number}: {message!r}: {wrong}")
        entry = polib.POEntry(msgid=message, msgctxt=context)
        if plural is None:
            entry.msgstr = translation
        else:
            entry.msgid_plural, entry.msgstr_plural = plural, {0: translation}
        entries.append(entry)
    return entries, faults


def add(app: str, context: str | None) -> int:
    """Add or replace the pairs given on standard input, all of them or none."""
    folder = PACKAGE / app
    if not folder.is_dir():
        print(f"there is no app guanxi/{app}", file=sys.stderr)
        return 1
    entries, faults = parse_lines(sys.stdin.read().splitlines(), context)
    if faults:
        print("nothing was added:", *faults, sep="\n  ", file=sys.stderr)
        return 1
    path = folder / CATALOGUE
    with locked(path):
        catalogue = open_catalogue(path)
        for entry in entries:
            old = catalogue.find(entry.msgid, msgctxt=entry.msgctxt or False)
            if old is not None:
                catalogue.remove(old)
            catalogue.append(entry)
        save_catalogue(catalogue, path)
    return 0


def translations() -> tuple[dict[tuple[str | None, str], polib.POEntry], list[str]]:
    """Every entry of every catalogue by its key, and what is wrong among them."""
    known: dict[tuple[str | None, str], polib.POEntry] = {}
    faults: list[str] = []
    for path in catalogues():
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                continue
            key = (entry.msgctxt, entry.msgid)
            place = f"{path.relative_to(ROOT)}: {entry.msgid!r}"
            texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
            faults += [f"{place}: {fault}" for fault in entry_faults(entry, texts)]
            other = known.setdefault(key, entry)
            if (other.msgstr, other.msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                faults.append(f"{place}: another app translates it {other.msgstr!r}")
    return known, faults


def entry_faults(entry: polib.POEntry, texts: list[str]) -> Iterator[str]:
    """What is wrong with one entry of a catalogue."""
    if entry.fuzzy:
        yield "fuzzy"
    for text in texts:
        if not text:
            yield "empty"
        elif wrong := mismatch(entry.msgid, entry.msgid_plural or None, text):
            yield wrong


def check() -> int:
    """Name every string without a whole translation, and where it stands."""
    known, faults = translations()
    missing: dict[tuple[str | None, str], list[str]] = {}
    for found in extract(PACKAGE):
        if isinstance(found, Fault):
            faults.append(f"{found.where}: {found.reason}")
        elif found.message and not is_translated(found, known):
            missing.setdefault(found.key, []).append(found.where)
    for (context, message), places in missing.items():
        about = f" (context {context!r})" if context else ""
        faults.append(f"missing {message!r}{about}: {', '.join(places)}")
    print(*faults, f"{len(faults)} faults in the translations", sep="\n")
    return 1 if faults else 0


def is_translated(found: Message, known: dict[tuple[str | None, str], polib.POEntry]) -> bool:
    """Whether a catalogue holds the message, with a plural form where the code asks for one."""
    entry = known.get(found.key)
    return entry is not None and (found.plural is None or entry.msgid_plural == found.plural)


def prune() -> int:
    """Drop what nothing uses any more, and say what that was."""
    used = {found.key for found in extract(PACKAGE) if isinstance(found, Message)}
    for path in catalogues():
        with locked(path):
            catalogue = open_catalogue(path)
            unused = [entry for entry in catalogue if (entry.msgctxt, entry.msgid) not in used]
            for entry in unused:
                print(f"{path.relative_to(ROOT)}: dropped {entry.msgid!r}")
                catalogue.remove(entry)
            if unused:
                save_catalogue(catalogue, path)
    return 0


def compile_all() -> int:
    """Make every .mo file that is missing or out of date."""
    for path in catalogues():
        with locked(path):
            compile_catalogue(path)
    return 0


def main() -> int:
    """Run the verb that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["add", "compile", "check", "prune"])
    parser.add_argument("app", nargs="?", help="the app that add writes to, for example customers")
    parser.add_argument("--context", help="the gettext context of what add reads")
    arguments = parser.parse_args()
    if arguments.verb == "add":
        if not arguments.app:
            parser.error("add needs the name of an app")
        return add(arguments.app, arguments.context)
    return {"compile": compile_all, "check": check, "prune": prune}[arguments.verb]()


if __name__ == "__main__":
    sys.exit(main())
