"""What holds of any edits of two people in any order, whoever reads when (G01)."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import StaleVersion
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record, merge_record
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
KIND = get_record_type("customers.customer")
NAMES = ("city", "focus", "phone")
VALUES = {
    "city": ("", "甲", "乙"),
    "focus": ("", "价格", "质量"),
    "phone": ("", "+8613900000001", "+8613900000002"),
}
EDITS = st.fixed_dictionaries({}, optional={n: st.sampled_from(VALUES[n]) for n in NAMES})
#: Which of the two acts; reads anew or not; what they set; whether they send the whole form.
STEPS = st.lists(st.tuples(st.integers(0, 1), st.booleans(), EDITS, st.booleans()), max_size=9)


@dataclass
class Editor:
    """What one of the two has before them."""

    version: int = 1
    seen: dict = field(default_factory=lambda: dict.fromkeys(NAMES, ""))

    def read(self, pk):
        """Open the record."""
        found = KIND.model._base_manager.values("version", *NAMES).get(pk=pk)
        self.version = found.pop("version")
        self.seen = found


def save(pk, values, version):
    """What an editor gets for it: the merged record, or the refusal."""
    try:
        return merge_record(KIND, pk, values, version=version, actor=SYSTEM, at=AT)
    except StaleVersion as error:
        return error


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_nothing_acknowledged_is_lost_unseen_and_nothing_harmless_is_refused(db, steps):
    pk = create_record(KIND, {"name": "甲公司"}, actor=SYSTEM, at=AT).pk
    editors, truth = (Editor(), Editor()), Editor()
    for who, is_fresh, edits, is_whole in steps:
        editor = editors[who]
        if is_fresh:
            editor.read(pk)
        sent = {**(editor.seen if is_whole else {}), **edits}
        base, before = editor.seen, dict(truth.seen)
        meant = {n: v for n, v in sent.items() if v != base[n]}
        clashes = {n for n, v in meant.items() if before[n] not in (base[n], v)}
        events = Event.objects.count()
        answer = save(pk, sent, editor.version)
        truth.read(pk)
        if isinstance(answer, StaleVersion):
            assert clashes
            assert {d.field: (d.base, d.mine, d.theirs) for d in answer.differences} == {
                n: (base[n], meant[n], before[n]) for n in clashes
            }
            assert truth.seen == before
            assert Event.objects.count() == events
            continue
        assert not clashes
        assert truth.seen == {**before, **meant}
        assert answer.is_changed == (truth.seen != before)
        assert answer.instance.version == truth.version
