"""The reply letter reads as the company's template says, and tells no more than before (STD-1)."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from guanxi.complaints.tests.factories import Way, made, register
from guanxi.surfaces.models import DocumentTemplate
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def templates():
    """Those of the standard pack."""
    path = Path(settings.BASE_DIR) / "guanxi/packs/standard/document_templates.yaml"
    entries = yaml.safe_load(path.read_text("utf-8"))["document_templates"]
    return {each["name"]: made("surfaces.documenttemplate", **each) for each in entries}


def test_the_letter_is_written_by_the_pack_s_template(office, enter, templates):
    complaint = register(office, product="<b>主轴</b> {handler}")
    agent, way = enter("complaint"), Way(office, complaint)
    path = f"/complaints/{complaint.pk}/letter/"
    early = agent.get(path, {"template": templates["投诉答复函"].pk}).content.decode()
    assert "尊敬的李雪" in early
    assert "&lt;b&gt;主轴&lt;/b&gt; {handler}" in early  # a value is neither markup nor template
    for unknown in ("核查结果", "处理方案", "前完成"):
        assert unknown not in early, unknown
    told = agent.get(path, {"template": templates["投诉受理告知函"].pk}).content.decode()
    assert "已受理" in told
    assert agent.get(path, {"template": "999999"}).content == agent.get(path).content
    way.to("executing")
    late = agent.get(path, {"template": templates["投诉答复函"].pk}).content.decode()
    assert late.index("核查结果") < late.index("三次报修记录属实") < late.index("处理方案")
    assert "前完成" in late
    DocumentTemplate.objects.update(archived_at=AT)
    assert "尊敬的" in agent.get(path).content.decode()  # the product's own words


def test_a_template_lists_its_words_and_refuses_others(office, enter, callers, templates):
    admin, page = callers("administrator"), enter("administrator")
    shown = page.get(f"/document-templates/{templates['投诉答复函'].pk}/").content.decode()
    assert "{solve_by}" in shown
    new = {"name": "x", "paper": "complaints.letter", "body": "{customer.notes}"}
    answer = admin.post("document-templates/", new)
    assert (answer.status_code, "no_such_word" in answer.content.decode()) == (400, True)
    assert callers("complaint").post("document-templates/", new).status_code == 403
