"""What a Celery worker of the tests runs: the product's own, on a test's database, with test work.

`python -m celery -A tests.product.celery_work worker`; and `python -m tests.product.celery_work` is
the product's own worker with the same work.
"""

import json
import os
import signal
import sys
import time
from datetime import timedelta

import django
from django.conf import settings

WANTED = json.loads(os.environ["GUANXI_TEST_CELERY"])
settings.DATABASES["default"]["NAME"] = WANTED["database"]
settings.BROKER = WANTED["broker"]
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from guanxi.kernel import broker, jobs, watchdog  # noqa: E402
from guanxi.kernel.models import NumberSeries  # noqa: E402

broker.TURN_SECONDS = WANTED.get("turn", 0.5)
jobs.LEASE = timedelta(seconds=WANTED.get("lease", 60))
jobs.MAX_ATTEMPTS = WANTED.get("attempts", jobs.MAX_ATTEMPTS)
watchdog.ENDLESS_SECONDS = WANTED.get("endless", watchdog.ENDLESS_SECONDS)


@jobs.job("tests.count")
def count(context):
    """Count rows, each in its transaction, and say who did it."""
    for row in range(context.run.progress_done, context.run.params["rows"]):
        with transaction.atomic():
            NumberSeries.objects.filter(pk="rows").update(last=F("last") + 1)
            context.progress(row + 1, context.run.params["rows"])
        time.sleep(context.run.params.get("pause", 0))
    return {"worker": os.environ["GUANXI_TEST_NAME"]}


@jobs.job("tests.oom")
def use_all_memory(context):
    """End as the kernel ends a process that took too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


@jobs.job("tests.endless")
def never_end(context):
    """Let nothing else run, for ever."""
    while True:
        pass


if __name__ == "__main__":
    sys.exit(call_command("worker"))
from guanxi.config.celery import app  # noqa: E402, F401  found by name
