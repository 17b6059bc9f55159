"""A pack's faults, each with its file and line (K13: nothing that has no end)."""

from pathlib import Path

import pytest
from django.utils import translation

from guanxi.packs.reading import STANDARD, read_pack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def faults(folder: Path, text: str, name: str = "a.yaml") -> list[str]:
    (folder / name).write_text(text, "utf-8")
    return [str(fault) for fault in read_pack(folder).faults]


def test_the_standard_pack_is_sound():
    files = read_pack(STANDARD)
    assert files.faults == ()
    assert {entry.section.name for entry in files.entries} >= {"roles", "tags"}
    sales = next(e for e in files.entries if e.name == "sales")
    assert sales.values["grants"]["customers.view"] == "own"
    assert str(sales.place).startswith("roles.yaml:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tags:\n  - name: A\n    group: nowhere\n", "a.yaml:3: “group” must be one of"),
        ("tags:\n  - name: A\n    colour: red\n", "a.yaml:3: “colour” is not known here."),
        ("tags:\n  - group: demand\n", "a.yaml:2: “name” is missing."),
        ("tags:\n  - {name: A, description: 12}\n", "a.yaml:2: “description” must be a text"),
        ("tags:\n  A: {group: demand}\n\n  A: {group: trait}\n", "a.yaml:4: “A” comes twice."),
        ("tags:\n  - {name: A, group: demand}\n  - {name: A, group: demand}\n", "a.yaml:3: “A” is"),
        ("tagz: []\n", "a.yaml:1: No section is called “tagz”"),
        ("tags: 3\n", "a.yaml:1: “tags” must be a list of mappings."),
        ("tags:\n  - [\n", "a.yaml:3: This is no YAML"),
        ("- 1\n", "a.yaml:1: A file names its sections as keys."),
        ("tags:\n  - {name: A, group: !!python/name:os.system x}\n", "a.yaml:2: “x” cannot be"),
        ("roles:\n  boss:\n    name: B\n    grants:\n      nothing: {view: all}\n",
         "a.yaml:5: There is no right “nothing.view”."),
        ("roles:\n  boss:\n    name: B\n    grants:\n      tags: {view: far}\n",
         "a.yaml:5: “view” must be one of own, team, branch, all, not “far”."),
        ("roles:\n  boss:\n    name: B\n    levels:\n      secrets: clear\n",
         "a.yaml:5: There is no field group “secrets”."),
        ("roles:\n\n  Boss!:\n    name: B\n", "a.yaml:3: "),
        ("document_templates:\n  - name: A\n    paper: complaints.letter\n    body: '{secret}'\n",
         "a.yaml:4: There is no word “{secret}” on this paper"),
        ("tags: &a\n  - *a\n", "a.yaml:0: The file is nested too deeply."),
    ],
)  # fmt: skip
def test_a_fault_names_its_line(tmp_path, text, said):
    found = faults(tmp_path, text)
    assert len(found) == 1, found
    assert found[0].startswith(said)


def test_every_fault_is_told_at_once(tmp_path):
    text = "tags:\n" + "".join(f"  - {{name: T{n}, group: x}}\n" for n in range(3))
    assert [f.split(": ")[0] for f in faults(tmp_path, text)] == [f"a.yaml:{n}" for n in (2, 3, 4)]


def test_aliases_do_not_blow_up(tmp_path):
    lines = ["common:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "too many values" in faults(tmp_path, "\n".join(lines))[0]


def test_a_folder_without_files_is_no_pack(tmp_path):
    assert [fault.place.file for fault in read_pack(tmp_path).faults] == [tmp_path.name]
