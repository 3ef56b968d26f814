"""What the record is asked when liability information is prepared, or compared with it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from pydantic import Field

from transfer.commands.acts.doing import Came, Doing, one
from transfer.commands.acts.given import MOST_PEOPLE, ActGiven, Words
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.instants import Day
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import StaffNumber
from transfer.procedures.liability_information.answers import compared_on
from transfer.procedures.liability_information.decisions import LiabilityMatter, matter_of
from transfer.procedures.liability_information.edition import LiabilityInformation
from transfer.procedures.liability_information.held import held_of
from transfer.rulebooks.in_force import BindingRules


class LiabilityInformationPrepare(ActGiven):
    """Prepares a draft from the record, as it is known by now: of the people of the exercise who go
    from the one employer to the other, or of those named. `as_at` is the day that it describes, the
    day of the act if left out. `documents` are the titles of those that go with it for everybody,
    beside those that are filed in the exercise."""

    as_at: Day | None = Field(None, examples=["2027-02-22"])
    staff_numbers: tuple[StaffNumber, ...] | None = Field(
        None, max_length=MOST_PEOPLE, examples=[["S10442"]]
    )
    documents: tuple[Words, ...] = Field((), examples=[["Written statements of particulars"]])


class LiabilityInformationCompareRecords(ActGiven):
    """Compares what was given of each person with what the record holds of them by now, on the day
    of the act or on the last day before the transfer. What differs is owed to the new employer."""


def prepare(doing: Doing, body: LiabilityInformationPrepare) -> Came:
    """Draw a draft from the record."""
    as_at = body.as_at or _day(doing)
    people = tuple(dict.fromkeys(body.staff_numbers or _movers(doing)))
    if not people:
        raise Malformed("nobody is known to move: say of whom", field="staff_numbers")
    documents = sorted({*_filed(doing), *body.documents})
    inputs: dict[str, object] = {
        "as_at": as_at,
        "found": _found(doing, people, as_at, documents),
        "documents": documents,
    }
    recorded_at = doing.tools.office.log.head().recorded_at
    if recorded_at is not None:
        inputs["known_at"] = recorded_at
    return one(doing, "prepare", None, inputs)


def compare_records(doing: Doing, _body: ActGiven) -> Came:
    """Compare what was given with the record."""
    found = _matter(doing)
    day = _day(doing)
    if found.transfer_on is not None:
        day = compared_on(day, found.transfer_on)
    people = found.given
    inputs = {"as_at": day, "found": _found(doing, people, day, ())}
    return one(doing, "compare-records", None, inputs)


def _day(doing: Doing) -> date:
    return doing.happened_on or doing.asking.today


def _matter(doing: Doing) -> LiabilityMatter:
    return matter_of(doing.tools.matters.state(doing.matter))


def _found(
    doing: Doing, people: Iterable[str], as_at: date, documents: Iterable[str]
) -> list[dict[str, object]]:
    begun = _matter(doing).begun
    if begun is None:
        raise NotOnRecord(f"{doing.matter} has not begun")
    loaded = Loaded()
    rules = cast(BindingRules, doing.tools.worlds.rules_of(loaded, doing.matter))
    duty, titles = rules.part(LiabilityInformation), frozenset(documents)
    records = doing.tools.worlds.records(loaded, people)
    held = (
        held_of(number, records[number].entries, duty, begun.transferor, as_at, titles)
        for number in sorted(records)
    )
    return [each.model_dump(mode="json", exclude_none=True) for each in held]


def _movers(doing: Doing) -> list[str]:
    """The people of the exercise who go from the one employer to the other."""
    begun = _matter(doing).begun
    if begun is None or begun.against is None:
        return []
    rules = cast(BindingRules, doing.tools.worlds.rules_of(Loaded(), begun.against))
    known = {each.id: each.name for each in rules.rulebook.transferees.values()}
    id_ = begun.against.partition(":")[2]
    everybody = doing.tools.worlds.people(Loaded(), begun.against)
    return [
        number
        for number, own in doing.tools.exercises.participations(id_, everybody)
        if own.objection is None
        and own.ending is None
        and own.passed_by is None
        and _is_same(own.transferor, begun.transferor)
        and _is_same(_named(known, own.destination), begun.transferee)
    ]


def _named(known: Mapping[str, str], destination: str | None) -> str | None:
    return None if destination is None else known.get(destination, destination)


def _is_same(one_: str | None, other: str) -> bool:
    return one_ is not None and one_.casefold() == other.casefold()


def _filed(doing: Doing) -> set[str]:
    """The titles of the documents on file in the exercise."""
    begun = _matter(doing).begun
    if begun is None or begun.against is None:
        return set()
    return doing.tools.exercises.plan(begun.against.partition(":")[2]).documents
