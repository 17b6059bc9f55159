"""The trail is sealed, and whoever changes it behind the product's back is found out (I11, M06)."""

import datetime as dt
import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from guanxi.kernel import append_only
from guanxi.kernel.audit import anchors, archive, services, signing
from guanxi.kernel.audit.checking import check_trail
from guanxi.kernel.audit.chores import seal_trail
from guanxi.kernel.models import AccessEntry, Event, Seal

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 11, 2, 30, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path) -> None:
    settings.DATA_DIR, settings.ANCHOR_DIR = tmp_path, ""


def happen(*numbers: int, **more) -> None:
    """Events with these ids, as different transactions would number them."""
    Event.objects.bulk_create(
        Event(
            id=n, kind="t", subject_type="t.t", subject_id=str(n), actor_label=f"人 {n} 😀",
            channel="web", at=AT, data={"b": [n, None], "a": "é"}, ip="2001:db8::1", **more,
        )
        for n in numbers
    )  # fmt: skip


def look(*numbers: int) -> None:
    AccessEntry.objects.bulk_create(
        AccessEntry(id=n, action="view", subject_type="t.t", actor_label="x", channel="web",
                    at=AT, fields=["phone"])
        for n in numbers
    )  # fmt: skip


def flaws() -> list[str]:
    return [str(flaw) for flaw in check_trail().flaws]


@pytest.fixture
def sealed():
    """Twelve events and three accesses under seals of three days, anchored."""
    happen(*range(1, 6))
    look(1, 2, 3)
    seal_trail(AT)
    happen(*range(6, 11))
    seal_trail(AT + DAY)
    happen(11, 12)
    seal_trail(AT + 2 * DAY)
    assert flaws() == []


def behind_the_back(statement: str, table: str = "kernel_event") -> None:
    """What only the owner of the database can do: take the guards away and write."""
    append_only.remove(connection, (table,))
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_row_is_sealed_once(sealed) -> None:
    seals = Seal.objects.order_by("number")
    assert [(s.number, s.log, s.first_id, s.last_id, s.count) for s in seals] == [
        (1, "events", 1, 5, 5),
        (2, "accesses", 1, 3, 3),
        (3, "events", 6, 10, 5),
        (4, "events", 11, 12, 2),
    ]
    assert services.seal_due(at=AT + 3 * DAY) == 0
    verdict = check_trail()
    assert (verdict.seals, verdict.rows, verdict.anchors, verdict.unsealed) == (4, 15, 3, 0)


def test_many_rows_have_many_seals_and_not_all_at_once(monkeypatch) -> None:
    monkeypatch.setattr(services, "ROWS_IN_SEAL", 4)
    happen(*range(1, 11))
    assert services.seal_due(at=AT, most=5) == 8
    assert check_trail().unsealed == 2
    assert services.seal_due(at=AT, most=5) == 2
    assert flaws() == []


def test_a_row_that_commits_late_is_sealed_later_and_never_lost() -> None:
    happen(1, 2, 5, 9)
    services.seal_due(at=AT)
    assert Seal.objects.get().gaps == [[3, 4], [6, 8]]
    happen(4, 7, 10)
    assert services.seal_due(at=AT + MINUTE) == 3
    late = Seal.objects.get(is_late=True)
    assert late.ids == [4, 7]
    assert flaws() == []
    assert services.seal_due(at=AT + 2 * MINUTE) == 0
    behind_the_back("UPDATE kernel_event SET actor_label = 'x' WHERE id = 7")
    assert flaws() == ["seal 2, events 7: the row was edited"]


def test_a_row_put_into_an_old_gap_is_named() -> None:
    happen(1, 3)
    services.seal_due(at=AT)
    happen(2)
    services.seal_due(at=AT + 3 * DAY)
    assert flaws() == ["seal 1, events 2: the row was put in later"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE kernel_event SET actor_label = 'somebody else' WHERE id = 7",
            ["seal 3, events 7: the row was edited"],
        ),
        (
            "UPDATE kernel_event SET at = '2026-03-11 02:30:00.000001+00:00' WHERE id = 12",
            ["seal 4, events 12: the row was edited"],
        ),
        ("DELETE FROM kernel_event WHERE id = 8", ["seal 3, events 8: the row was deleted"]),
        (
            "UPDATE kernel_event SET id = 100 WHERE id = 12",
            ["seal 4, events 12: the row was deleted"],
        ),
    ],
)
def test_the_broken_row_is_named(sealed, statement, found) -> None:
    behind_the_back(statement)
    assert flaws() == found


def test_rows_that_changed_places_are_named(sealed) -> None:
    behind_the_back("UPDATE kernel_event SET id = 100 WHERE id = 6")
    behind_the_back("UPDATE kernel_event SET id = 6 WHERE id = 9")
    behind_the_back("UPDATE kernel_event SET id = 9 WHERE id = 100")
    assert flaws() == [
        "seal 3, events 6: the row was reordered",
        "seal 3, events 9: the row was reordered",
    ]


def test_an_access_is_guarded_too(sealed) -> None:
    behind_the_back("DELETE FROM kernel_accessentry WHERE id = 2", "kernel_accessentry")
    assert flaws() == ["seal 2, accesses 2: the row was deleted"]


def test_a_seal_made_to_fit_breaks_the_chain(sealed) -> None:
    behind_the_back("UPDATE kernel_event SET kind = 'x' WHERE id = 7")
    append_only.remove(connection, append_only.SEALS)
    Seal.objects.filter(number__gte=3).delete()
    services.seal_due(at=AT + DAY)
    found = flaws()
    assert len(found) == 2
    assert "seal 3 is another one now" in found[0]
    assert "the tail was cut: seals 4 to 4 are gone" in found[1]


def test_a_cut_tail_is_caught_by_the_anchor_outside(sealed, tmp_path) -> None:
    behind_the_back("DELETE FROM kernel_event WHERE id >= 6")
    behind_the_back("DELETE FROM kernel_seal WHERE number >= 3", "kernel_seal")
    (found,) = flaws()
    assert "2026-03-13.jsonl:1: the tail was cut: seals 3 to 4 are gone" in found


def test_seals_out_of_the_middle_and_edited_ones_are_named(sealed) -> None:
    behind_the_back("UPDATE kernel_seal SET count = 6 WHERE number = 1", "kernel_seal")
    behind_the_back("DELETE FROM kernel_seal WHERE number = 3", "kernel_seal")
    assert flaws() == [
        "seal 1: the seal itself was edited",
        "seal 4: the seals from 3 on before it are gone",
        "seal 4, events: it should begin at 6",
    ]


def test_the_database_refuses_to_change_a_seal(sealed) -> None:
    for statement in ("UPDATE kernel_seal SET count = 0", "DELETE FROM kernel_seal"):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_an_anchor_is_written_to_both_places_once_and_cannot_be_forged(settings, tmp_path) -> None:
    settings.ANCHOR_DIR = str(tmp_path / "elsewhere")
    happen(1)
    for minutes in range(3):
        seal_trail(AT + minutes * MINUTE)
    files = [folder / "2026-03-11.jsonl" for folder in anchors.folders()]
    assert [path.read_text().count("\n") for path in files] == [1, 1]
    kept = json.loads(files[1].read_text())
    files[1].write_text(json.dumps({**kept, "number": 7}) + "\n" + '{"number": 9, "ha')
    assert flaws() == [f"{files[1]}:1: this anchor was not written by this installation"]


def test_an_anchor_that_cannot_be_written_stops_no_sealing(settings, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    settings.ANCHOR_DIR = str(tmp_path / "file")
    happen(1)
    with pytest.raises(OSError, match="file"):
        seal_trail(AT)
    assert Seal.objects.count() == 1
    assert (tmp_path / "anchors" / "2026-03-11.jsonl").exists()


def test_the_key_is_made_once_and_private(tmp_path) -> None:
    first = signing.public_key()
    assert signing.public_key() == first
    assert (tmp_path / "audit_key").stat().st_mode & 0o777 == 0o600
    assert signing.is_signed(b"a", signing.sign(b"a"), first)
    assert not signing.is_signed(b"b", signing.sign(b"a"), first)
    assert not signing.is_signed(b"a", "nonsense", first)


# Archive ------------------------------------------------------------------------------------------
def test_m06_what_is_old_is_archived_signed_and_verified_anywhere(sealed, tmp_path) -> None:
    later = AT + 40 * 31 * DAY
    assert archive.write_archive(at=AT + 35 * 30 * DAY) is None
    path = archive.write_archive(at=later)
    assert path.name == "audit-000000001-000000004.jsonl.gz"
    assert archive.write_archive(at=later) is None
    happen(20)
    services.seal_due(at=later)
    assert archive.write_archive(at=later + 37 * 31 * DAY).name.startswith("audit-000000005-")
    verdict = archive.check_archive(path)
    assert (verdict.seals, verdict.rows, verdict.flaws) == (4, 15, [])
    assert Event.objects.count() == 13
    out = StringIO()
    call_command("verify", str(path), stdout=out)
    assert "15 rows under 4 seals" in out.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("人 7", "人 8"), "seal 3: the events are not those"),
        (lambda text: text.replace('"count":2', '"count":3'), "seal 4: the seal itself"),
        (lambda text: text.rpartition('{"sha256"')[0], "it ends before its signature"),
        (lambda text: text[: len(text) // 2], "it cannot be read"),
        (lambda text: text.replace("guanxi-audit-1", "other"), "it is no archive"),
    ],
)
def test_m06_a_changed_archive_is_refused(sealed, change, words) -> None:
    path = archive.write_archive(at=AT + 40 * 31 * DAY)
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(change(text).encode()))
    with pytest.raises(CommandError, match=words):
        call_command("verify", str(path), stdout=StringIO())


def test_m06_another_installation_s_signature_is_named(sealed, settings, tmp_path) -> None:
    path = archive.write_archive(at=AT + 40 * 31 * DAY)
    settings.DATA_DIR = tmp_path / "other"
    settings.DATA_DIR.mkdir()
    assert [str(f) for f in archive.check_archive(path).flaws] == [
        "the file: another installation has signed it"
    ]


# Command ------------------------------------------------------------------------------------------
def test_verify_seals_first_when_asked_and_names_the_spot(sealed) -> None:
    happen(*range(13, 20))
    out = StringIO()
    call_command("verify", stdout=out)
    assert "15 rows under 4 seals, 3 anchors; 7 rows wait for their seal" in out.getvalue()
    out = StringIO()
    call_command("verify", "--seal", stdout=out)
    assert "22 rows under 5 seals, 4 anchors\n" in out.getvalue()
    behind_the_back("DELETE FROM kernel_event WHERE id = 3")
    with pytest.raises(CommandError, match="seal 1, events 3: the row was deleted"):
        call_command("verify", stdout=StringIO())
