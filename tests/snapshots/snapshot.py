"""A committed file that says how things stand; GUANXI_WRITE_SNAPSHOTS=1 writes it anew."""

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
IS_WRITING = bool(os.environ.get("GUANXI_WRITE_SNAPSHOTS"))


def read(name: str) -> Any:
    """What the committed file holds."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def write(name: str, value: Any) -> None:
    """Commit this instead."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (FOLDER / name).write_text(f"{text}\n", "utf-8")
