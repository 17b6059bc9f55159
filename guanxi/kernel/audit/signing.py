"""The installation's signature: made with a key that lies outside the database."""

import base64
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

KEY_FILE: Final = "audit_key"


def key_path() -> Path:
    """Where the signing key lies, readable for the owner only."""
    return Path(settings.DATA_DIR) / KEY_FILE


def _key() -> Ed25519PrivateKey:
    """The key of this installation, made at its first use."""
    path = key_path()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    made = Ed25519PrivateKey.generate()
    with os.fdopen(handle, "w") as stream:
        stream.write(made.private_bytes_raw().hex())
        stream.flush()
        os.fsync(stream.fileno())
    return made


def public_key() -> str:
    """The key by which others check a signature."""
    raw = _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def sign(said: bytes) -> str:
    """The signature of these bytes."""
    return base64.b64encode(_key().sign(said)).decode()


def is_signed(said: bytes, signature: str, public: str) -> bool:
    """Whether the owner of the public key has signed these bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), said)
    except (InvalidSignature, ValueError):
        return False
    return True
