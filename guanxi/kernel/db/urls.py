"""Django's description of a database from its address."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BAD_ADDRESS = "must start with sqlite:/// or postgresql://"


def database_at(url: str, *, named: str = "GUANXI_DATABASE_URL") -> dict[str, Any]:
    """The DATABASES entry of an address (postgresql://… or sqlite:///…)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(parts.path)
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "guanxi.kernel.db.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "connect_timeout": 5,
                # A host that vanished is noticed within a minute, though nothing is asked of it.
                "keepalives_idle": 20,
                "keepalives_interval": 10,
                "keepalives_count": 3,
                "tcp_user_timeout": 50_000,
                # Pages ask many small questions at once: to compile one, or to start processes for
                # one, takes longer than to answer it, and takes the processor from the others.
                # New words wait until there are some to go into the index together; few, as every
                # search reads those that wait.
                "options": "-c jit=off -c max_parallel_workers_per_gather=0"
                " -c gin_pending_list_limit=128kB",
                **dict(parse_qsl(parts.query)),
            },
        }
    raise ImproperlyConfigured(f"{named} {BAD_ADDRESS}")


def sqlite(path: str) -> dict[str, Any]:
    """SQLite as the product needs it: WAL, FULL, IMMEDIATE, and waiting with jitter."""
    return {
        "ENGINE": "guanxi.kernel.db.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
            "PRAGMA foreign_keys=ON;PRAGMA cache_size=-16000;PRAGMA temp_store=MEMORY",
        },
        "TEST": {"NAME": None},
    }
