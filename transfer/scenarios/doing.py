"""Acts as a scenario's file says them, done as the API takes them.

An act of a procedure is one that is offered (`transfer.commands.acts`), with its body. What a file
cannot say in that way has a row in `OF_A_SCENARIO`: to settle a decision, which the API names by an
id, and entries on somebody's record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from transfer.commands import documents, record
from transfer.commands.acts.doing import Came, Tools
from transfer.commands.acts.doing import Doing as OfAct
from transfer.commands.acts.given import BEGIN
from transfer.commands.acts.offered import Offered, matter_of, offered
from transfer.commands.grounds import require
from transfer.commands.matter_worlds import Loaded
from transfer.commands.matters import Asking
from transfer.commands.office import Act, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.documents import Described
from transfer.core.editions.values import Value, as_written, print_value
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import (
    Annulment,
    Change,
    Correction,
    Leaving,
    NewEntry,
    TermSet,
)
from transfer.core.refusals import Malformed, Refused
from transfer.core.streams import staff_stream
from transfer.core.words import AssertionRef, Basis, Facet, Frozen
from transfer.kinds import KNOWN
from transfer.rulebooks import Rulebook, SuppliedValue
from transfer.rulebooks.in_force import BindingRules, binding
from transfer.scenarios.file import OFFICE, SECOND, ActDone, GivenValue, ScenarioFile, listed

RECORD = "record"
"""The kind of an act on somebody's own record."""

ANY = ""
"""Any kind of procedure."""

REGISTRATION = "registration"
"""How a correction names the entry that began the record."""

ROLES = frozenset({"admin", "panel", "staff"})
"""Whoever acts in a scenario may do what any of them may."""

OFFERED: Mapping[tuple[str, str], Offered] = {
    (each.kind, each.name): each for each in offered(KNOWN.kinds) if each.writes
}

_NOON = timedelta(hours=12)
_FACETS = frozenset(facet.value for facet in Facet)
RestsOn = Annotated[tuple[AssertionRef, ...], BeforeValidator(listed)]
"""Assertions of one side that an entry rests on: one, or several."""

_OF_THE_SECOND = frozenset({"approve", "decline", t.SETTLE})
_MOST_SETTLED = 50


# --- what acts need that are a scenario's own -----------------------------------------------------


class Settled(Frozen):
    """What becomes of every decision of that step which is to be settled."""

    step: str
    decided_on: date | None = None
    decision: Settlement
    reason: str


class Changed(Frozen):
    """A change of the record. An empty text ends a facet."""

    effective_from: date
    effective_to: date | None = None
    changes: dict[Facet, str]
    reason: str
    rests_on: RestsOn = ()


class Granted(Frozen):
    """A term that somebody has from then on. An empty text ends it."""

    term: str
    value: str
    effective_from: date
    effective_to: date | None = None
    reason: str
    rests_on: RestsOn = ()


class Corrected(Frozen):
    """What takes the place of an entry: `registration`, or the `entry` that an act was called. What
    is not named stays."""

    of: str
    effective_from: date | None = None
    effective_to: date | None = None
    changes: dict[Facet, str] = Field(default_factory=dict)
    reason: str
    rests_on: RestsOn = ()


class Annulled(Frozen):
    """An entry that has no effect any more."""

    of: str
    reason: str


class Left(Frozen):
    """Somebody left: from that day nobody employs them."""

    effective_from: date
    reason: str


# --- doing ----------------------------------------------------------------------------------------


@dataclass
class Doing:
    """Does the acts of one scenario on one office, each at noon of its day."""

    tools: Tools
    scenario: ScenarioFile
    book: Rulebook
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    called: dict[tuple[str, str], UUID] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the exercise: that of its edition."""
        return self.book.edition

    def do(self, done: ActDone) -> bool:
        """Do an act; `False` where it was done already. Raises what refuses it."""
        own = own_act(done.kind, done.act)
        if own is not None:
            return own.do(self, done, own.needs.model_validate(done.fields))
        act = OFFERED[done.kind, done.act]
        body = act.body.model_validate(given_with(act, done, self.scenario, self.book))
        matter = matter_of(act, body, self.id(done))
        came = act.do(
            OfAct(self.tools, self.act(done), self.asking(done), matter, body, assumes=True), body
        )
        return _wrote(came)

    def id(self, done: ActDone) -> str:
        """The id of the procedure that is meant."""
        return matter_named(self.tools, self.name, done.kind, done.id, done.staff_number)[1]

    def act(self, done: ActDone) -> Act:
        """Who acts, at noon of the day on which it is entered."""
        number = str(next(self.numbers))
        noon = start_of_day_london(done.entered_on) + _NOON
        return Act(self.by(done), key_id("scenario", number), at=noon, request=number)

    def asking(self, done: ActDone) -> Asking:
        """Somebody who may do everything."""
        return Asking(self.by(done), done.entered_on, ROLES)

    @staticmethod
    def by(done: ActDone) -> str:
        """Who does it."""
        return done.by or (SECOND if done.act in _OF_THE_SECOND else OFFICE)

    def rules(self) -> BindingRules:
        """The edition with the values that the file gives; `Refused` with all that are missing."""
        supplied: dict[str, SuppliedValue] = {}
        suggested = self.scenario.assume is not None
        assumed: dict[str, Value] = dict(self.book.suggested()) if suggested else {}
        for key, given in self.scenario.values.items():
            if given.value is not None and given.document is not None:
                value = value_of(self.book, key, given.value)
                supplied[key] = SuppliedValue(
                    value=value, document=given.document, overriding=given.overriding
                )
                assumed.pop(key, None)
            elif given.assumed is not None:
                assumed[key] = value_of(self.book, key, given.assumed)
        return binding(self.book.with_values(supplied, assumed))

    def entry(self, person: str, of: str) -> UUID:
        """The entry that a file names. Raises `Malformed` where there is none."""
        if of == REGISTRATION:
            return self.tools.office.log.read(staff_stream(person))[0].event_id
        if (person, of) not in self.called:
            raise Malformed(f"no entry of {person} is called {of}", field="of")
        return self.called[person, of]

    def enter(self, done: ActDone, entry: NewEntry) -> bool:
        """Put an entry on somebody's record."""
        person = self.person(done)
        made = record.enter(self.tools.office, self.act(done), person, entry)
        if done.entry is not None:
            self.called[person, done.entry] = made.event_id
        return True

    @staticmethod
    def person(done: ActDone) -> str:
        """Whom an act is about; raises `Malformed`."""
        if done.staff_number is None:
            whom = "done for one person: say for whom"
            raise Malformed(f"{done.act} is {whom}", field="staff_number")
        return done.staff_number


def _wrote(came: Came) -> bool:
    for refusal in came.refused.values():
        raise refusal
    if came.waits_for:
        raise Refused(came.waits_for)
    return bool(came.receipts)


def given_with(
    act: Offered, done: ActDone, file: ScenarioFile, book: Rulebook
) -> dict[str, object]:
    """The body of an act: its fields and days, for whom it is, and of a beginning what the file
    says elsewhere."""
    fields = act.body.model_fields
    days = {"happened_on": done.happened_on, "learned_on": done.learned_on}
    people = {"staff_number": done.staff_number, "staff_numbers": done.staff_numbers}
    # Whose appeal it is, is said by the appeal.
    given: dict[str, object] = {**days, **({} if act.of_person else people)}
    if act.name == BEGIN:
        of_file: dict[str, object] = {
            "rulebook": book.edition,
            "exercise": book.edition,
            "values": _values(file, book),
            "assume": file.assume,
        }
        if done.fields.get("rulebook", book.edition) != book.edition:
            del of_file["values"]  # they are of the edition that the file names
        if done.id is not None and "id" in fields:
            given["id"] = done.id
        if "rulebook" in fields and not fields["rulebook"].is_required():
            del of_file["rulebook"]  # it only says which rule it is about
        given |= {name: value for name, value in of_file.items() if name in fields}
    return {name: value for name, value in given.items() if value is not None} | dict(done.fields)


def _values(file: ScenarioFile, book: Rulebook) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for key, given in file.values.items():
        value = given.value if given.value is not None else given.assumed
        if value is not None:
            clause, _, transferor = key.partition("@")
            said = {
                "clause": clause,
                "value": print_value(value_of(book, key, value)),
                "document": given.document,
                "transferor": transferor or None,
                "overriding": given.overriding,
            }
            found.append({name: each for name, each in said.items() if each is not None})
    return found


def value_of(book: Rulebook, key: str, given: GivenValue) -> Value:
    """A value as an edition's own file may write it: `10 working days`."""
    clause = book.by_id.get(key.partition("@")[0])
    if clause is None or clause.value_type is None:
        return given
    return cast("Value", as_written(given, clause.value_type))


def matter_named(
    tools: Tools, name: str, kind: str, id_: str | None, staff_number: str | None
) -> tuple[str, str]:
    """The matter that is meant, and its id: that of the exercise's name, or somebody's last one of
    a kind that lies with a person."""
    declared = KNOWN.kind(f"{kind}:")
    of_person = declared is not None and declared.lies_with_person
    if id_ is None and staff_number is not None and of_person:
        begun = tools.worlds.matters_of(kind, staff_number)
        last = max((matter for matter, _ in begun), key=_which_of_theirs, default=None)
        if last is not None:
            return last, last.partition(":")[2]
    return f"{kind}:{id_ or name}", id_ or name


def _which_of_theirs(matter: str) -> int:
    """Which of somebody's matters of its kind it is: `appeal:tr-2013.S1.2` is the second."""
    number = matter.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


def in_json(value: Any) -> Any:
    """A value of a file, or an answer, as JSON has it."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case list() | tuple():
            return [in_json(each) for each in value]
        case dict():
            return {name: in_json(each) for name, each in value.items()}
        case _:
            return value


# --- settling -------------------------------------------------------------------------------------


def _settle(doing: Doing, done: ActDone, needs: Settled) -> bool:
    """Settle one after the other: what follows from one may end another."""
    matters = doing.tools.matters
    matter, _ = matter_named(doing.tools, doing.name, done.kind, done.id, done.staff_number)
    settled = set[UUID]()
    while len(settled) < _MOST_SETTLED:
        open_ = [
            (decision, duty)
            for decision, duty in matters.duties(matter, done.staff_number).items()
            if duty.step == needs.step
            and needs.decided_on in (None, duty.decided_on)
            and decision not in settled
        ]
        if not open_:
            break
        decision, duty = min(open_, key=lambda each: (each[1].decided_on, each[0]))
        matters.settle(
            doing.act(done),
            doing.asking(done),
            duty.matter,
            decision,
            needs.decision,
            reason=needs.reason,
            person=done.staff_number,
        )
        settled.add(decision)
    if not settled:
        raise Refused(f"no {needs.step} is to be settled")
    return True


# --- entries of the record ------------------------------------------------------------------------


def _facets(changes: Mapping[Facet, str]) -> dict[Facet, str | None]:
    return {facet: value or None for facet, value in changes.items()}


def _change(doing: Doing, done: ActDone, needs: Changed) -> bool:
    return doing.enter(
        done,
        Change(
            effective_from=needs.effective_from,
            effective_to=needs.effective_to,
            changes=_facets(needs.changes),
            reason=needs.reason,
            basis=_resting(doing, needs.rests_on),
        ),
    )


def _grant(doing: Doing, done: ActDone, needs: Granted) -> bool:
    return doing.enter(
        done,
        TermSet(
            term=needs.term,
            value=needs.value or None,
            effective_from=needs.effective_from,
            effective_to=needs.effective_to,
            reason=needs.reason,
            basis=_resting(doing, needs.rests_on),
        ),
    )


def _resting(doing: Doing, refs: RestsOn) -> Basis | None:
    require(doing.tools.worlds, Loaded(), refs)
    return Basis(assertions=refs) if refs else None


def _correct(doing: Doing, done: ActDone, needs: Corrected) -> bool:
    person = doing.person(done)
    of = doing.entry(person, needs.of)
    held = doing.tools.office.person(person).entries.entry(of)
    if held is None or not held.content:
        raise Malformed(f"{needs.of} states no dated value", field="of")
    before = {
        Facet(piece.key.name): piece.value for piece in held.content if piece.key.name in _FACETS
    }
    return doing.enter(
        done,
        Correction(
            of=of,
            effective_from=needs.effective_from or held.content[0].effective_from,
            effective_to=needs.effective_to,
            changes=before | _facets(needs.changes),
            reason=needs.reason,
            basis=_resting(doing, needs.rests_on),
        ),
    )


def _annul(doing: Doing, done: ActDone, needs: Annulled) -> bool:
    of = doing.entry(doing.person(done), needs.of)
    return doing.enter(done, Annulment(of=of, reason=needs.reason))


def _leave(doing: Doing, done: ActDone, needs: Left) -> bool:
    return doing.enter(done, Leaving(effective_from=needs.effective_from, reason=needs.reason))


class Registered(Frozen):
    """A document is put into the register, under the next number: D000001, D000002, …"""

    title: str
    issuer: str = "the office"


def _register(doing: Doing, done: ActDone, needs: Registered) -> bool:
    said = Described(title=needs.title, issuer=needs.issuer, dated_on=done.happened_on)
    documents.register(doing.tools.office, doing.act(done), said, done.entered_on)
    return True


# --- the table ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnAct:
    """An act that is a scenario's own: what it needs, and how it is done."""

    needs: type[BaseModel]
    do: Callable[[Doing, ActDone, Any], bool]
    of_person: bool = True


OF_A_SCENARIO: Mapping[tuple[str, str], OwnAct] = {
    (ANY, t.SETTLE): OwnAct(Settled, _settle, of_person=False),
    (RECORD, "change"): OwnAct(Changed, _change),
    (RECORD, "grant"): OwnAct(Granted, _grant),
    (RECORD, "correct"): OwnAct(Corrected, _correct),
    (RECORD, "annul"): OwnAct(Annulled, _annul),
    (RECORD, "leave"): OwnAct(Left, _leave),
    (RECORD, "register-document"): OwnAct(Registered, _register, of_person=False),
}


def own_act(kind: str, act: str) -> OwnAct | None:
    """The act of that name that is a scenario's own."""
    return OF_A_SCENARIO.get((kind, act)) or OF_A_SCENARIO.get((ANY, act))


def names_of_acts(kind: str) -> list[str]:
    """The acts that can be written of a kind."""
    own = [act for of, act in OF_A_SCENARIO if of == kind or (of == ANY and kind != RECORD)]
    return [*(act for of, act in OFFERED if of == kind), *own]
