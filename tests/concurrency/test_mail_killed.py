"""Workers that send at the same time, one of them killed: every mail comes, none twice unknown."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from guanxi.kernel.actor import system_actor
from guanxi.notifications.models import Mail
from guanxi.notifications.services import notify
from tests.fixtures.company import AT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
MAILS = 24
WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
settings.EMAIL_USE_TLS = False
django.setup()
from datetime import UTC, datetime, timedelta
from django.core.mail.utils import DNS_NAME
from guanxi.notifications import jobs
from guanxi.notifications.services import mails
DNS_NAME._fqdn = sys.argv[3]
mails.LEASE = timedelta(seconds=3)
print("ready", flush=True)
sys.stdin.readline()
while True:
    jobs.send_mails(datetime.now(UTC))
"""


def a_worker(port: int, name: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), str(port), name],
        cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def tell(company) -> None:
    user, customer = company.users["sales"], company.of("sales", "own").customer
    user.email = "sales@example.org"
    user.save(update_fields=["email"])
    for number in range(MAILS):
        notify(
            "customers.transferred", [user.pk], subject=customer, params={"who": "x"},
            key=f"k{number}", actor=system_actor(), at=AT,
        )  # fmt: skip


def test_h05_of_four_workers_one_is_killed_and_no_mail_is_lost_or_doubled(company, post_office):
    """Killed when the server has taken its mail: that one comes again, known by its Message-ID."""
    tell(company)
    workers = {f"worker{n}": a_worker(post_office.port, f"worker{n}") for n in range(4)}
    killed: list[str] = []
    brought: list[str] = []

    def answer(mail, who) -> str:
        brought.append(who)
        if who == "worker0" and brought.count(who) == 2:
            killed.append(mail["Message-ID"])
            workers[who].kill()
        return "250 OK"

    post_office.answer = answer
    try:
        for worker in workers.values():
            assert worker.stdout.readline() == "ready\n"
        end = time.monotonic() + 60
        for worker in workers.values():  # The one that dies begins, so that it gets its share.
            worker.stdin.write("go\n")
            worker.stdin.flush()
            while not post_office.taken and time.monotonic() < end:
                time.sleep(0.001)
        while Mail.objects.exclude(state="done").exists() and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()
    assert not Mail.objects.exclude(state="done").exists()
    counts = Counter(mail["Message-ID"] for mail in post_office.taken)
    assert len(counts) == MAILS
    assert {name for name, count in counts.items() if count > 1} == set(killed)
    assert [counts[name] for name in killed] == [2]
    assert len(set(brought)) > 2
