"""What the stages ask for comes from packs (CUS-1, CUS-3)."""

import pytest

from guanxi.customers.needs.queries import forget_stage_needs
from guanxi.customers.packs import current_stages, read_stage
from guanxi.customers.stages import STAGES
from guanxi.kernel.actor import system_actor
from guanxi.kernel.packs import PackFault, Part, Place, sections
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
HERE = Place("a.yaml", 3)


@pytest.fixture(autouse=True)
def _fresh():
    forget_stage_needs()
    yield
    forget_stage_needs()


def need(**values):
    return Part(HERE, values, dict.fromkeys(values, Place("a.yaml", 5)))


def stage(name, *needs):
    return read_stage(Part(HERE, {"needs": list(needs)}, {}, name))


def test_a_pack_says_what_a_stage_asks_for():
    assert STAGES.lacking({"stage": "prospect"}, "acquisition") == ["source"]
    only = Part(HERE, {"kind": "person"}, {})
    wanted = {
        "acquisition": stage("acquisition", need(field="phone"), need(field="email", only=only))
    }
    sections()["required_fields"].write(wanted, system_actor(), AT)
    assert STAGES.lacking({"kind": "company"}, "acquisition") == ["phone"]
    assert STAGES.lacking({"kind": "person"}, "acquisition") == ["phone", "email"]
    assert STAGES.lacking({"kind": "person"}, "growth")[:2] == ["phone", "email"]
    assert current_stages() == wanted


@pytest.mark.parametrize(
    ("name", "needs", "line"),
    [
        ("nowhere", [], 3),
        ("growth", [{"field": "nothing"}], 5),
        ("growth", [{"field": "source", "only": Part(HERE, {"name": "x"}, {"name": HERE})}], 3),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_its_line(name, needs, line):
    with pytest.raises(PackFault) as refused:
        stage(name, *(need(**each) for each in needs))
    assert refused.value.place.line == line
