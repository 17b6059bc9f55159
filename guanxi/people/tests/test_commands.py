"""The commands of people, for terminals and for programs."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from guanxi.kernel.models import Event
from guanxi.people.models import ApiToken, User
from guanxi.people.services.tokens import hash_token
from guanxi.people.tests import factories

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_the_first_administrator_comes_from_the_terminal():
    made = json.loads(
        run("create_user", "boss", "--name", "张伟", "--role", "administrator",
            "--make-password", "--json")
    )  # fmt: skip
    user = User.objects.get(username="boss")
    assert made["id"] == user.pk
    assert user.check_password(made["password"])
    assert user.must_change_password
    assert [role.code for role in user.roles.all()] == ["administrator"]
    event = Event.objects.get(kind="record.created", subject_type="people.user")
    assert (event.channel, event.actor_label) == ("command", "create_user")
    assert made["password"] not in str(list(Event.objects.values()))


def test_a_password_from_a_pipe_is_checked(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("password\n"))
    with pytest.raises(CommandError):
        run("create_user", "boss")
    monkeypatch.setattr("sys.stdin", StringIO(factories.PASSWORD + "\n"))
    assert run("create_user", "boss") == f"user boss ({User.objects.get().pk})"


@pytest.mark.parametrize("words", [("bo ss",), ("boss", "--role", "king")])
def test_what_is_wrong_with_a_user_is_said(words):
    with pytest.raises(CommandError):
        run("create_user", *words, "--make-password")
    assert not User.objects.exists()


def test_a_token_is_printed_once():
    person = factories.user("lina", "sales")
    key = run("create_token", "LINA")
    token = ApiToken.objects.get()
    assert token.token_hash == hash_token(key)
    assert token.user == person
    assert token.scopes == {"*": "write"}
    made = json.loads(
        run("create_token", "lina", "--name", "报表", "--days", "7",
            "--scope", "customers:read", "--scope", "orders:write", "--json")
    )  # fmt: skip
    assert made["scopes"] == {"customers": "read", "orders": "write"}
    assert made["user"] == "lina"
    assert hash_token(made["token"]) == ApiToken.objects.get(pk=made["id"]).token_hash


@pytest.mark.parametrize(
    "words",
    [
        ("nobody",),
        ("lina", "--days", "0"),
        ("lina", "--days", "999"),
        ("lina", "--scope", "x:read"),
    ],
)
def test_what_is_wrong_with_a_token_is_said(words):
    factories.user("lina")
    with pytest.raises(CommandError):
        run("create_token", *words)
    assert not ApiToken.objects.exists()


def test_access_is_explained_step_by_step():
    root = factories.department("总部")
    head = factories.user("boss", "head", department=root.pk)
    person = factories.user("lina", "sales")
    said = json.loads(
        run("explain_access", "boss", "people.users.export", "users", str(person.pk), "--json")
    )
    steps = {step["step"]: step["ok"] for step in said["steps"]}
    assert not said["allowed"]
    assert steps["active"]
    assert steps["granted"]
    assert not steps["within_branch"]
    assert steps["within_all"]
    User.objects.filter(pk=person.pk).update(department=root)
    assert run(
        "explain_access", "boss", "people.users.export", "people.user", str(person.pk)
    ).endswith("\nallowed")
    User.objects.filter(pk=head.pk).update(is_active=False)
    said = json.loads(
        run("explain_access", "boss", "people.users.view", "users", str(person.pk), "--json")
    )
    assert not said["allowed"]


@pytest.mark.parametrize(
    "words",
    [
        ("nobody", "people.users.view", "users", "1"),
        ("lina", "no.such", "users", "1"),
        ("lina", "people.users.view", "planets", "1"),
        ("lina", "people.users.view", "users", "999999"),
    ],
)
def test_what_cannot_be_explained_is_said(words):
    factories.user("lina")
    with pytest.raises(CommandError):
        run("explain_access", *words)
