"""The front-end files as set-up leaves them."""

import re
from xml.etree import ElementTree as ET

import pytest

from tests.architecture.source import ROOT

pytestmark = pytest.mark.once

VENDOR = ROOT / "guanxi/assets/vendor"
WANTED = [
    *("tabler/tabler.min.css", "tabler/tabler.min.js", "htmx/htmx.min.js", "htmx/sse.js"),
    *("alpine/alpine-csp.min.js", "sortable/sortable.min.js", "echarts/echarts.min.js"),
    *("tom-select/tom-select.min.js", "tom-select/tom-select.min.css", "icons/sprite.svg"),
]


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


def test_every_icon_the_pages_name_is_listed():
    names = set()
    for path in (ROOT / "guanxi").rglob("*"):
        if path.suffix == ".html":
            names |= set(re.findall(r"{%\s*icon\s+[\"']([\w-]+)[\"']", path.read_text("utf-8")))
        elif path.suffix == ".py" and "tests" not in path.parts:
            names |= set(re.findall(r"\bicon=[\"']([\w-]+)[\"']", path.read_text("utf-8")))
    assert len(names) > 10
    assert names - listed_icons() == set()
