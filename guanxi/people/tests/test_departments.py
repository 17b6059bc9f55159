"""The tree of departments: paths, moves, no cycles, nothing in use disappears (ORG-1)."""

import pytest

from guanxi.kernel.errors import Denied, RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from guanxi.people import services
from guanxi.people.models import Department, User
from guanxi.people.tests import factories
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record, restore_record

pytestmark = pytest.mark.django_db


def tree():
    root = factories.department("总部")
    sales = factories.department("销售部", root)
    east = factories.department("华东区", sales)
    service = factories.department("客服部", root)
    return root, sales, east, service


def path(department):
    return Department.objects.values_list("path", flat=True).get(pk=department.pk)


def move(department, parent, actor=factories.SYSTEM):
    version = Department.objects.values_list("version", flat=True).get(pk=department.pk)
    return services.move_department(
        department.pk, parent, version=version, actor=actor, at=factories.now()
    )


def archive(department, actor=factories.SYSTEM):
    kind = get_record_type("people.department")
    version = Department.objects.values_list("version", flat=True).get(pk=department.pk)
    return archive_record(kind, department.pk, version=version, actor=actor, at=factories.now())


def test_a_path_names_the_way_from_the_root():
    root, sales, east, _service = tree()
    assert path(root) == f"/{root.pk}/"
    assert path(east) == f"/{root.pk}/{sales.pk}/{east.pk}/"


def test_a_move_takes_everything_below_along():
    root, sales, east, service = tree()
    shanghai = factories.department("上海", east)
    move(sales, service)
    assert path(sales) == f"/{root.pk}/{service.pk}/{sales.pk}/"
    assert path(shanghai) == f"/{root.pk}/{service.pk}/{sales.pk}/{east.pk}/{shanghai.pk}/"
    assert path(service) == f"/{root.pk}/{service.pk}/"
    event = Event.objects.get(kind="people.department.moved")
    assert event.data == {
        "from_path": f"/{root.pk}/{sales.pk}/",
        "to_path": f"/{root.pk}/{service.pk}/{sales.pk}/",
    }
    move(sales, None)
    assert path(shanghai) == f"/{sales.pk}/{east.pk}/{shanghai.pk}/"


def test_a_similar_number_is_not_below():
    """/1/1/ and /1/11/ begin alike; the slash at the end keeps them apart."""
    root = factories.department("总部")
    many = [factories.department(f"部门{n}", root) for n in range(12)]
    first = many[0]
    Department.objects.filter(pk=many[1].pk).update(path=f"/{root.pk}/{first.pk}1/")
    move(first, None)
    assert path(many[1]) == f"/{root.pk}/{first.pk}1/"


def test_the_heads_above_see_a_moved_branch_at_once():
    _root, sales, east, service = tree()
    head = factories.user("", "head", department=service.pk)
    old_head = factories.user("", "head", department=sales.pk)
    assert east.pk in factories.actor(old_head).branch_ids
    move(east, service)
    assert factories.actor(head).branch_ids == {service.pk, east.pk}
    assert factories.actor(old_head).branch_ids == {sales.pk}


def test_a_department_does_not_move_below_itself():
    root, sales, east, _service = tree()
    for below in (sales, east):
        with pytest.raises(RuleViolation) as refused:
            move(sales, below)
        assert refused.value.code == "department_cycle"
    assert path(east) == f"/{root.pk}/{sales.pk}/{east.pk}/"


def test_names_are_unique_below_one_parent():
    root, _sales, _east, service = tree()
    factories.department("华东区", service)
    for parent in (root, None):
        name = "销售部" if parent else "总部"
        with pytest.raises(RuleViolation):
            factories.department(name, parent)
    assert Department.objects.filter(name="销售部").count() == 1


def test_only_an_empty_department_is_archived():
    root, sales, east, service = tree()
    team = factories.team("一组", service)
    person = factories.user("", department=east.pk)
    for used in (root, east, service):
        with pytest.raises(RuleViolation) as refused:
            archive(used)
        assert refused.value.code == "department_in_use"
    User.objects.filter(pk=person.pk).update(department=None)
    archive(east)
    archive(sales)
    team.delete()
    archive(service)
    with pytest.raises(RuleViolation) as refused:
        factories.department("新", service)
    assert refused.value.code == "archived_department"


def test_an_archived_department_comes_back():
    _root, _sales, east, _service = tree()
    archived = archive(east)
    kind = get_record_type("people.department")
    restored = restore_record(
        kind, east.pk, version=archived.version, actor=factories.SYSTEM, at=factories.now()
    )
    assert restored.archived_at is None


def test_two_editors_of_one_department():
    root, *_rest = tree()
    kind = get_record_type("people.department")
    at = factories.now()
    change_record(kind, root.pk, {"name": "集团"}, version=1, actor=factories.SYSTEM, at=at)
    with pytest.raises(StaleVersion) as refused:
        change_record(kind, root.pk, {"name": "公司"}, version=1, actor=factories.SYSTEM, at=at)
    (difference,) = refused.value.differences
    assert (difference.base, difference.mine, difference.theirs) == ("总部", "公司", "集团")


def test_only_who_may_moves_departments():
    _root, sales, _east, service = tree()
    with pytest.raises(Denied):
        move(sales, service, factories.actor(factories.user("", "head")))
    move(sales, service, factories.actor(factories.user("", "it")))
