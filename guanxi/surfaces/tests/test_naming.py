"""What is stored as a code is told in words: no list of the audit shows a code."""

import pytest
from django.utils.translation import override

from guanxi.kernel.events import event_kinds
from guanxi.surfaces.naming import every_type, what_happened
from guanxi.surfaces.operators import label


def test_every_kind_of_event_has_words():
    said = what_happened()
    ours = [k for k, cls in event_kinds().items() if ".tests." not in cls.__module__]
    assert [kind for kind in ours if kind not in said] == []


def test_imports_and_exports_are_named_too():
    with override("zh-hans"):
        assert every_type()["surfaces.import"] == "导入"
        assert every_type()["surfaces.savedview"] == "已存视图"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("integer", "小于"), ("money", "小于"), ("date", "早于"), ("datetime", "早于")],
)
def test_less_is_before_for_times(kind, words):
    with override("zh-hans"):
        assert label("lt", kind) == words
