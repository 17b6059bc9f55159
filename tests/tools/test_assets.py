"""The front-end files as set-up leaves them."""

import re
from xml.etree import ElementTree as ET

import pytest

from tests.architecture.source import ROOT, files
from tools.assets import FILES

pytestmark = [pytest.mark.once, pytest.mark.slow]

VENDOR = ROOT / "guanxi/assets/vendor"
WANTED = [*FILES, "icons/sprite.svg"]


def listed_icons() -> set[str]:
    lines = (ROOT / "tools/icons.txt").read_text("utf-8").splitlines()
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


@pytest.mark.parametrize("name", WANTED)
def test_a_file_of_the_pages_is_there_without_a_map(name):
    content = (VENDOR / name).read_text("utf-8")
    assert len(content) > 1000
    assert "sourceMappingURL" not in content


def test_every_listed_icon_is_in_the_sprite():
    sprite = ET.parse(VENDOR / "icons/sprite.svg").getroot()
    assert {symbol.attrib["id"] for symbol in sprite} == listed_icons()
    assert all(len(symbol) for symbol in sprite)


#: How templates, scripts and code name an icon.
NAMED = re.compile(
    r"""(?:%\s*icon\s+|\bicon=|\bicon\(|\bicon_markup\(\s*|\bicon: [\w\[\]]+ = |"icon": )"""
    r"""["'`]([\w-]+)["'`]"""
)


def test_every_icon_that_is_named_is_listed():
    names = {name for text in sources() for name in NAMED.findall(text)}
    assert len(names) > 50
    assert names - listed_icons() == set()


def test_every_listed_icon_is_named_somewhere():
    words = {word for text in sources() for word in re.findall(r"""["'`#]([\w-]+)["'`]""", text)}
    assert listed_icons() - words == set()


def sources() -> list[str]:
    ours = [path for path in files(".html", ".py", ".js") if "assets" not in path.parts]
    return [path.read_text("utf-8") for path in ours]


def test_every_fetched_file_is_named_by_a_page():
    named = "".join(
        path.read_text("utf-8") for path in files(".html", ".py") if path.name != "assets.py"
    )
    assert len(FILES) > 4
    assert [name for name in FILES if f"vendor/{name}" not in named] == []
