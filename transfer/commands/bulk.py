"""A bulk act: entries on many people's records, in one command: all of them or none.

Everything is decided before anything is appended, so a refusal names every item that is refused.
Who has left by the day of a change, or begins after it, is refused: an act over many is meant for
those who are there.
One person's items are decided in order, each on the record as the ones before it leave it. The act
has one instant, so no knowledge time lies in the middle of it. What was a mistake is put right as
any entry is: by corrections and annulments, as a bulk act of their own if they are many.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from uuid import UUID

from transfer.commands.grounds import require
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.office import Act, Office, Person
from transfer.commands.record import employer_warnings, warnings_of_managers
from transfer.core.employed import why_not_employed
from transfer.core.record import staff
from transfer.core.record.entries import Change, Correction, NewEntry
from transfer.core.record.staff import PositionChanged, StaffFact, TermGranted, TermVaried
from transfer.core.refusals import ItemRefused, Refusal, Refused, SeveralRefused
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.envelope import Receipt, as_if_recorded, event_id_of

MOST_WARNINGS = 200
"""How many warnings of an act over many are told."""

LOADED_AT_ONCE = 1_000
"""People whose records are read in one query."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a bulk act: its place in the act from 0, whom it is about, and what it is.

    `returns`: the person had left, and is meant to be employed again.
    """

    index: int
    staff_number: str
    entry: NewEntry
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What an item comes to; `version` is that of the person before the whole act."""

    item: Item
    version: int
    event_id: UUID
    fact: StaffFact


def on_grounds(worlds: Worlds, items: Sequence[Item]) -> tuple[list[Item], list[ItemRefused]]:
    """The items, without those that rest on an assertion which is not on record or holds no more;
    and a refusal of each of those."""
    loaded, known = Loaded(), dict[tuple[str, ...], Refusal | None]()
    out: list[ItemRefused] = []
    for each in items:
        refs = () if each.entry.basis is None else each.entry.basis.assertions
        if refs not in known:
            known[refs] = None
            try:
                require(worlds, loaded, refs, field="basis.assertions")
            except Refusal as refusal:
                known[refs] = refusal
        refused = known[refs]
        if refused is not None:
            out.append(ItemRefused(each.index, each.staff_number, refused))
    gone = {each.index for each in out}
    return [each for each in items if each.index not in gone], out


def enter_all(
    office: Office, act: Act, items: Sequence[Item], refused: Sequence[ItemRefused] = ()
) -> Receipt:
    """Record every item, in this order, as one command. The receipt's events are the items, and
    then what is to be settled because of them.

    `refused` are items that cannot even be read: then nothing is written, and the refusal names
    them with those that the record refuses. Raises `SeveralRefused`, `KeyReused`, and
    `StaleVersion` where others keep writing to one of these people first.
    """

    def attempt() -> Receipt:
        people = load(office, items)
        decided = decide_all(people, items, lambda n: event_id_of(act.command_id, n), refused)
        new = [(staff_stream(each.item.staff_number), each.version, each.fact) for each in decided]
        receipt = office.record(list(people.values()), new, act)
        if receipt is None:
            raise AssertionError("an entry on the record is always recorded")
        return receipt

    return office.persist(attempt)


def warnings_of_bulk(office: Office, items: Sequence[Item], known_at: datetime) -> tuple[str, ...]:
    """What to tell of line managers whom items name and who are not employed on the day, as known
    at an instant, and of employers that are not known: each sentence once, the first
    `MOST_WARNINGS`."""
    entries = [item.entry for item in items if isinstance(item.entry, Change | Correction)]
    named = dict.fromkeys(
        (entry.changes.get(Facet.LINE_MANAGER), entry.effective_from) for entry in entries
    )
    said = (
        warnings_of_managers(office, {Facet.LINE_MANAGER: manager}, on, known_at)
        for manager, on in named
        if manager is not None
    )
    of_employers = map(employer_warnings, (entry.changes for entry in entries))
    told = chain(chain.from_iterable(said), chain.from_iterable(of_employers))
    return tuple(islice(dict.fromkeys(told), MOST_WARNINGS))


def as_spelled(office: Office, items: Sequence[Item]) -> list[Item]:
    """The same items, each person's number as the record spells it, however it was typed."""
    typed = {item.staff_number for item in items}
    on_record = office.spellings(typed)
    known = set(on_record)
    spelled = {number.lower(): number for number in on_record}
    return [
        item
        if item.staff_number in known
        else replace(item, staff_number=spelled.get(item.staff_number.lower(), item.staff_number))
        for item in items
    ]


def load(office: Office, items: Sequence[Item]) -> dict[str, Person]:
    """Everybody whom these items are about."""
    numbers = list(dict.fromkeys(item.staff_number for item in items))
    found: dict[str, Person] = {}
    for start in range(0, len(numbers), LOADED_AT_ONCE):
        for person in office.people(numbers[start : start + LOADED_AT_ONCE]):
            found[person.staff_number] = person
    return found


def decide_all(
    people: Mapping[str, Person],
    items: Sequence[Item],
    event_id: Callable[[int], UUID],
    refused: Sequence[ItemRefused] = (),
) -> list[Decided]:
    """What every item comes to; `event_id` gives the id of the one at a place among them.

    Raises `SeveralRefused` with `refused` and every item that the record refuses.
    """
    versions = {number: person.version for number, person in people.items()}
    decided: list[Decided] = []
    failed = list(refused)
    for place, item in enumerate(items):
        person = people[item.staff_number]
        try:
            person.require_registered()
            (fact,) = staff.enter(person.record, item.entry)
            _require_employed(person, fact, returns=item.returns)
        except Refusal as refusal:
            failed.append(ItemRefused(item.index, item.staff_number, refusal))
            continue
        found = Decided(item, versions[item.staff_number], event_id(place), fact)
        stream = staff_stream(person.staff_number)
        person.take(as_if_recorded(stream, person.version + 1, found.event_id, found.fact))
        decided.append(found)
    if failed:
        raise SeveralRefused(tuple(sorted(failed, key=lambda each: each.index)))
    return decided


def _require_employed(person: Person, fact: StaffFact, *, returns: bool) -> None:
    """Refuse a change for somebody who has left by its day, or begins after it.

    An act over many is meant for those who are there: a transfer must not employ a leaver again.
    Who begins may be given an employer for an earlier day; who left, only where the item says so.
    Of an assignment that never had an employer nobody can have left. Corrections put right what is
    on record, whenever that was. Raises `Refused`.
    """
    match fact:
        case PositionChanged():
            found = why_not_employed(person.entries, fact.effective_from, fact.assignment)
            employs = fact.changes.get(Facet.EMPLOYER) is not None
        case TermGranted() | TermVaried():
            found, employs = why_not_employed(person.entries, fact.effective_from, None), False
        case _:
            return
    if found is None or (found.left_on is None and found.begins_on is None):
        return
    if employs and (returns or found.left_on is None):
        return
    asked = '; say "returns": true if they are to be employed again' if employs else ""
    raise Refused(f"{found.reason}{asked}")


def by_person(items: Sequence[Item]) -> dict[str, list[Item]]:
    """The items of each person, in order; people in the order in which they first appear."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.staff_number, []).append(item)
    return found


def in_chunks(items: Sequence[Item], people: int) -> Iterator[list[Item]]:
    """The items of so many people at a time."""
    grouped = list(by_person(items).values())
    for start in range(0, len(grouped), people):
        yield [item for of_person in grouped[start : start + people] for item in of_person]
