"""The duties to settle that an imported history opens, for people who are in a procedure.

As for any entry (`Office.record`), every decision that was based on the person's record is checked
again. The duties are recorded by the same command as the history.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, groupby, islice
from operator import itemgetter
from uuid import UUID

from transfer.commands.office import Act, Following, Office, Person
from transfer.core.streams import take_apart
from transfer.imports.history.spool import Judged, Spool
from transfer.log.answers import Entry
from transfer.log.envelope import NOT_YET, Recorded
from transfer.log.mapper import mapper_of_facts
from transfer.log.packing import entries_of
from transfer.procedures.facts import Fact

_AT_ONCE = 500

Added = tuple[str, list[Entry]]
"""A staff number, and what a history adds to that record."""


def what_follows(office: Office, act: Act, spool: Spool, judged: list[Judged]) -> Following:
    """What is to be settled because of a history that was judged, at the versions that its streams
    have once the history is on record.

    Raises `StaleVersion` where somebody's record moved on after it was judged.
    """
    people: list[Person] = []
    added: list[Recorded[Fact]] = []
    mapper = mapper_of_facts(office.known)
    adding = _added_to_records(spool, judged)
    while some := list(islice(adding, _AT_ONCE)):
        found = office.people([number for number, _ in some])
        for person, (_, entries) in zip(found, some, strict=True):
            if person.matters:
                people.append(person)
                added += [
                    mapper.decode(
                        stream.decode(), version, name.decode(), state, 0, NOT_YET, UUID(bytes=own)
                    )
                    for stream, version, name, state, own in entries
                ]
    if not people:
        return Following()
    following = office.reconsiders(people, added, act)
    reached = {each.stream: each.version for each in added}
    new = [(stream, reached.get(stream, version), fact) for stream, version, fact in following.new]
    return replace(following, new=new)


def _added_to_records(spool: Spool, judged: list[Judged]) -> Iterator[Added]:
    """What is added to people's records that were begun before the history."""
    for number, part in enumerate(judged):
        if not part.on_record:
            continue
        blocks = spool.blocks_of_part(number, part)
        events_of_part = chain.from_iterable(map(entries_of, blocks))
        for stream, events in groupby(events_of_part, key=itemgetter(0)):
            entries = list(events)
            if entries[0][1] > 1:
                yield take_apart(stream.decode())[1], entries
