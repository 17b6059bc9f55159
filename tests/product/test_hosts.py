"""Two web hosts behind nginx and a Celery worker are one site: sessions, files, live updates."""

import http.client
import json
import re
import socket
import ssl
import sys
import time
from urllib.parse import quote, urlencode

import pytest

from tests.crash.load import Caller, Client
from tests.crash.product import PASSWORD, WEB, product
from tests.fixtures.rabbitmq import rabbitmq  # noqa: F401  a fixture
from tests.fixtures.site import free_port
from tests.product.test_nginx import NAME, ask, nginx, wait

#: Once: it brings its own PostgreSQL, as production does.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.server,
    pytest.mark.xdist_group("broker"),
]
PATIENCE = 120
CELERY = ["-m", "celery", "-A", "guanxi.config.celery", "worker", "--concurrency", "1",
          "--loglevel", "warning", "--without-gossip", "--without-mingle"]  # fmt: skip
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}",
        "Referer": f"https://{NAME}/"}  # fmt: skip
EDGE = "----guanxi"


def on_host(port: int, method: str, path: str, body: str | None = None, **headers: str):
    """One request to this host, as nginx passes it on."""
    visit = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    given = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
    given |= {k.replace("_", "-"): v for k, v in headers.items()}
    visit.request(method, path, body.encode() if body else None, given)
    answer = visit.getresponse()
    content = answer.read()
    visit.close()
    return answer.status, content


def signed_in(port: int) -> dict[str, str]:
    """The cookies of somebody who came in through nginx."""
    _status, headers, page = ask(port, "GET", "/accounts/login/")
    cookie = headers["set-cookie"].partition(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "login": "crash", "password": PASSWORD}
    status, headers, page = ask(
        port, "POST", "/accounts/login/", urlencode(form), Cookie=cookie, **FORM
    )
    assert status == 302, page[:500]
    session = re.search(r"(__Host-guanxi=[^;]+)", headers["set-cookie"])[1]
    return {"Cookie": f"{session}; __Host-csrf={'x' * 32}"}


def file_on_one_and_read_on_other(ports: list[int], cookies: dict[str, str], pk: int) -> None:
    """An upload lies where every host finds it."""
    fields = {"csrfmiddlewaretoken": "x" * 32, "kind": "other", "year": "2026", "title": "双机文件"}
    parts = [(f'name="{name}"', value) for name, value in fields.items()]
    parts.append(
        ('name="file"; filename="双机.txt"\r\nContent-Type: text/plain', "both hosts\n" * 9)
    )
    body = "".join(
        f"--{EDGE}\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n"
        for head, value in parts
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={EDGE}", "Origin": f"https://{NAME}",
            "Referer": f"https://{NAME}/"}  # fmt: skip
    path = f"/customers/{pk}/files/"
    status, page = on_host(ports[0], "POST", f"{path}new/", f"{body}--{EDGE}--\r\n",
                           **kind, **cookies)  # fmt: skip
    assert status == 302, page[:800]
    page = on_host(ports[1], "GET", path, **cookies)[1].decode()
    link = re.search(r'<a[^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*双机文件', page, re.DOTALL)
    assert link, page[:3000]
    assert on_host(ports[1], "GET", link[1], **cookies) == (200, b"both hosts\n" * 9)


def stream(port: int, cookies: dict[str, str], topic: str) -> ssl.SSLSocket:
    """A page's live updates, through nginx."""
    context = ssl._create_unverified_context()
    opened = context.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE))
    lines = [f"GET /live-updates/stream/?topics={topic} HTTP/1.1", f"Host: {NAME}",
             f"Origin: https://{NAME}", f"Cookie: {cookies['Cookie']}"]  # fmt: skip
    opened.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert b" 200 " in opened.recv(4096)
    return opened


def test_two_hosts_and_a_celery_worker_are_one_site(tmp_path, rabbitmq):  # noqa: F811
    site = {
        "GUANXI_SITE_URL": f"https://{NAME}",
        "GUANXI_ALLOWED_HOSTS": f"{NAME},127.0.0.1",
        "GUANXI_TRUSTED_PROXIES": "127.0.0.1",
        "GUANXI_LIVE_URL": f"https://{NAME}/live-updates",
        "GUANXI_BROKER": rabbitmq.url,
        "GUANXI_DEBUG": "1",  # static files from where they lie
    }
    live = [free_port() for _ in WEB]
    with product(tmp_path / "site", postgresql=True, **site) as (made, key):
        made.parts["worker"].kill()
        made.parts["worker"] = made.part([sys.executable, *CELERY])
        made.parts["worker"].start()
        for number, port in enumerate(live):
            asgi = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1",
                    "--port", str(port), "--no-ws", "--no-access-log", "--log-level", "error",
                    "guanxi.config.asgi:application"]  # fmt: skip
            made.parts[f"live {number}"] = made.part(asgi)
            made.parts[f"live {number}"].start()
        with nginx(tmp_path / "nginx", made.ports, live) as port:
            wait(port)
            one_site(made, port, key)


def is_well(made) -> bool:
    """Whether the doctor has heard of the broker and of the Celery worker."""
    said = {f["check"]: f["state"] for f in json.loads(made.manage("doctor", "--json"))}
    return (said["broker"], said["worker"]) == ("good", "good")


def one_site(made, port: int, key: str) -> None:
    cookies = signed_in(port)
    assert [on_host(p, "GET", "/customers/", **cookies)[0] for p in made.ports] == [200, 200]
    # A program enters at one host; the file it sends is read by the worker on another.
    one, other = (Caller([p], key) for p in made.ports)
    client = Client("k", one, 1, imports=True)
    client.create()
    client.bring_in()
    end = time.monotonic() + PATIENCE
    while not client.history.imports:
        assert time.monotonic() < end, "the worker did not look through the file"
        client.start_imports()
        time.sleep(0.2)
    (pk,) = client.history.imports
    while other.send("GET", f"imports/{pk}/").body["state"] != "done":
        assert time.monotonic() < end, "the worker did not take the file in"
        time.sleep(0.2)
    assert other.send("GET", f"customers/?q={quote('导入')}&size=50").body["results"]
    customer = client.history.customers[0]
    file_on_one_and_read_on_other(made.ports, cookies, customer.pk)
    opened = stream(port, cookies, f"customers.customer:{customer.pk}")
    client.caller = other
    client.change(customer)
    heard = b""
    while b"customers.customer" not in heard:
        heard += opened.recv(4096)
    opened.close()
    made.parts[WEB[0]].kill()
    for _ in range(6):
        assert ask(port, "GET", "/customers/", **cookies)[0] == 200
    while not is_well(made):
        assert time.monotonic() < end, "the doctor does not find broker and worker well"
    other.close()
    one.close()
