"""Every address × method × role × relation answers as declared (A01), and as it did before.

`permission_matrix.json` holds the exact statuses; `make snapshots` writes it anew.
"""

import fcntl
import json
from collections import defaultdict
from typing import Any

import pytest
from django.utils import timezone

from guanxi.kernel.actor import Level, Reach
from guanxi.people import access as people_access
from guanxi.surfaces.records import panels_of
from tests.attacks.addresses import PUBLIC, SIGNED_IN, Address, addresses, groups
from tests.attacks.persons import ANONYMOUS, Persons, outcome
from tests.fixtures.api import Callers
from tests.fixtures.company import OWNERSHIPS, model
from tests.snapshots import snapshot
from tests.snapshots.makers import MADE_FOR, MAKERS, make_one

FILE = "permission_matrix.json"
METHODS = ("GET", "POST", "PATCH", "DELETE")
BUSINESS = (
    *("customers", "contacts", "orders", "payments", "interactions", "attachments"),
    "duplicate-pairs",
)
#: How far each relation lies from the person who asks.
NEEDED = {"own": Reach.OWN, "team": Reach.TEAM, "branch": Reach.BRANCH, "foreign": Reach.ALL}
EVERY_ADDRESS = addresses()


def test_every_address_is_declared():
    assert [f"{a.name} {a.route}" for a in EVERY_ADDRESS if a.door is None] == []
    assert len(EVERY_ADDRESS) > 400


#: The ends of the names of pages that whoever has the right must be able to open.
OPENED = ("-list", "-record", "-edit", "-history", "-peek", "-card")


def is_fault(address: Address, method: str, got: str, expected: set[str]) -> bool:
    """Nobody gets further than declared; the snapshot holds how exactly each is refused."""
    if got == "broken" or (got == "reached" and "reached" not in expected):
        return True
    is_opened = method == "GET" and address.name.endswith(OPENED)
    return is_opened and expected == {"reached"} and got != "reached"


class Walk:
    """One walk over a group of addresses by everybody."""

    def __init__(self, company, group: str) -> None:
        self.company, self.group = company, group
        self.persons, self.callers = Persons(company), Callers(company)
        self.programs: dict[str, Any] = {}
        self.actors = {name: company.actor(name) for name in company.roles}
        model("kernel.Heartbeat").objects.create(name="worker", at=timezone.now())
        self.found: dict[str, dict[str, dict[str, list[str]]]] = {}
        self.wrong: list[str] = []

    def walk(self) -> None:
        """Everybody at every address of the group with every method."""
        for address in EVERY_ADDRESS:
            if address.group != self.group or address.name == "account_logout":
                continue
            for method in METHODS:
                if method in {"GET", "POST"} or (address.is_api and not address.is_page_of_api):
                    for relation in self.relations(address):
                        self.try_everybody(address, method, relation)

    def relations(self, address: Address) -> tuple[str, ...]:
        """The relations that make a difference here."""
        on = address.door.on
        if on == "record" and self.group in BUSINESS:
            is_whole = self.group == "customers" and not address.is_api
            return OWNERSHIPS if is_whole else ("own", "foreign")
        return ("own", "foreign") if on not in {"type", "record", "nothing"} else ("any",)

    def try_everybody(self, address: Address, method: str, relation: str) -> None:
        by_status: dict[str, list[str]] = defaultdict(list)
        needed = address.door.needs.get(method)
        people = [ANONYMOUS, *self.company.roles] if needed else [ANONYMOUS, "administrator"]
        for name in people:
            answer = self.ask(address, method, relation, name)
            by_status[str(answer.status_code)].append(name)
            expected = self.expected(address, method, relation, name)
            if is_fault(address, method, outcome(answer), expected):
                self.wrong.append(
                    f"{method} {address.route} ({relation}) as {name}: "
                    f"{answer.status_code} {outcome(answer)}, not {' or '.join(sorted(expected))}"
                )
        if needed:
            row = self.found.setdefault(f"{method} /{address.route}", {})
            row[relation] = {status: " ".join(names) for status, names in sorted(by_status.items())}

    def ask(self, address: Address, method: str, relation: str, name: str) -> Any:
        path = "/" + self.path(address, relation, name)
        if address.is_api and not address.is_page_of_api:
            headers = {"If-Match": '"1"'}
            return self.program(name).try_out(method, path, headers)
        data = {"version": "1"} if method == "POST" else {}
        if address.name == "export-new":
            data["type"] = "customers.customer"
        return self.persons[name].try_out(method, path, data or None)

    def program(self, name: str) -> "Program":
        if name not in self.programs:
            caller = None if name == ANONYMOUS else self.callers(name)
            self.programs[name] = Program(caller)
        return self.programs[name]

    # Addresses ------------------------------------------------------------------------------------
    def path(self, address: Address, relation: str, name: str) -> str:
        """The address with something of this relation to the person in it."""
        path = address.route.replace("^", "").replace("$", "").replace(".*", "nowhere")
        values = {
            "<slug:key>": "no-such-form",
            "<slug:plural>": "customers",
            "<str:uid>": "MQ",
            "<str:token>": "none",
        }
        if "<name:name>" in path:
            values["<name:name>"] = self.field(address)
        if "<slug:panel_key>" in path:
            later = (panel.key for panel in panels_of(address.type) if panel.is_later)
            values["<slug:panel_key>"] = next(later)
        for part, value in values.items():
            path = path.replace(part, value)
        while "<" in path:
            start, end = path.index("<"), path.index(">")
            path = path[:start] + str(self.key(address, relation, name)) + path[end + 1 :]
        return path

    def field(self, address: Address) -> str:
        """A field that can be changed in place, or one that may be masked."""
        if address.reveals:
            return "phone"
        wanted = [f for f in address.type.fields if not f.readonly and f.group is None]
        return wanted[0].name if wanted else address.type.fields[0].name

    def key(self, address: Address, relation: str, name: str) -> Any:
        """The id of a record, or of something that belongs to one person only."""
        on, who = address.door.on, name if name != ANONYMOUS else "sales"
        who = who if relation in {"own", "any"} else "stranger"
        if on in MAKERS:
            return MAKERS[on](self.company.users[who], address).pk
        if address.name == "people:role_rights":
            return model("people.Role").objects.get(code="hr").pk
        if on == "record" and self.group in BUSINESS:
            return (
                self.company.of(name, relation if relation != "any" else "own")
                .of(address.type.key)
                .pk
                if name != ANONYMOUS
                else self.company.of("sales", relation).of(address.type.key).pk
            )
        if address.type is not None and address.type.plural in MADE_FOR:
            return MADE_FOR[address.type.plural](self.company.users[who]).pk
        return self.administered(address)

    def administered(self, address: Address) -> Any:
        """The id of a record that nobody of the company owns."""
        if address.type is None or address.name.startswith("people:user_"):
            return 999_999
        if address.type.plural == "users":
            return self.company.users["colleague"].pk
        if address.type.plural == "roles":
            return model("people.Role").objects.get(code="hr").pk
        made = address.type.model._base_manager.order_by("pk").first()
        return made.pk if made else make_one(address.type.plural).pk

    # What is declared -----------------------------------------------------------------------------
    def expected(self, address: Address, method: str, relation: str, name: str) -> set[str]:
        """What the declared door says to this person."""
        right = address.door.needs.get(method)
        if right is None:
            return self.expected_of_no_method(address, name)
        if right == PUBLIC:
            return without_more(address)
        if name == ANONYMOUS:
            return {"sign in"}
        if address.door.on == "nothing":
            return {"missing"}
        if right == SIGNED_IN:
            return self.expected_of_own(address, relation, name)
        return self.expected_by_right(address, right, relation, name)

    def expected_of_no_method(self, address: Address, name: str) -> set[str]:
        if address.door.on == "nothing":
            return {"missing", "sign in"}
        return {"no such method", *({"sign in"} if name == ANONYMOUS else set())}

    def expected_of_own(self, address: Address, relation: str, name: str) -> set[str]:
        actor = self.actors[name]
        if address.name == "people:token_revoke" and actor.can(people_access.END_SESSIONS):
            return {"reached"}
        if address.door.on != "type" and relation == "foreign":
            return {"missing"}
        if address.door.on == "view" and not actor.can("customers.view"):
            return {"missing"}
        if address.door.on == "import" and not actor.can("customers.import"):
            return {"denied"}
        return without_more(address)

    def expected_by_right(self, address: Address, right: str, relation: str, name: str) -> set[str]:
        actor = self.actors[name]
        code = right if "." in right else address.type.allows(right)
        missing = {"missing"} if address.door.is_hidden else {"denied"}
        if address.is_api and code in people_access.SESSION_ONLY:
            return {"denied"} | self.unseen_first(address, relation, name)
        if address.reveals and not self.is_masked(address, name):
            return {"denied", "missing"}
        if not actor.can(code):
            return missing | self.unseen_first(address, relation, name)
        if address.door.on == "view":
            return {"reached"} if relation == "own" else {"missing"}
        if address.door.on == "record":
            return self.expected_on_record(address, code, relation, name, missing)
        return without_more(address)

    def unseen_first(self, address: Address, relation: str, name: str) -> set[str]:
        """A record out of sight may answer "missing" before the right is looked at."""
        if address.door.on != "record" or not address.type:
            return set()
        return set() if self.is_within(address.type.allows("view"), relation, name) else {"missing"}

    def expected_on_record(
        self, address: Address, code: str, relation: str, name: str, missing: set[str]
    ) -> set[str]:
        sees = self.is_within(address.type.allows("view"), relation, name)
        if not sees:
            return {"missing"}
        if not self.is_within(code, relation, name):
            return missing
        if address.reveals and address.is_api:
            return {"missing"}  # no field is named
        return without_more(address)

    def is_within(self, code: str, relation: str, name: str) -> bool:
        reach = self.actors[name].grants.get(code)
        return reach is not None and reach >= NEEDED.get(relation, Reach.OWN)

    def is_masked(self, address: Address, name: str) -> bool:
        has_phone = any(f.name == "phone" and f.group for f in address.type.fields)
        return has_phone and self.actors[name].level("contact") is Level.MASKED


class Program:
    """A caller of the API whose writes are taken back."""

    def __init__(self, caller: Any) -> None:
        from tests.fixtures.api import Caller

        self.caller = caller or Caller()

    def try_out(self, method: str, path: str, headers: dict[str, str]) -> Any:
        from django.db import transaction

        from guanxi.surfaces import limits

        limits.callers.forget(), limits.strangers.forget()
        with transaction.atomic():
            body = {} if method in {"POST", "PATCH"} else None
            answer = self.caller.send(method, path, body, headers=headers)
            transaction.set_rollback(True)
        return answer


def without_more(address: Address) -> set[str]:
    """What whoever has the right gets without saying more than the address."""
    if address.name.endswith("-settings"):
        return {"missing"}  # no column is named
    return WITHOUT_MORE.get(address.name, {"reached"})


#: Addresses that answer "missing" to whoever has the right, when asked with nothing more.
WITHOUT_MORE = {
    "attachments-new": {"missing"},
    "attachments-favourite": {"missing"},  # files are not marked
    "attachments-follow": {"missing"},
    "live": {"missing"},  # this process tells nothing live
    "events-new": {"missing"},
    "accesses-new": {"missing"},
    "people:choose_password": {"missing"},
    "import-form": {"missing"},
    "import-new": {"reached", "missing"},
    "import-errors": {"missing"},
    "api:imports-errors": {"missing"},
    "people:user_session_end": {"reached", "missing"},
    "people:user_token_revoke": {"reached", "missing"},
    "export-download": {"denied"},  # its rights were others than now
    "api:exports-download": {"denied"},
    "mfa_reauthenticate": {"confirm"},  # nobody here has a second factor
    "mfa_authenticate": {"sign in", "reached"},
    "calendar-feed-read": {"missing"},  # nobody has made a link
    "customer-pin": {"missing"},
    "customer-unpin": {"reached", "missing"},
    "attachment-download": {"missing"},  # no bytes lie under the rows of these tests
    "api:attachments-download": {"missing"},
}


@pytest.mark.slow
@pytest.mark.once  # scopes are attacked on both databases by tests/attacks/test_a_record_access.py
@pytest.mark.parametrize("group", groups())
def test_a01_everybody_at_every_address(company, group):
    walk = Walk(company, group)
    walk.walk()
    assert walk.wrong == [], "\n".join(walk.wrong[:60])
    check_snapshot(walk.found)


def check_snapshot(found: dict[str, Any]) -> None:
    """Compare with the committed statuses, or write them."""
    path = snapshot.FOLDER / FILE
    if snapshot.IS_WRITING:
        with (snapshot.FOLDER / f".{FILE}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = json.loads(path.read_text()) if path.exists() else {}
            lines = (
                f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted({**kept, **found}.items())
            )
            path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    committed = snapshot.read(FILE)
    assert {k: v for k, v in found.items() if committed.get(k) != v} == {}


def test_the_snapshot_holds_the_addresses_that_there_are():
    routes = {f"/{a.route}" for a in EVERY_ADDRESS}
    stale = {key for key in snapshot.read(FILE) if key.partition(" ")[2] not in routes}
    assert stale == set()
