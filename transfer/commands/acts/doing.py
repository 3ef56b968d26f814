"""One act that somebody asks for: how most are done, and what came of it.

Most acts are one decision of the declaration, for the whole matter, for one person, or for each of
many. What takes more (to open an exercise, to set its scope) says so beside its kind; it goes
through the same `Doing` and answers the same `Came`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from transfer.commands.acts.given import ActGiven, ForPerson, inputs_of, people_of
from transfer.commands.due_steps import DueSteps
from transfer.commands.exercises import Exercises
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.matters import Asking, Matters
from transfer.commands.office import Act, Office
from transfer.core.matter import facts as t
from transfer.core.matter.kind import Act as Declared
from transfer.core.matter.words import Over
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.core.streams import take_apart
from transfer.log.envelope import Receipt

Progress = Callable[[int, int], None]
"""Told how many of how many people are done."""


def unheard(_done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What acts are done with: the commands over one office."""

    office: Office
    worlds: Worlds

    @property
    def matters(self) -> Matters:
        """The acts of every kind of procedure."""
        return Matters(self.office, self.worlds)

    @property
    def exercises(self) -> Exercises:
        """What takes more than one act in an exercise."""
        return Exercises(self.office, self.matters, self.worlds)

    def due(self, heard: Callable[[Receipt], None]) -> DueSteps:
        """The steps of every kind of procedure; `heard` is told what each append wrote."""
        return DueSteps(self.office, self.worlds, heard)


@dataclass(frozen=True, slots=True)
class Doing:
    """An act of a matter (`exercise:tr-2013`) that somebody asks for.

    `assumes`: values may be assumed, because the record is a rehearsed or practised one.
    """

    tools: Tools
    act: Act
    asking: Asking
    matter: str
    body: ActGiven
    assumes: bool = False
    progress: Progress = unheard

    @property
    def happened_on(self) -> date | None:
        """The day on which it happened; `None`: today."""
        return self.body.happened_on

    def because(self) -> Asking:
        """Who asks, with the reason, the document and the assertions that they gave."""
        return replace(
            self.asking,
            reason=self.body.reason or "",
            document=self.body.document or "",
            rests_on=self.body.rests_on,
        )

    @property
    def id(self) -> str:
        """The id of the matter within its kind."""
        return self.matter.partition(":")[2]


@dataclass(slots=True)
class Came:
    """What an act came to.

    `receipts` are those of what it wrote, in order; none where it was done already. `refused` are
    the people whom the rules refused, `waits_for` what it waits for where it has to be approved,
    `says` what else there is to say, by name.
    """

    matter: str
    receipts: list[Receipt] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    waits_for: str = ""
    says: dict[str, object] = field(default_factory=dict)

    def take(self, receipt: Receipt | None) -> "Came":
        """Note what one command wrote."""
        if receipt is not None:
            self.receipts.append(receipt)
        return self


Do = Callable[[Doing, Any], Came]
"""Does an act, given what was asked and its body, which is of the act's own model."""


def as_declared(declared: Declared[Any]) -> Do:
    """How an act is done that is one decision of its declaration."""

    def do(doing: Doing, body: ActGiven) -> Came:
        inputs = inputs_of(body, declared.asked)
        if declared.over is Over.MATTER and not declared.or_person:
            return one(doing, declared.name, None, inputs)
        people = whom(doing, needed=declared.over is Over.PERSON)
        if people is None:
            return one(doing, declared.name, None, inputs)
        return each(doing, declared.name, dict.fromkeys(people, inputs))

    return do


def one(
    doing: Doing, what: str, person: str | None, inputs: Mapping[str, object], about: str = ""
) -> Came:
    """Do an act once, for the whole matter or for one person."""
    receipt = doing.tools.matters.do(
        doing.act,
        doing.because(),
        doing.matter,
        what,
        person=person,
        happened_on=doing.body.happened_on,
        learned_on=doing.body.learned_on,
        about=about,
        inputs=inputs,
    )
    return settled_too(doing, [person], Came(doing.matter).take(receipt))


def each(doing: Doing, what: str, people: Mapping[str, Mapping[str, object]]) -> Came:
    """Do an act for each of these people, whose inputs they are; for one as for one alone."""
    if len(people) == 1:
        ((person, inputs),) = people.items()
        return one(doing, what, person, inputs)
    many = doing.tools.matters.do_over(
        doing.act,
        doing.because(),
        doing.matter,
        what,
        people,
        happened_on=doing.body.happened_on,
        learned_on=doing.body.learned_on,
        progress=doing.progress,
    )
    came = Came(doing.matter, [*many.receipts], {**many.refused})
    return settled_too(doing, people, came)


def settled_too(doing: Doing, people: Iterable[str | None], came: Came) -> Came:
    """Settle at once what the caller has said of it (`later`): of the people whom the act is for,
    of those on whose record it opened something, and of the matter as a whole."""
    left = dict(doing.body.later)
    written = (take_apart(name) for each in came.receipts for name, _, _ in each.events)
    others = (whose for of, whose in written if of == "staff")
    for person in dict.fromkeys([*people, *others, None]) if left else ():
        for decision, duty in duties_of(doing, person):
            how = left.pop(decision, None)
            if how is not None:
                came.take(
                    doing.tools.matters.settle(
                        doing.act.part("later", str(decision)),
                        doing.asking,
                        duty.matter,
                        decision,
                        how,
                        reason=doing.body.reason or "said with the act",
                        person=person,
                    )
                )
    if left:
        named = ", ".join(map(str, left))
        came.says["not_settled"] = f"nothing is to be settled about {named}"
    return came


def duties_of(doing: Doing, person: str | None) -> Iterator[tuple[UUID, t.DutyToSettleOpened]]:
    """What is to be settled of somebody, or of the whole matter."""
    yield from doing.tools.matters.duties(doing.matter, person).items()


def as_spelled(office: Office, body: ActGiven) -> ActGiven:
    """The same with the staff numbers that it names as the record spells them."""
    one = getattr(body, "staff_number", None)
    given = {name: getattr(body, name, None) for name in ("staff_numbers", "people")}
    # Where `people` says how many, it names nobody.
    lists = {name: many for name, many in given.items() if isinstance(many, tuple)}
    named = [*filter(None, [one]), *(each for many in lists.values() for each in many)]
    if not named:
        return body
    found = office.spellings(named)
    exact, by_case = set(found), {number.casefold(): number for number in found}

    def spelled(number: str) -> str:
        return number if number in exact else by_case.get(number.casefold(), number)

    update: dict[str, object] = {} if one is None else {"staff_number": spelled(one)}
    for name, many in lists.items():
        update[name] = tuple(map(spelled, many))
    return body.model_copy(update=update)


def whom(doing: Doing, *, needed: bool) -> tuple[str, ...] | None:
    """The people whom an act is for: those named, those selected, or whose matter it is.

    `None` where it is for the whole matter. Raises `Malformed` where somebody is `needed`.
    """
    owner = owner_of(doing.tools.worlds, doing.matter)
    if owner is not None:
        return (owner,)
    people = people_of(doing.body)
    body = doing.body
    if isinstance(body, ForPerson) and body.selection is not None:
        if people is not None:
            raise Malformed("name people or a selection, not both", field="selection")
        people = selected(doing, body)
    if people is None and needed:
        raise Malformed(
            "say for whom: staff_number, staff_numbers or selection", field="staff_number"
        )
    return people


def selected(doing: Doing, body: ForPerson) -> tuple[str, ...]:
    """The people of an exercise whom a selection means."""
    wanted = body.selection
    if wanted is None or not doing.matter.startswith("exercise:"):
        raise Malformed("only the people of an exercise can be selected", field="selection")
    loaded = Loaded()
    everybody = doing.tools.worlds.people(loaded, doing.matter)
    groups = doing.tools.exercises.plan(doing.id).groups
    if wanted.group is not None:
        if wanted.group not in groups:
            known = ", ".join(groups) or "none"
            raise Malformed(f"no group {wanted.group}: there are {known}", field="selection")
        everybody = tuple(sorted(groups[wanted.group].people))
    found = []
    for number, own in doing.tools.exercises.participations(doing.id, everybody):
        route = own.proposal and own.proposal.route
        if (
            wanted.route in (None, route)
            and wanted.destination in (None, own.destination)
            and wanted.transferor in (None, own.transferor)
        ):
            found.append(number)
    return tuple(found)


def owner_of(worlds: Worlds, matter: str) -> str | None:
    """Whose a matter is that lies on one person's stream; `None`: it has a stream of its own.

    Raises `NotOnRecord` where it has begun on neither.
    """
    if worlds.has_begun(matter):
        return None
    people = worlds.people_with(matter)
    if len(people) != 1:
        raise NotOnRecord(f"{matter} has not begun")
    return people[0]
