"""The editions of a record: added, replaced until something is opened under them, kept for ever."""

import hashlib
from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import Field

from tests.support.editions import moor_source
from transfer.commands.exercises import Exercises, exercise_matter
from transfer.commands.matter_worlds import Worlds
from transfer.commands.matters import Asking, Matters
from transfer.commands.office import Act, Office, key_id
from transfer.core.refusals import Conflict, Refused
from transfer.core.streams import matter_stream
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact
from transfer.rulebooks import Rulebook, loading, rulebook, shipped
from transfer.rulebooks.in_force import RulesOnRecord, binding
from transfer.rulebooks.loading import FaultyEdition
from transfer.vault import Vault

pytestmark = pytest.mark.engines

ANOTHER = ("Time to challenge", "Time to appeal")


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, known=KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def office(log: Log[Fact]) -> Office:
    return Office(log, Vault(log.connection, bytes(32)))


def exercises_of(office: Office) -> Exercises:
    worlds = Worlds(office, RulesOnRecord(office.editions.by_digest))
    return Exercises(office, Matters(office, worlds), worlds)


def open_one(office: Office, book: Rulebook, name: str = "moor") -> None:
    exercises_of(office).open(
        Act(by="hr", command_id=key_id("open", name)),
        Asking("hr", date(2027, 1, 11), frozenset({"admin"})),
        name,
        binding(book.with_values(assumed=book.suggested())),
        transferors=tuple(each.name for each in book.transferors),
        rehearsed=True,
    )


def test_an_edition_is_added_and_found(office: Office) -> None:
    added = office.editions.add(moor_source(), by="hr")
    assert not added.already_there
    assert office.editions.add(moor_source(), by="hr").already_there
    assert office.editions.find("moor-2027") == added.book
    assert list(office.editions.all()) == [*shipped(), "moor-2027"]
    with pytest.raises(Refused, match=r"there are .*tr-2013.*, moor-2027\. .* rulebook add FILE"):
        office.editions.find("moor-2028")


def test_a_faulty_file_adds_nothing(office: Office) -> None:
    with pytest.raises(FaultyEdition):
        office.editions.add(moor_source(('kind = "appeal"', 'kind = "apeal"')), by="hr")
    assert list(office.editions.all()) == list(shipped())


def test_an_edition_of_the_program_cannot_be_replaced(office: Office) -> None:
    own = rulebook("tr-2013").source
    assert office.editions.add(own, by="hr").already_there
    with pytest.raises(Conflict, match=r"give yours a new id, for example .*tr-2013\.1"):
        office.editions.add(own + b"\n", by="hr")


def test_an_edition_may_be_replaced_until_something_is_opened_under_it(office: Office) -> None:
    office.editions.add(moor_source(), by="hr")
    second = office.editions.add(moor_source(ANOTHER), by="hr").book
    assert office.editions.find("moor-2027") == second
    open_one(office, second)
    with pytest.raises(Conflict, match="give the edition a new id"):
        office.editions.add(moor_source(), by="hr")
    assert office.editions.add(moor_source(ANOTHER), by="hr").already_there


def test_an_open_exercise_is_judged_by_the_text_of_its_day_whatever_the_model_has_become(
    office: Office, log: Log[Fact], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = moor_source()
    open_one(office, loading.load_edition(source))

    class LaterRulebook(Rulebook):
        since_then: str | None = Field(default=None)

    monkeypatch.setattr(loading, "Rulebook", LaterRulebook)
    later = exercises_of(Office(log, office.vault))
    rules = later.rules("moor")
    assert isinstance(rules.rulebook, LaterRulebook)
    assert rules.rulebook.source == source
    opened = later.plan("moor").opened
    assert opened is not None
    assert opened.digest == hashlib.sha256(source).hexdigest() == rules.rulebook.digest()


def test_the_text_is_kept_in_the_transaction_of_the_opening(office: Office, log: Log[Fact]) -> None:
    book = loading.load_edition(moor_source())

    def broken(*_: object) -> None:
        raise RuntimeError("broken off")

    office.editions.keep_opened = lambda *_: broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        open_one(office, book)
    assert log.read(matter_stream(exercise_matter("moor"))) == []
    fresh = Office(log, office.vault)
    open_one(fresh, book)
    found = Office(log, office.vault).editions.by_digest(book.digest())
    assert found is not None
    assert found.source == book.source


def test_a_text_that_is_not_kept_is_not_guessed(office: Office, log: Log[Fact]) -> None:
    open_one(office, loading.load_edition(moor_source()))
    with log.connection() as connection:
        connection.execute("DELETE FROM rulebook_editions")
    with pytest.raises(Refused, match="restore the table rulebook_editions"):
        exercises_of(Office(log, office.vault)).rules("moor")
