"""What process trees cost, as Linux keeps it in /proc: processor time and memory."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and everything below it."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children(pid)
    return found


def children(pid: int) -> list[int]:
    """The processes that Linux lists as children."""
    return [
        int(word)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for word in _read(task).split()
    ]


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these trees, those who have ended below them included."""
    return sum(_ticks(pid) for root in roots for pid in tree(root)) / TICKS


def _ticks(pid: int) -> int:
    """utime, stime, cutime and cstime: fields 14 to 17, after the name in brackets."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) if len(fields) > 15 else 0


def resident_megabytes(roots: Iterable[int]) -> float:
    """Resident memory of these trees; what two processes share counts for both."""
    return sum(_resident(pid) for root in roots for pid in tree(root)) / 1024


def peak_megabytes(roots: Iterable[int]) -> float:
    """The most that the largest process of these trees ever had."""
    return max(_resident(pid, "VmHWM") for root in roots for pid in tree(root)) / 1024


def _resident(pid: int, figure: str = "VmRSS") -> int:
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith(f"{figure}:"):
            return int(line.split()[1])
    return 0


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(_read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[1])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def machine() -> dict[str, str]:
    """The machine as the table names it."""
    return {
        "processor": next(_lines("/proc/cpuinfo", "model name"), "unknown"),
        "cores": str(os.cpu_count()),
        "memory": f"{int(next(_lines('/proc/meminfo', 'MemTotal')).split()[0]) / 1024**2:.0f} GB",
        "system": next(_lines("/etc/os-release", "PRETTY_NAME", "="), "Linux").strip('"'),
    }


def _lines(path: str, name: str, between: str = ":") -> Iterator[str]:
    for line in Path(path).read_text().splitlines():
        key, _sign, value = line.partition(between)
        if key.strip() == name:
            yield value.strip()
