"""Applying: in one transaction, with rights, on record; an upgrade undoes no edit."""

import json
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command

from guanxi.kernel.actor import Level, Reach, system_actor
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.models import Event
from guanxi.packs.models import Pack, PackObject
from guanxi.packs.planning import State
from guanxi.packs.reading import STANDARD, read_pack
from guanxi.packs.services import apply_pack
from guanxi.people import queries
from guanxi.people.models import Role
from guanxi.people.services import change_role_grants
from tests.fixtures.company import AT, model

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")


def pack(folder, **files):
    home = folder / "ours"
    home.mkdir(exist_ok=True)
    for name, text in files.items():
        (home / f"{name}.yaml").write_text(text, "utf-8")
    return read_pack(home)


def apply(files, actor=ACTOR, **more):
    return {step.key: step for step in apply_pack(files, actor=actor, at=AT, **more)}


def manage(*words):
    out = StringIO()
    call_command("pack", *words, stdout=out)
    return out.getvalue()


def standard_roles(**more):
    """The roles of the standard pack as a later version might have them."""
    roles = yaml.safe_load((STANDARD / "roles.yaml").read_text("utf-8"))["roles"]
    for code, grants in more.items():
        assert not grants.keys() & roles[code]["grants"].keys()
        roles[code]["grants"] |= grants
    return yaml.safe_dump({"roles": roles}, allow_unicode=True)


TAGS = "tags:\n  - {name: 甲, group: demand, description: one}\n  - {name: 乙, group: trait}\n"


def test_what_is_new_is_made_and_remembered(company, tmp_path):
    steps = apply(pack(tmp_path, tags=TAGS))
    assert {s.state for s in steps.values()} == {State.NEW}
    assert model("customers.Tag").objects.get(name="甲").description == "one"
    assert PackObject.objects.get(name="甲").values == {"group": "demand", "description": "one"}
    told = Event.objects.get(kind="packs.applied")
    assert (told.data["made"], told.actor_label) == (2, "test")
    assert apply(pack(tmp_path))["tags/甲"].state is State.SAME


def test_an_edited_object_is_kept_until_the_packs_is_taken(company, tmp_path):
    apply(pack(tmp_path, tags=TAGS))
    model("customers.Tag").objects.filter(name="甲").update(description="ours")
    newer = pack(tmp_path, tags=TAGS.replace("demand, description: one", "other, description: two"))
    step = apply(newer)["tags/甲"]
    tag = model("customers.Tag").objects.get(name="甲")
    assert (tag.group, tag.description) == ("other", "ours")
    assert [change.path for change in step.kept] == [("description",)]
    apply(newer, take=["tags/甲"])
    tag.refresh_from_db()
    assert tag.description == "two"
    with pytest.raises(RuleViolation, match="not_in_pack"):
        apply(newer, take=["tags/丙"])


def test_one_refused_object_leaves_nothing_behind(company, tmp_path):
    """The second section's write is refused by the domain: the first one's is undone with it."""
    apply(pack(tmp_path, tags=TAGS, roles="roles:\n  boss: {name: Boss}\n"))
    model("people.Role").objects.filter(code="boss").update(name="Chief")
    changed = TAGS.replace("one", "two").replace("乙", "x" * 41)
    files = pack(tmp_path, tags=changed, roles="roles:\n  boss: {name: Boss, name_en: B}\n")
    with pytest.raises(RuleViolation):
        apply(files)
    assert Role.objects.get(code="boss").name_en == ""
    assert model("customers.Tag").objects.get(name="甲").description == "one"
    assert Event.objects.filter(kind="packs.applied").count() == 1


def test_an_upgrade_brings_new_rights_and_undoes_no_edit(company, tmp_path):
    """The roles were loaded before packs were remembered: the trail tells with which rights."""
    role = Role.objects.get(code="hr")
    edited = {"people.users.view": Reach.ALL, "tags.view": Reach.ALL}
    change_role_grants(role.pk, grants=edited, levels={}, version=role.version, actor=ACTOR, at=AT)
    newer = standard_roles(hr={"pools": {"view": "all"}})
    apply(pack(tmp_path, roles=newer), is_additions_only=True)
    grants, levels = queries.list_role_matrix(role)
    assert grants == {**edited, "pools.view": Reach.ALL}
    assert levels == {}
    others = Role.objects.get(code="sales")
    assert queries.list_role_matrix(others)[1]["contact"] is Level.CLEAR


def test_a_person_applies_only_what_their_rights_allow(company, tmp_path):
    files = pack(tmp_path, tags=TAGS, roles="roles:\n  boss: {name: Boss}\n")
    with pytest.raises(Denied, match=r"packs\.apply"):
        apply(files, actor=company.actor("sales"))
    with pytest.raises(Denied, match=r"tags\.change"):
        apply(files, actor=company.actor("security_admin"))
    steps = apply(files, actor=company.actor("security_admin"), only=["roles"])
    assert list(steps) == ["roles/boss"]
    assert Pack.objects.get(name="ours").digest == ""
    assert not model("customers.Tag").objects.filter(name="甲").exists()


def test_nobody_raises_their_own_rights_by_a_pack(company, tmp_path):
    more = standard_roles(security_admin={"customers": {"view": "all"}})
    with pytest.raises(RuleViolation, match="not_your_own_role"):
        apply(pack(tmp_path, roles=more), actor=company.actor("security_admin"))


def test_the_command_checks_shows_and_applies(company, tmp_path):
    home = pack(tmp_path, tags=TAGS).name
    folder = str(tmp_path / home)
    assert manage("check", folder) == "2 entries are sound.\n"
    told = json.loads(manage("diff", folder, "--json"))["objects"]
    assert [(o["name"], o["state"], o["place"]) for o in told] == [
        ("甲", "new", "tags.yaml:2"), ("乙", "new", "tags.yaml:3"),
    ]  # fmt: skip
    assert not model("customers.Tag").objects.filter(name="甲").exists()
    assert manage("apply", folder).endswith("2 new, 0 changed, 0 edited here and kept, of 2.\n")
    model("customers.Tag").objects.filter(name="甲").update(description="ours")
    assert 'edited here, kept: description: "ours" → "one"' in manage("diff", folder)
    assert manage("apply", folder, "--take", "tags/甲").startswith("tags/甲: changed\n")
    assert manage("apply", folder, "--if-new") == ""


def test_the_command_names_the_lines_of_faults(company, tmp_path):
    pack(tmp_path, tags="tags:\n  - {name: 甲, group: far}\n")
    out = StringIO()
    with pytest.raises(CommandError, match="1 faults; nothing was changed"):
        call_command("pack", "apply", str(tmp_path / "ours"), "--json", stdout=out)
    assert json.loads(out.getvalue())["faults"][0]["line"] == 2


def test_the_page_shows_and_applies(company, enter):
    model("people.Role").objects.filter(code="hr").update(description="ours")
    client = enter("administrator")
    page = client.get("/packs/").content.decode()
    assert "roles/hr" in page
    assert "价格敏感" in page
    assert client.get("/packs/apply/").status_code == 405
    assert client.post("/packs/apply/", {"take": ["roles/hr"]}).status_code == 302
    assert Role.objects.get(code="hr").description != "ours"
    assert model("customers.Tag").objects.filter(name="价格敏感").exists()
    assert "价格敏感" not in client.get("/packs/").content.decode()
    assert enter("sales").get("/packs/").status_code == 403
    assert enter("it").post("/packs/apply/").status_code == 403
