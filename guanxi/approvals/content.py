"""What an approver sees, as a hash: one per part, salted, and one over all of them."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from guanxi.approvals.declarations import Subject
from guanxi.kernel.values import to_json

FILE = "file:"


def digest_parts(subject: Subject, record: Any, salt: str) -> dict[str, str]:
    """The hash of each value and file of a record's content; the salt keeps them from guesses."""
    parts = {name: to_json(value) for name, value in subject.content(record).items()}
    parts |= {f"{FILE}{file.name}": file.sha256 for file in subject.files(record)}
    return {name: _digest(salt, name, value) for name, value in parts.items()}


def seen_token(salt: str, digests: Mapping[str, str], *, turn: int, position: int) -> str:
    """What a decision carries: this content, in this round, at this step."""
    return _digest(salt, "seen", [turn, position, sorted(digests.items())])


def _digest(salt: str, name: str, value: Any) -> str:
    written = json.dumps([name, value], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(salt.encode(), written.encode(), hashlib.sha256).hexdigest()
