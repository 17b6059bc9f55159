"""The nightly backup: a process of its own, so that the worker goes on working."""

import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.kernel.backup.services import is_time_for_backup
from guanxi.kernel.chores import chore

_running: list[subprocess.Popen[bytes]] = []


@chore("backup", every=timedelta(minutes=10))
def back_up_nightly(at: datetime) -> bool:
    """Begin tonight's backup from the hour on that is set (GUANXI_BACKUP_HOUR)."""
    _running[:] = [process for process in _running if process.poll() is None]
    hour = at.astimezone(ZoneInfo(settings.TIME_ZONE)).hour
    if hour < settings.BACKUP_HOUR or not is_time_for_backup(at=at):
        return False
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "backup"]
    _running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True))
    return True
