"""A person whose fold was kept is the one whom the log has, also where another process writes."""

from __future__ import annotations

from contextlib import closing
from random import Random  # noqa: TID251 - made from seeds, as the worlds of other tests

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.histories import History, histories, on_record
from tests.support.making import Maker
from transfer.access.identity import Role
from transfer.commands.office import Office, Person, person_of
from transfer.commands.people_kept import KeptFolds
from transfer.core.streams import staff_stream, take_apart
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.log.restriction import Restricted, serve
from transfer.log.views import LogAt, TrialLog
from transfer.procedures.facts import Fact
from transfer.vault import Vault

KEY = bytes(32)


def told(person: Person) -> object:
    """Everything that a person's fold holds; of entries the text, which has all of them."""
    entries = person.entries
    resolution = entries._resolution
    return (
        person.staff_number,
        person.version,
        person.record,
        repr((resolution._by_id, resolution._originals, dict(resolution._corrections))),
        resolution._annulled,
        repr((dict(entries._stating), entries._held)),
        person.links,
        person.objections,
        person.evidence,
        person.names,
        person.matters,
    )


def office_of(log: Log[Fact], *, long: int = 1, most_versions: int = 10_000) -> Office:
    """An office that keeps people from so many facts on."""
    office = Office(log, Vault(log.connection, KEY))
    office._people = KeptFolds(long=long, most_versions=most_versions)
    return office


@given(histories(), st.data())
def test_a_copy_is_the_same_and_goes_on_by_itself(history: History, data: st.DataObject) -> None:
    events = on_record(history.facts)
    cut = data.draw(st.integers(0, len(events)))
    first = person_of("S1", events[:cut], KNOWN)
    rest = first.copy()
    assert told(rest) == told(first)
    for each in events[cut:]:
        rest.take(each)
    assert told(first) == told(person_of("S1", events[:cut], KNOWN))
    assert told(rest) == told(person_of("S1", events, KNOWN))


@pytest.mark.engines
@pytest.mark.parametrize(("seed", "most_versions"), [(0, 10_000), (1, 15)])
def test_two_processes_that_write_in_turns_know_what_the_log_says(
    database_url: str, seed: int, most_versions: int
) -> None:
    random = Random(seed)  # noqa: S311 - not for secrets
    maker = Maker(random, people=3)
    with (
        closing(open_log(database_url, known=KNOWN)) as one,
        closing(open_log(database_url, known=KNOWN)) as two,
    ):
        one.clock.simulate()
        offices = [office_of(log, most_versions=most_versions) for log in (one, two)]
        versions: dict[str, int] = {}
        for _ in range(40):
            written = maker.command()
            first = dict(versions)
            new = [(stream, first.get(stream, 0), fact) for stream, fact, _ in written.events]
            for stream, _, _ in new:
                versions[stream] = versions.get(stream, 0) + 1
            random.choice(offices).log.append(new, written.command)
            for office in random.sample(offices, random.randint(0, 2)):
                for stream in versions:
                    kind, number = take_apart(stream)
                    if kind == "staff":
                        events = office.log.read(stream)
                        asked = office.person(number)
                        assert told(asked) == told(person_of(number, events, KNOWN))
                        # What a command supposes stays with the command.
                        asked.names.clear()
                        asked.record.entries.clear()
                        asked.entries = type(asked.entries)()


@pytest.mark.engines
def test_who_looks_at_the_log_in_another_way_is_given_nothing_that_was_kept(
    database_url: str,
) -> None:
    maker = Maker(Random(1), people=1)  # noqa: S311 - not for secrets
    with closing(open_log(database_url, known=KNOWN)) as log:
        log.clock.simulate()
        office = office_of(log)
        stream = staff_stream("S1")
        instants = []
        for version in range(3):
            written = maker.command_of((stream, maker.command().events[0][1]))
            facts = [(stream, version, fact) for _, fact, _ in written.events]
            instants.append(log.append(facts, written.command).recorded_at)
        early = instants[0]
        assert office.person("S1").version == 3
        office.log = LogAt(log, early)
        assert office.person("S1").version == 1
        office.log = TrialLog(log)
        assert office.person("S1").version == 3
        office.log = log
        nobody = Restricted(
            "staff", "somebody else", early.date(), ["record"], None, [Role.STAFF.name]
        )
        try:
            serve(nobody)
            assert office.person("S1").version == 0
        finally:
            serve(None)
        assert office.person("S1").version == 3
