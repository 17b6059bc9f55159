"""Secrets that the product must know again are stored enciphered with the installation's key."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

__all__ = ["InvalidToken", "decipher", "encipher"]


@lru_cache(maxsize=8)
def _cipher(purpose: str, secret_key: str) -> Fernet:
    digest = hashlib.sha256(purpose.encode() + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encipher(text: str, purpose: str) -> str:
    """Encipher a secret for one purpose; for another it cannot be read."""
    return _cipher(purpose, settings.SECRET_KEY).encrypt(text.encode()).decode()


def decipher(enciphered: str, purpose: str) -> str:
    """Read a secret again; InvalidToken when it was enciphered with another key."""
    return _cipher(purpose, settings.SECRET_KEY).decrypt(enciphered.encode()).decode()
