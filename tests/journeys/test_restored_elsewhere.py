"""A backup made under load and put in place on an empty machine: everything is there (I02)."""

import hashlib
import os
import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.crash.load import Caller, Client, Desk
from tests.crash.product import PASSWORD, Product
from tests.fixtures.visitor import Visitor

pytestmark = pytest.mark.slow
PHRASE = "a phrase for the tests"


def enter(page, site, username: str, password: str) -> None:
    page.goto(f"{site.url}/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    page.click("form button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/" not in url)


class Busy(threading.Thread):
    """Somebody who goes on entering customers meanwhile."""

    def __init__(self, url: str, username: str, password: str) -> None:
        super().__init__(daemon=True)
        self.visitor = Visitor(url).sign_in(username, password)
        self.made, self.stop = [], threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            values = {"name": f"备份途中 {len(self.made)}"}
            answer = self.visitor.api("POST", "/api/v1/customers/", values)
            assert answer.status == 201, answer.text
            self.made.append(answer.json()["id"])


def test_i02_a_backup_restored_on_an_empty_machine(new_site, new_page, tmp_path):
    old = new_site(GUANXI_BACKUP_PASSPHRASE=PHRASE).start()
    content = b"contract " + os.urandom(40_000).hex().encode()
    (tmp_path / "合同.txt").write_bytes(content)
    page, password = new_page(), old.password("administrator")
    enter(page, old, "administrator", password)
    listed = page.request.get(f"{old.url}/api/v1/customers/?size=1&columns=name").json()
    customer = listed["results"][0]
    page.goto(f"{old.url}/customers/{customer['id']}/files/new/")
    page.set_input_files("[name=file]", str(tmp_path / "合同.txt"))
    page.fill("[name=title]", "搬家合同")
    page.locator("form[data-filing] button.btn-primary").click()
    expect(page.get_by_text("搬家合同").first).to_be_visible()
    page.context.close()
    busy = Busy(old.url, "administrator", password)
    busy.start()
    while len(busy.made) < 3:
        assert busy.is_alive()
    before = list(busy.made)
    old.manage("backup", "--to", str(tmp_path / "elsewhere"))
    busy.stop.set()
    busy.join(60)
    busy.visitor.close()
    assert old.stop() == 0

    (backup,) = Path(tmp_path / "elsewhere").glob("*.guanxi")
    new = new_site(GUANXI_BACKUP_PASSPHRASE=PHRASE, GUANXI_DEMO="0")
    said = new.manage("restore", str(backup))
    assert "is whole" in said
    new.start()
    page = new_page()
    enter(page, new, "administrator", password)
    page.goto(f"{new.url}/customers/{customer['id']}/")
    expect(page.get_by_role("heading", name=customer["name"]).first).to_be_visible()
    for pk in before:
        assert page.request.get(f"{new.url}/api/v1/customers/{pk}/").status == 200
    page.goto(f"{new.url}/customers/{customer['id']}/files/")
    link = page.get_by_role("link", name=re.compile("搬家合同")).first
    received = page.request.get(new.url + link.get_attribute("href")).body()
    assert hashlib.sha256(received).hexdigest() == hashlib.sha256(content).hexdigest()
    assert "audit trail" in new.manage("verify")
    new.manage("release_outbound")


@pytest.mark.once
@pytest.mark.server
@pytest.mark.xdist_group("crash")
def test_i02_the_same_on_postgresql_with_a_fresh_cluster(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = Product(tmp_path / "old", postgresql=True, GUANXI_BACKUP_PASSPHRASE=PHRASE)
    new = Product(tmp_path / "new", postgresql=True, GUANXI_BACKUP_PASSPHRASE=PHRASE)
    try:
        key = old.prepare()
        old.start()
        clients = [Client(f"k{n}", Caller(old.ports, key), n, imports=n == 0) for n in range(2)]
        for client in clients:
            client.start()
        while sum(client.history.acknowledged for client in clients) < 12:
            assert all(client.is_alive() for client in clients), [c.history for c in clients]
        before = {m.pk: m.version for c in clients for m in c.history.customers}
        old.manage("backup", "--to", str(tmp_path / "elsewhere"))
        for client in clients:
            client.stop.set()
        for client in clients:
            client.join(120)
            assert client.history.problems == []
        old.stop()
        new.cluster.start()
        (backup,) = (tmp_path / "elsewhere").glob("*.guanxi")
        assert "is whole" in new.manage("restore", str(backup))
        new.start()
        reader = Caller(new.ports, key)
        for pk, version in before.items():
            assert reader.send("GET", f"customers/{pk}/").body["version"] >= version
        Desk(reader, PASSWORD)
        reader.close()
        assert "audit trail" in new.manage("verify")
    finally:
        old.stop()
        new.stop()
