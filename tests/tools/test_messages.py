"""The catalogue tool on a small package of its own."""

import gettext
import shutil
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

pytestmark = [pytest.mark.once, pytest.mark.slow]

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext as many, pgettext
a = _("Customers")
b = many("%(count)s day", "%(count)s days", 3)
c = pgettext("verb", "Open")
"""
TEMPLATE = """
{% load i18n %}
{% trans "Save" %} {{ _("Name")|default:_("None given") }}
{% blocktranslate trimmed count n=n %}
  {{ n }} hour
{% plural %}
  {{ n }} hours
{% endblocktranslate %}
"""
PAIRS = """Customers\t客户
%(count)s day\t%(count)s days\t%(count)s 天
Save\t保存
Name\t名称
None given\t未填写
%(n)s hour\t%(n)s hours\t%(n)s 小时
"""


@pytest.fixture
def tool(tmp_path):
    for name in ("messages.py", "message_extraction.py"):
        (tmp_path / "tools").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools" / name)
    app = tmp_path / "guanxi" / "shop"
    (app / "templates").mkdir(parents=True)
    (app / "a.py").write_text(PYTHON, "utf-8")
    (app / "templates" / "a.html").write_text(TEMPLATE, "utf-8")

    def run(*words: str, given: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, tmp_path / "tools" / "messages.py", *words],
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    run.app = app
    return run


def fill(tool) -> None:
    assert tool("add", "shop", given=PAIRS) == (0, "")
    assert tool("add", "shop", "--context", "verb", given="Open\t打开\n") == (0, "")


def test_every_string_is_found_with_its_place(tool):
    code, said = tool("check")
    assert code == 1
    assert "7 faults" in said
    assert "missing 'Open' (context 'verb'): guanxi/shop/a.py:5" in said
    assert "missing 'None given': guanxi/shop/templates/a.html:3" in said


def test_complete_catalogues_pass_and_speak_chinese(tool):
    fill(tool)
    assert tool("check") == (0, "0 faults in the translations\n")
    with (tool.app / "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as compiled:
        chinese = gettext.GNUTranslations(compiled)
    assert chinese.gettext("Save") == "保存"
    assert chinese.ngettext("%(n)s hour", "%(n)s hours", 1) == "%(n)s 小时"
    assert chinese.pgettext("verb", "Open") == "打开"


def test_a_second_translation_replaces_the_first(tool):
    fill(tool)
    tool("add", "shop", given="Save\t存盘\n")
    text = (tool.app / "locale/zh_Hans/LC_MESSAGES/django.po").read_text("utf-8")
    assert ("存盘" in text, "保存" in text) == (True, False)


def test_nothing_is_added_when_one_line_is_wrong(tool):
    code, said = tool("add", "shop", given="Save\t保存\nHello %(name)s\t你好\nalone\n")
    assert code == 1
    assert "lost %(name)s" in said
    assert "line 3: expected msgid<TAB>msgstr" in said
    assert not (tool.app / "locale").exists()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('msgstr "保存"', 'msgstr ""'), "empty"),
        (('msgid "Save"', '#, fuzzy\nmsgid "Save"'), "fuzzy"),
        (("%(n)s 小时", "小时"), "lost %(n)s"),
    ],
)
def test_a_damaged_catalogue_is_named(tool, change, fault):
    fill(tool)
    path = tool.app / "locale/zh_Hans/LC_MESSAGES/django.po"
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    code, said = tool("check")
    assert (code, fault in said) == (1, True)


def test_a_built_string_is_refused(tool):
    (tool.app / "b.py").write_text('_(f"Hello {name}")\n', "utf-8")
    assert "gettext of a built string" in tool("check")[1]


def test_what_nothing_uses_is_pruned(tool):
    fill(tool)
    tool("add", "shop", given="Gone\t没了\n")
    assert "dropped 'Gone'" in tool("prune")[1]
    assert tool("check")[0] == 0


def test_two_people_adding_at_once_lose_nothing(tool):
    command = [sys.executable, tool.app.parents[1] / "tools" / "messages.py", "add", "shop"]
    adding = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _number in range(6)]
    for number, process in enumerate(adding):
        process.stdin.write(f"Word {number}\t词 {number}\n")
        process.stdin.close()
    assert [process.wait() for process in adding] == [0] * 6
    text = (tool.app / "locale/zh_Hans/LC_MESSAGES/django.po").read_text("utf-8")
    assert all(f"Word {number}" in text for number in range(6))
