"""The production set-up: nginx with TLS before two web processes, one of which dies."""

import contextlib
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.crash.product import WEB, product
from tests.fixtures.site import free_port

#: Once: it brings its own PostgreSQL, as production does.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.server,
    pytest.mark.xdist_group("crash"),
]
ROOT = Path(__file__).resolve().parents[2]
NAME = "crm.example.com"


def written(folder: Path, port: int, web: list[int], live: list[int]) -> Path:
    """The repository's own configuration with this test's ports, names and certificate."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         f"/CN={NAME}", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    text = text.replace("    http2 on;\n", "")  # a word that nginx knows from 1.25 on
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port + 1};")
    text = text.replace("/etc/guanxi/tls", str(folder))
    one = re.search(r"    server 127\.0\.0\.1:8000 (.*)\n", text)
    servers = "".join(f"    server 127.0.0.1:{each} {one[1]}\n" for each in web)
    text = text.replace(one[0], servers)
    streams = "".join(f"    server 127.0.0.1:{each};\n" for each in live)
    text = text.replace("    server 127.0.0.1:8001;\n", streams or "    server 127.0.0.1:8001;\n")
    frame = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(f"{frame}http {{ access_log off;\n{temporary}{text} }}\n")
    return path


@contextlib.contextmanager
def nginx(folder: Path, web: list[int], live: list[int] = ()):
    """A running nginx; its port."""
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen(
        [program, "-c", str(written(folder, port, web, live)), "-p", str(folder)]
    )
    try:
        end = time.monotonic() + 15
        while time.monotonic() < end and server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def ask(port: int, method: str, path: str, body: str | None = None, **headers: str):
    """One request over TLS as a browser at the site sends it."""
    context = ssl._create_unverified_context()
    visit = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
    given = {"Host": NAME} | {k.replace("_", "-"): v for k, v in headers.items()}
    visit.request(method, path, body, given)
    answer = visit.getresponse()
    content = answer.read().decode()
    visit.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content


def test_two_web_processes_behind_nginx(tmp_path):
    site = {
        "GUANXI_SITE_URL": f"https://{NAME}",
        "GUANXI_ALLOWED_HOSTS": f"{NAME},127.0.0.1",
        "GUANXI_TRUSTED_PROXIES": "127.0.0.1",
        "GUANXI_DEBUG": "1",  # static files from where they lie
    }
    with (
        product(tmp_path / "site", postgresql=True, **site) as (made, key),
        nginx(tmp_path / "nginx", made.ports) as port,
    ):
        wait(port)
        status, headers, page = ask(port, "GET", "/accounts/login/")
        assert status == 200
        assert headers["strict-transport-security"]
        cookie = headers["set-cookie"]
        assert cookie.startswith("__Host-csrf")
        assert "Secure" in cookie
        signs_in(port, page, cookie)
        writes_go_on(made, port, key)
        slow_ones_hold_up_nobody(port, key)
        findings = json.loads(made.manage("doctor", "--json"))
        said = {f["check"]: f["state"] for f in findings}
        assert "https" not in said
        assert "hosts" not in said
        assert "proxy" not in said


def wait(port: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and ask(port, "GET", "/health/")[0] != 200:
        time.sleep(0.3)


def signs_in(port: int, page: str, cookie: str) -> None:
    """A form sent by a browser: its Origin is the site's, though the last step is plain HTTP."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = f"csrfmiddlewaretoken={token}&login=crash&password=wrong"
    more = {
        "Cookie": cookie.partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://{NAME}/accounts/login/",
    }
    status, _headers, answer = ask(
        port, "POST", "/accounts/login/", form, Origin=f"https://{NAME}", **more
    )
    assert status in {200, 422}, answer[:300]
    status = ask(port, "POST", "/accounts/login/", form, Origin="https://evil.example", **more)[0]
    assert status == 403


def writes_go_on(made, port: int, key: str) -> None:
    """One of the two is killed: nobody notices but by a moment."""
    common = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    made.parts[WEB[0]].kill()
    for number in range(10):
        once = {"Idempotency-Key": f"n{number}", "X-Forwarded-For": "203.0.113.7"}
        status, _headers, body = ask(
            port, "POST", "/api/v1/customers/", json.dumps({"name": f"云 {number}"}),
            **common, **once,
        )  # fmt: skip
        if status in {502, 504}:  # the answer was lost: sent again under its key
            status, _headers, body = ask(
                port, "POST", "/api/v1/customers/", json.dumps({"name": f"云 {number}"}),
                **common, **once,
            )  # fmt: skip
        assert status == 201, body
    listed = json.loads(ask(port, "GET", "/api/v1/customers/", **common)[2])
    assert len(listed["results"]) == 10


def slow_ones_hold_up_nobody(port: int, key: str) -> None:
    """Three hundred that send drop by drop, while somebody works (L04)."""
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            one.sendall(b"\x16\x03\x01")
        start = time.monotonic()
        for _ in range(5):
            status = ask(port, "GET", "/api/v1/customers/", Authorization=f"Bearer {key}")[0]
            assert status == 200
        assert time.monotonic() - start < 10
