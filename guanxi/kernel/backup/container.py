"""The enciphered file of a backup: AES-256-GCM in chunks, so that nothing can be cut or swapped.

After a line that says how the key is made, each chunk of 64 KiB is sealed under its number and
under whether it is the last; a file that was cut, joined or changed anywhere is refused.
"""

import io
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

MAGIC: Final = b"GUANXI-BACKUP-1\n"
CHUNK: Final = 1 << 16
TAG: Final = 16
SHORTEST_KEY: Final = 16
LONGEST_HEAD: Final = 1000


class BadBackup(Exception):
    """Why a file is no backup of ours, or cannot be opened."""


class NoKey(Exception):
    """There is no key to encipher or decipher with."""


def key_of(key_file: Path | None = None) -> bytes:
    """The secret that backups are enciphered with, from a file or the environment."""
    path = key_file or (Path(settings.BACKUP_KEY_FILE) if settings.BACKUP_KEY_FILE else None)
    if path is not None:
        try:
            secret = path.read_bytes().strip()
        except OSError as error:
            raise NoKey(f"the key file cannot be read: {error}") from error
    else:
        secret = settings.BACKUP_PASSPHRASE.encode()
    if not secret:
        raise NoKey(
            "name a key: GUANXI_BACKUP_KEY_FILE, or GUANXI_BACKUP_PASSPHRASE; a good one is made "
            "by `openssl rand -base64 32 > backup.key`. Keep it apart from the backups."
        )
    if len(secret) < SHORTEST_KEY:
        raise NoKey(f"the backup key is shorter than {SHORTEST_KEY} characters")
    return secret


@lru_cache(maxsize=8)
def _derived(secret: bytes, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << cost, r=8, p=1).derive(secret)


class Writer(io.RawIOBase):
    """A stream that enciphers what is written to it."""

    def __init__(self, target: BinaryIO, secret: bytes, *, cost: int = 16) -> None:
        super().__init__()
        salt, prefix = secrets.token_bytes(16), secrets.token_bytes(4)
        head = {"kdf": "scrypt", "cost": cost, "salt": salt.hex(), "nonce": prefix.hex()}
        self.head = MAGIC + json.dumps(head).encode() + b"\n"
        self.target, self.prefix, self.number = target, prefix, 0
        self.cipher, self.waiting = AESGCM(_derived(secret, salt, cost)), bytearray()
        target.write(self.head)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, content: object) -> int:
        """Take bytes; whole chunks go on at once."""
        given = bytes(content)  # type: ignore[call-overload]
        self.waiting += given
        while len(self.waiting) > CHUNK:
            self._seal(bytes(self.waiting[:CHUNK]), is_last=False)
            del self.waiting[:CHUNK]
        return len(given)

    def finish(self) -> None:
        """Seal the last chunk; without it the file counts as cut."""
        self._seal(bytes(self.waiting), is_last=True)
        self.waiting.clear()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = nonce_of(self.prefix, self.number, is_last=is_last)
        self.target.write(self.cipher.encrypt(nonce, chunk, self.head))
        self.number += 1


def nonce_of(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    """Never twice under one key: the chunk's number, and whether it is the last."""
    return prefix + number.to_bytes(7) + bytes([is_last])


class Reader(io.RawIOBase):
    """A stream that deciphers; what is wrong with the file is told as BadBackup."""

    def __init__(self, source: IO[bytes], secret: bytes) -> None:
        super().__init__()
        if source.read(len(MAGIC)) != MAGIC:
            raise BadBackup("it is no backup of Guanxi")
        line = source.readline(LONGEST_HEAD)
        try:
            head = json.loads(line)
            salt, self.prefix = bytes.fromhex(head["salt"]), bytes.fromhex(head["nonce"])
            cost = int(head["cost"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadBackup("its beginning is damaged") from error
        if not 14 <= cost <= 20 or len(self.prefix) != 4:
            raise BadBackup("its beginning is damaged")
        self.head, self.source, self.number = MAGIC + line, source, 0
        self.cipher = AESGCM(_derived(secret, salt, cost))
        self.ready, self.is_over = b"", False
        self.ahead = source.read(CHUNK + TAG)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with deciphered bytes; none at the end."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        if not self.ready and not self.is_over:
            self.ready = self._open()
        taken = self.ready[: len(view)]
        view[: len(taken)] = taken
        self.ready = self.ready[len(taken) :]
        return len(taken)

    def _open(self) -> bytes:
        sealed, self.ahead = self.ahead, self.source.read(CHUNK + TAG)
        self.is_over = not self.ahead
        nonce = nonce_of(self.prefix, self.number, is_last=self.is_over)
        try:
            chunk = self.cipher.decrypt(nonce, sealed, self.head)
        except InvalidTag as error:
            why = "the key is another one, or the file is damaged" if not self.number else (
                f"it is damaged or cut after {self.number * CHUNK} bytes"
            )  # fmt: skip
            raise BadBackup(why) from error
        self.number += 1
        return chunk if chunk or self.is_over else self._open()


def fsync_folder(folder: Path) -> None:
    """Make a new name in a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
