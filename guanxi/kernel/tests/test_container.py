"""The enciphered file: whatever is cut, swapped, foreign or under another key is refused (I04)."""

import io

import pytest

from guanxi.kernel.backup import container
from guanxi.kernel.backup.container import CHUNK, TAG, BadBackup, NoKey, Reader, Writer

KEY = b"a key that is long enough"


def sealed(content: bytes, pieces: int = 1000) -> bytes:
    out = io.BytesIO()
    writer = Writer(out, KEY, cost=14)
    for start in range(0, len(content), pieces):
        writer.write(content[start : start + pieces])
    writer.finish()
    return out.getvalue()


def opened(file: bytes, key: bytes = KEY) -> bytes:
    return Reader(io.BytesIO(file), key).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_000])
def test_what_goes_in_comes_out(size) -> None:
    content = bytes(i % 251 for i in range(size))
    file = sealed(content, 70_001)
    assert opened(file) == content
    assert len(file) < size + 400 + TAG * (size // CHUNK)


@pytest.fixture(scope="module")
def three() -> bytes:
    return sealed(b"canary " * 25_000)


def test_i05_nothing_of_the_content_is_seen(three) -> None:
    assert b"canary" not in three


def test_i04_another_key_is_told(three) -> None:
    with pytest.raises(BadBackup, match="key is another one"):
        opened(three, b"another key, as long")


def test_i04_a_cut_file_is_told_wherever_it_is_cut(three) -> None:
    head = len(three) - 3 * TAG - 175_000
    ends = [head + n * (CHUNK + TAG) for n in (1, 2)]
    for end in (*ends, *(e - 1 for e in ends), *(e + 1 for e in ends), len(three) - 1, 5, 40):
        with pytest.raises(BadBackup):
            opened(three[:end])


def test_i04_changed_swapped_and_longer_files_are_told(three) -> None:
    head = len(three) - 3 * TAG - 175_000
    first, second = (
        slice(head + n * (CHUNK + TAG), head + (n + 1) * (CHUNK + TAG)) for n in (0, 1)
    )
    swapped = three[:head] + three[second] + three[first] + three[second.stop :]
    flipped = bytearray(three)
    flipped[head + 100_000] ^= 1
    for file in (swapped, bytes(flipped), three + b"x", three + three):
        with pytest.raises(BadBackup):
            opened(file)
    with pytest.raises(BadBackup, match="no backup of Guanxi"):
        opened(b"PK\x03\x04" + bytes(100))
    with pytest.raises(BadBackup, match="beginning"):
        opened(container.MAGIC + b"{}\n")


def test_the_key_comes_from_a_file_or_the_environment_and_must_be_long(settings, tmp_path) -> None:
    settings.BACKUP_KEY_FILE = settings.BACKUP_PASSPHRASE = ""
    with pytest.raises(NoKey, match="openssl rand"):
        container.key_of()
    settings.BACKUP_PASSPHRASE = "short"
    with pytest.raises(NoKey, match="shorter"):
        container.key_of()
    settings.BACKUP_PASSPHRASE = "long enough for a phrase"
    assert container.key_of() == b"long enough for a phrase"
    (tmp_path / "key").write_bytes(KEY + b"\n")
    settings.BACKUP_KEY_FILE = str(tmp_path / "key")
    assert container.key_of() == KEY
    with pytest.raises(NoKey, match="cannot be read"):
        container.key_of(tmp_path / "nothing")
