"""What the drafts and the record are asked when a version of a list of staff is prepared, or when
the lists are compared with the record."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import cast

from pydantic import Field

from transfer.commands.acts.doing import Came, Doing, one
from transfer.commands.acts.given import MOST_PEOPLE, ActGiven, Words
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.effective_dating import Entries
from transfer.core.employed import employers_on
from transfer.core.refusals import NotOnRecord, Refused
from transfer.core.words import Facet, StaffNumber
from transfer.procedures.exercise.participation import Participation
from transfer.procedures.staff_list.decisions import lists_of, sees
from transfer.procedures.staff_list.facts import StaffListBegun
from transfer.rulebooks import Rulebook
from transfer.rulebooks.in_force import BindingRules


class StaffListPrepare(ActGiven):
    """Prepares a version from the drafts as they stand: of the list that is named, or of each that
    needs another one. A list needs one if it has none, if its draft differs from the last, or if
    the last was made and is in force only after the transfer. The record says who is on which
    draft."""

    transferee: Words | None = Field(None, examples=["London CRC"])


class StaffListCompareRecords(ActGiven):
    """Compares the last version of each list with what the record says: who employs people on the
    cut-off day, and where the exercise takes them. Everybody is looked at who is on a draft or in
    the exercise, and those named besides. What differs is to be settled."""

    staff_numbers: tuple[StaffNumber, ...] = Field(
        (), max_length=MOST_PEOPLE, examples=[["S10442"]]
    )


def prepare(doing: Doing, body: StaffListPrepare) -> Came:
    """Draw a version from the drafts."""
    worlds, loaded = doing.tools.worlds, Loaded()
    states = worlds.states(loaded, doing.matter, worlds.people_with(doing.matter))
    people = {number: on for number, state in states if (on := sees(state)) is not None}
    inputs: dict[str, object] = {"people": dict(sorted(people.items()))}
    if body.transferee is not None:
        inputs["transferee"] = body.transferee
    return one(doing, "prepare", None, inputs)


def compare_records(doing: Doing, body: StaffListCompareRecords) -> Came:
    """Compare the lists with the record of the cut-off day."""
    worlds = doing.tools.worlds
    found = lists_of(doing.tools.matters.state(doing.matter))
    if found.begun is None:
        raise NotOnRecord(f"{doing.matter} has not begun")
    own = dict(_in_exercise(doing, found.begun))
    numbers = {*own, *worlds.people_with(doing.matter), *body.staff_numbers}
    rules = _rules_of_exercise(doing, found.begun)
    rows = []
    for number, record in sorted(worlds.records(Loaded(), numbers).items()):
        said = {
            "staff_number": number,
            "employer": _employer(record.entries, found.begun.transferor, found.cut_off_on),
        }
        if number in own and rules is not None:
            goes_to = _employer_after(rules.rulebook, own[number], record.evidence)
            said |= {"goes_to": goes_to, "stays_because": _stays(own[number])}
        rows.append(said)
    return one(doing, "compare-records", None, {"found": rows})


def _employer(entries: Entries, transferor: str, on: date) -> str:
    """The transferor, where it is one of those who employ somebody; else who does (empty: nobody),
    the first by name."""
    found = sorted(employers_on(entries, on))
    theirs = [each for each in found if each.casefold() == transferor.casefold()]
    return next(iter((*theirs, *found)), "")


def _rules_of_exercise(doing: Doing, begun: StaffListBegun) -> BindingRules | None:
    if begun.against is None:
        return None
    return cast(BindingRules, doing.tools.worlds.rules_of(Loaded(), begun.against))


def _in_exercise(doing: Doing, begun: StaffListBegun) -> Iterator[tuple[str, Participation]]:
    """The people of the exercise whose employer the lists are of."""
    if begun.against is None:
        return
    everybody = doing.tools.worlds.people(Loaded(), begun.against)
    exercise = begun.against.partition(":")[2]
    for number, own in doing.tools.exercises.participations(exercise, everybody):
        if own.transferor is None or own.transferor.casefold() == begun.transferor.casefold():
            yield number, own


def _employer_after(book: Rulebook, own: Participation, evidence: Mapping[str, str]) -> str:
    """Who employs somebody once the exercise has moved them; empty: that is not decided."""
    if own.destination is None:
        return ""
    transferor = book.transferor(own.transferor)
    try:
        changes = {} if transferor is None else book.changes(own.destination, transferor, evidence)
    except Refused:
        changes = {}
    return changes.get(Facet.EMPLOYER) or book.transferees[own.destination].name


def _stays(own: Participation) -> str:
    """Why the exercise does not take somebody over; empty: it does."""
    if own.objection is not None:
        return f"objected on {own.objection.happened_on}"
    if own.ending is not None:
        return own.ending.reason
    return "" if own.passed_by is None else own.passed_by.reason
