"""Reads the process environment with checked defaults: settings.py's only source of values."""

import contextlib
import os
import secrets
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from guanxi.kernel.db.urls import database_at

ROOT = Path(__file__).resolve().parents[2]


def text(name: str, default: str = "") -> str:
    """The value of a GUANXI_ variable, or the default when unset or blank."""
    return os.environ.get(f"GUANXI_{name}", "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """A yes/no variable; anything else is refused so that a typing error is not read as "no"."""
    value = text(name, "1" if default else "0").lower()
    if value not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"GUANXI_{name} must be 1 or 0, not {value!r}")
    return value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """A whole-number variable."""
    value = text(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"GUANXI_{name} must be a whole number, not {value!r}")
    return int(value)


def audit_months() -> int:
    """How long the trail is kept before it is archived; the law asks for six months at least."""
    months = number("AUDIT_KEEP_MONTHS", 36)
    if months < 6:
        raise ImproperlyConfigured(
            f"GUANXI_AUDIT_KEEP_MONTHS must be 6 or more, not {months}: nobody may keep the "
            "audit trail for less than six months"
        )
    return months


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pattern(name: str, default: str, *, holds: str) -> str:
    """A web address with a place for a value, or nothing when it says "off"."""
    value = text(name, default)
    if value.lower() == "off":
        return ""
    if not value.startswith(("https://", "http://")) or f"{{{holds}}}" not in value:
        raise ImproperlyConfigured(
            f"GUANXI_{name} must be a web address with {{{holds}}} in it, or off, not {value!r}"
        )
    return value


def broker(address: str) -> str:
    """The address of RabbitMQ, once Celery is there to speak with it; blank without one."""
    if not address:
        return ""
    if not address.startswith(("amqp://", "amqps://")):
        raise ImproperlyConfigured("GUANXI_BROKER must start with amqp:// or amqps://")
    if find_spec("celery") is None:
        raise ImproperlyConfigured(
            "GUANXI_BROKER needs Celery, which is not installed: make setup EXTRAS=celery"
        )
    return address


def port() -> str:
    """PORT, where the pages are served."""
    return os.environ.get("PORT", "8000")


def data_folder() -> Path:
    """The folder that holds database, files and secrets (GUANXI_DATA, default ./var)."""
    folder = Path(text("DATA", str(ROOT / "var"))).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """GUANXI_SECRET_KEY, or a key made once and kept readable for the owner only."""
    given = text("SECRET_KEY")
    if given:
        return given
    path = folder / "secret_key"
    if not path.exists():
        # Several processes may start on a new folder: the first one's key, whole, is the key.
        handle, made = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        Path(made).unlink()
    return path.read_text().strip()


def database(folder: Path) -> dict[str, Any]:
    """Django's DATABASES entry from GUANXI_DATABASE_URL (postgresql://… or sqlite:///…)."""
    url = text("DATABASE_URL", f"sqlite:///{folder / 'guanxi.sqlite3'}")
    return database_at(url)
