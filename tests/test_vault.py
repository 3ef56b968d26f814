"""Personal data: encrypted a person at a time, bound to its place, erased by losing a key."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag

from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import Conflict, StaleVersion
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact
from transfer.vault import Vault

MASTER = bytes(range(32))
ANN = {"name": "Ann Other", "date_of_birth": "1961-02-03"}
BEN = {"name": "Benoît"}


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url)
    yield opened
    opened.close()


@pytest.fixture
def vault(log: Log[Fact]) -> Vault:
    return Vault(log.connection, MASTER)


def put(log: Log[Fact], vault: Vault, **people: dict[str, str]) -> None:
    sealed = vault.seal(people)
    with log.connection() as connection, connection.transaction():
        vault.store(connection.cursor(), sealed)


def register(log: Log[Fact], staff_number: str, expected: int, number: int) -> None:
    fact = StaffRegistered(staff_number=staff_number, effective_from=date(2013, 11, 1))
    log.append(
        [(f"staff:{staff_number}", expected, fact)],
        Command(UUID(int=number), "hr", b""),
    )


def predictable() -> Callable[[int], bytes]:
    """Bytes that differ at every call, the same in every run."""
    calls = count(1)
    return lambda length: hashlib.shake_128(str(next(calls)).encode()).digest(length)


@pytest.mark.engines
def test_one_value_is_read_on_a_connection_at_hand(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=ANN, S2=BEN)
    put(log, vault, S1={"name": "Ann Changed"})
    with log.connection() as connection:
        assert vault.read(connection, "S1", "name") == "Ann Changed"
        assert vault.read(connection, "S1", "date_of_birth") == ANN["date_of_birth"]
        assert vault.read(connection, "S2", "date_of_birth") is None
        assert vault.read(connection, "S3", "name") is None
        assert vault.erase("S1")
        assert vault.read(connection, "S1", "name") is None


@pytest.mark.engines
def test_values_come_back_for_those_who_have_any(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=ANN, S2=BEN)
    assert vault.get("S1") == ANN
    assert vault.get_many(["S1", "S2", "S3"]) == {"S1": ANN, "S2": BEN}
    assert vault.get("S3") is None


@pytest.mark.engines
def test_a_changed_value_holds_and_the_others_stay(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=ANN)
    put(log, vault, S1={"name": "Ann Married"})
    assert vault.get("S1") == ANN | {"name": "Ann Married"}


@pytest.mark.engines
def test_no_value_is_stored_in_the_clear(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=ANN)
    with log.connection() as connection:
        rows = connection.execute("SELECT f::text AS f FROM person_fields AS f").fetchall()
    stored = "".join(row["f"] for row in rows)
    for value in ANN.values():
        assert value not in stored
        assert value.encode().hex() not in stored


@pytest.mark.engines
def test_what_is_erased_is_gone_for_ever(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=ANN, S2=BEN)
    assert vault.erase("S1") is True
    assert vault.erase("S1") is False
    assert vault.get("S1") is None
    assert vault.get("S2") == BEN
    with pytest.raises(Conflict, match="erased"):
        vault.seal({"S1": {"name": "back again"}})


@pytest.mark.engines
def test_who_erased_somebody_and_why_is_kept_of_the_first_time(vault: Vault) -> None:
    """Also of somebody of whom nothing was kept: nothing can be kept of them afterwards."""
    assert vault.erasure_of("S1") is None
    assert vault.erase("S1", by="hr", because="asked", document="D000001")
    assert not vault.erase("S1", by="another", because="again")
    found = vault.erasure_of("S1")
    assert found is not None
    assert (found.by, found.because, found.document) == ("hr", "asked", "D000001")
    with pytest.raises(Conflict, match="erased"):
        vault.seal({"S1": {"name": "Ann"}})


@pytest.mark.engines
def test_personal_data_stands_or_falls_with_the_append(log: Log[Fact], vault: Vault) -> None:
    fact = StaffRegistered(staff_number="S1", effective_from=date(2013, 11, 1))
    register(log, "S1", 0, 1)
    sealed = vault.seal({"S1": ANN})
    with pytest.raises(StaleVersion):
        log.append(
            [("staff:S1", 0, fact)],
            Command(UUID(int=2), "hr", b""),
            alongside=lambda cursor: vault.store(cursor, sealed),
        )
    assert vault.get("S1") is None
    log.append(
        [("staff:S1", 1, fact)],
        Command(UUID(int=2), "hr", b""),
        alongside=lambda cursor: vault.store(cursor, sealed),
    )
    assert vault.get("S1") == ANN


@pytest.mark.engines
@pytest.mark.parametrize(
    "tampering",
    [
        # one person's value for another's, one field's for another, a bit turned
        "UPDATE person_fields f SET nonce = o.nonce, ciphertext = o.ciphertext,"
        " commitment = o.commitment FROM person_fields o"
        " WHERE f.staff_number = 'S1' AND f.field = 'name' AND o.staff_number = 'S2'",
        "UPDATE person_fields SET field = 'address' WHERE staff_number = 'S1' AND field = 'name'",
        "UPDATE person_fields SET ciphertext = set_bit(ciphertext, 5, 1 - get_bit(ciphertext, 5))",
        "UPDATE person_keys k SET wrapped_key = o.wrapped_key FROM person_keys o"
        " WHERE k.staff_number = 'S1' AND o.staff_number = 'S2'",
    ],
)
def test_a_row_that_was_tampered_with_does_not_open(
    log: Log[Fact], vault: Vault, tampering: str
) -> None:
    put(log, vault, S1=ANN, S2=BEN)
    with log.connection() as connection:
        connection.execute(tampering)
    with pytest.raises(InvalidTag):
        vault.get("S1")


@pytest.mark.engines
def test_a_commitment_that_was_changed_is_noticed(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=BEN)
    with log.connection() as connection:
        connection.execute("UPDATE person_fields SET commitment = sha256(commitment)")
    with pytest.raises(ValueError, match="does not open its commitment"):
        vault.get("S1")


@pytest.mark.engines
def test_another_master_key_opens_nothing(log: Log[Fact], vault: Vault) -> None:
    put(log, vault, S1=ANN)
    with pytest.raises(InvalidTag):
        Vault(log.connection, bytes(32)).get("S1")


@pytest.mark.engines
def test_equal_values_look_different_and_commit_differently(vault: Vault) -> None:
    sealed = vault.seal({"S1": BEN, "S2": BEN})
    assert len({each.ciphertext for each in sealed.fields}) == 2
    assert sealed.commitment("S1", "name") != sealed.commitment("S2", "name")
    with pytest.raises(KeyError):
        sealed.commitment("S1", "address")


@pytest.mark.engines
def test_all_randomness_comes_from_the_source_given(log: Log[Fact]) -> None:
    sealed = Vault(log.connection, MASTER, random_bytes=predictable()).seal({"S1": BEN})
    assert sealed == Vault(log.connection, MASTER, random_bytes=predictable()).seal({"S1": BEN})
    # Key, its nonce, then salt: the third draw.
    draws = predictable()
    _, _, salt = draws(32), draws(12), draws(16)
    commitment = hmac.digest(salt, BEN["name"].encode(), hashlib.sha256)
    assert sealed.commitment("S1", "name") == commitment


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not 32"):
        Vault(lambda: pytest.fail("no connection is needed"), bytes(16))


@pytest.mark.engines
def test_a_name_is_looked_up_under_the_key_of_the_record_alone(
    log: Log[Fact], vault: Vault
) -> None:
    put(log, vault, S1=ANN, S2=BEN)
    put(log, vault, S1={"name.0": "Ann Married"})
    with log.connection() as connection:

        def named(*words: str, by: Vault = vault, after: str = "", limit: int = 9) -> list[str]:
            return by.numbers_named(connection, words, after=after, limit=limit)

        assert named("ann") == named("married") == named("oth") == ["S1"]
        assert named("other", "married") == []
        assert named("1961") == []
        assert named("ann", by=Vault(log.connection, bytes(32))) == []
        put(log, vault, S3=ANN)
        assert named("ann", limit=1) == ["S1"]
        assert named("ann", after="S1") == ["S3"]


@pytest.mark.engines
def test_what_is_sealed_before_an_erasure_is_not_stored_after_it(
    log: Log[Fact], vault: Vault
) -> None:
    put(log, vault, S1=ANN)
    sealed = vault.seal({"S1": {"name.0": "Ann Married"}})
    vault.erase("S1")
    with log.connection() as connection:
        with pytest.raises(Conflict, match="erased"), connection.transaction():
            vault.store(connection.cursor(), sealed)
        assert vault.numbers_named(connection, ["married"], after="", limit=1) == []


@pytest.mark.engines
def test_an_erasure_waits_for_what_is_being_stored_and_takes_it_too(
    log: Log[Fact], vault: Vault
) -> None:
    put(log, vault, S1=ANN)
    sealed = vault.seal({"S1": {"name.0": "Ann Married"}})
    with ThreadPoolExecutor(1) as beside, log.connection() as connection:
        with connection.transaction():
            vault.store(connection.cursor(), sealed)
            erasing = beside.submit(vault.erase, "S1")
            with pytest.raises(TimeoutError):
                erasing.result(timeout=0.3)
        assert erasing.result(timeout=30)
        assert vault.numbers_named(connection, ["married"], after="", limit=1) == []


@pytest.mark.engines
def test_what_an_import_has_staged_of_somebody_goes_too(log: Log[Fact], vault: Vault) -> None:
    batch = log.open_import(UUID(int=1), b"", Command(UUID(int=1), "hr", b""), 2)
    staged = vault.seal({"S1": ANN, "S2": BEN})
    with log.connection() as connection:
        with connection.transaction():
            vault.stage(connection.cursor(), batch.batch_id, 1, staged)
        with connection.transaction():
            vault.store_staged(connection.cursor(), batch.batch_id)
        # The process is killed before it forgets what it has staged.
        vault.erase("S1")
        for table in ("import_person_keys", "import_person_fields"):
            left = connection.execute(f"SELECT staff_number FROM {table}").fetchall()
            assert [row["staff_number"] for row in left] == ["S2"]


@pytest.mark.engines
def test_nobody_is_erased_who_cannot_be_noted(log: Log[Fact]) -> None:
    def fails(_: str) -> None:
        raise OSError("full")

    vault = Vault(log.connection, MASTER, note_erased=fails)
    put(log, vault, S1=ANN)
    with pytest.raises(OSError, match="full"):
        vault.erase("S1")
    assert vault.get("S1") == ANN


@pytest.mark.engines
def test_a_run_that_finds_words_for_old_names_goes_on_where_it_stopped(
    log: Log[Fact], vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transfer.vault._PIECE", 2)
    put(log, vault, **{f"S{n}": {"name": f"Ann Number{n}"} for n in range(7)})
    with log.connection() as connection:
        connection.execute("UPDATE person_fields SET name_words = NULL")
        opened = count()

        def stop_at_the_fifth(*_: object) -> str:
            if next(opened) == 4:
                raise KeyboardInterrupt
            return "Ann"

        with monkeypatch.context() as patched:
            patched.setattr("transfer.vault._open", stop_at_the_fifth)
            with pytest.raises(KeyboardInterrupt):
                vault.index_names()
        assert vault.index_names() == 3
        assert len(vault.numbers_named(connection, ["ann"], after="", limit=9)) == 7
