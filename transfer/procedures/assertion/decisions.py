"""One contested fact: what is on record of it, and what may follow.

    asserted ─► disputed ─► clarified
       │  └────────┴────────────┴───► superseded by another assertion
       └────────────────────────────► withdrawn by its party

Assertions stand side by side: none takes another's place unless somebody says so. One that was
superseded or withdrawn holds no more, and what was decided by it is to be settled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.no_edition import NONE
from transfer.core.matter.words import MatterName, Whom
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.texts import KEPT_APART
from transfer.core.words import Frozen, StaffNumber
from transfer.procedures.assertion import facts as f


class Status(StrEnum):
    """How an assertion stands."""

    ASSERTED = "asserted"
    DISPUTED = "disputed"
    CLARIFIED = "clarified"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


HOLDS_NO_MORE = frozenset({Status.SUPERSEDED, Status.WITHDRAWN})


class ValueKind(StrEnum):
    """What the value of an assertion is."""

    DATE = "date"
    AMOUNT = "amount"
    TEXT = "text"


def kind_of_value(value: str) -> ValueKind | None:
    """Whether a value is a day, an amount or a text; `None` where there is none."""
    if not value:
        return None
    try:
        date.fromisoformat(value)
    except ValueError:
        pass
    else:
        return ValueKind.DATE
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return ValueKind.TEXT
    return ValueKind.AMOUNT if amount.is_finite() else ValueKind.TEXT


@dataclass(slots=True)
class Asserted:
    """One assertion, and what became of it. `since` is the day from which it has its status."""

    made: f.AssertionMade
    status: Status
    since: date
    disputed: dict[str, f.AssertionDisputed] = field(default_factory=dict)
    """Who disputes it, by party."""
    clarified: f.AssertionClarified | None = None
    superseded_by: str = ""
    relied_on: list[f.AssertionReliedOn] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether something new may rest on it."""
        return self.status not in HOLDS_NO_MORE

    def becomes(self, status: Status, on: date) -> None:
        """Take another status from a day on."""
        self.status, self.since = status, on


@dataclass(slots=True)
class Contest:
    """What is on record of one contested fact."""

    contested: f.FactContested | None = None
    assertions: dict[str, Asserted] = field(default_factory=dict)

    @property
    def people(self) -> tuple[str, ...]:
        """Whom it is about."""
        return () if self.contested is None else self.contested.people

    @property
    def bodies(self) -> tuple[str, ...]:
        """The unions that take part in it, or say something about it. One that is about somebody's
        record is for their representative to read, and not for everybody who acts for the union."""
        if self.people:
            return ()
        found = dict.fromkeys(() if self.contested is None else self.contested.unions)
        for each in self.assertions.values():
            said = [(each.made.party, each.made.side)]
            said += [(dispute.party, dispute.side) for dispute in each.disputed.values()]
            found |= dict.fromkeys(party for party, side in said if side is f.PartySide.UNION)
        return tuple(found)

    @property
    def is_contested(self) -> bool:
        """Whether two assertions hold that are not the same, or one is disputed."""
        hold = [each for each in self.assertions.values() if each.holds]
        said = {each.made.value or each.made.statement for each in hold}
        return len(said) > 1 or any(each.status is Status.DISPUTED for each in hold)

    @property
    def is_over(self) -> bool:
        """Whether it was contested, and is no more."""
        settled = {Status.CLARIFIED, *HOLDS_NO_MORE}
        became = any(each.status in settled for each in self.assertions.values())
        return became and not self.is_contested

    def fallen(self) -> Mapping[str, str]:
        """The assertions that hold no more, by name, and why."""
        return {
            name: f"was {each.status} on {each.since}"
            + (f" by {each.superseded_by}" if each.superseded_by else "")
            for name, each in self.assertions.items()
            if not each.holds
        }

    def resting(self, name: str) -> tuple[Whom, ...]:
        """What rests on an assertion: people in procedures, and procedures as a whole."""
        found = self.assertions.get(name)
        return tuple(
            dict.fromkeys(
                Whom(each.procedure, None, person)
                for each in (() if found is None else found.relied_on)
                for person in (each.people or (None,))
            )
        )


def evolve(contest: Contest, fact: t.MatterFact) -> None:
    """Fold one fact into the contested fact; total, and never judges."""
    match fact:
        case f.FactContested():
            contest.contested = fact
        case f.AssertionMade():
            contest.assertions.setdefault(
                fact.assertion, Asserted(fact, Status.ASSERTED, fact.happened_on)
            )
        case f.AssertionDisputed() if found := contest.assertions.get(fact.assertion):
            found.disputed[fact.party] = fact
            if found.holds:
                found.becomes(Status.DISPUTED, fact.happened_on)
        case f.AssertionClarified() if found := contest.assertions.get(fact.assertion):
            found.clarified = fact
            found.disputed.clear()
            if found.holds:
                found.becomes(Status.CLARIFIED, fact.happened_on)
        case f.AssertionSuperseded() if found := contest.assertions.get(fact.assertion):
            found.superseded_by = fact.superseded_by
            found.becomes(Status.SUPERSEDED, fact.happened_on)
        case f.AssertionWithdrawn() if found := contest.assertions.get(fact.assertion):
            found.becomes(Status.WITHDRAWN, fact.happened_on)
        case f.AssertionReliedOn() if found := contest.assertions.get(fact.assertion):
            found.relied_on.append(fact)
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
"""What a party says, in a sentence or a few."""

PartyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
"""An organisation by its name, or a member of staff by staff number; never a person's name."""


def as_text(value: object) -> object:
    """A day or an amount as a value has it."""
    return str(value) if isinstance(value, date | Decimal | int | float) else value


ValueSaid = Annotated[str, BeforeValidator(as_text), StringConstraints(max_length=500)]
"""A day as `2019-07-04`, an amount as `150.00`, or a short text."""


class Contesting(Frozen):
    """Which question is contested, and what it concerns: people by staff number, a procedure by its
    name (`exercise:tr-2013`), a clause, of a rulebook where an edition has it. `unions` take part:
    their representatives may read it and say what their union asserts, unless it is about people.
    """

    question: Said
    people: tuple[StaffNumber, ...] = ()
    procedure: MatterName | None = None
    rulebook: str | None = None
    clause: str | None = None
    unions: tuple[PartyName, ...] = ()


class ByParty(Frozen):
    """Who says it: an organisation (`party`) and its `side`, or a member of staff by their
    `staff_number`, whose side is `staff`."""

    party: PartyName | None = None
    side: f.PartySide | None = None
    staff_number: StaffNumber | None = None


class Asserting(ByParty):
    """What a party says of the question: its `statement`, and the `value` that it comes to.

    `assertion` is what it is called from now on (`unions`); left out, it gets the next number.
    """

    assertion: f.AssertionName | None = None
    statement: Said
    value: ValueSaid = ""


class Disputing(ByParty):
    """Which assertion a party does not accept, and why."""

    assertion: f.AssertionName
    statement: Said | Literal[""] = ""


class Clarifying(Frozen):
    """Which assertion is to be understood how (`statement`)."""

    assertion: f.AssertionName
    statement: Said


class Superseding(Frozen):
    """Which assertion holds no more because another one (`superseded_by`) takes its place."""

    assertion: f.AssertionName
    superseded_by: f.AssertionName


class Withdrawing(ByParty):
    """Which assertion its party makes no more."""

    assertion: f.AssertionName


class Relying(Frozen):
    """What rests on an assertion: an act of a procedure, for these people or as a whole."""

    assertion: f.AssertionName
    procedure: MatterName
    act: str
    people: tuple[StaffNumber, ...] = Field(())


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Contesting) -> tuple[t.MatterFact, ...]:
    """Put on record that something is contested."""
    if _contest(case).contested is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    return (
        f.FactContested(
            **case.stamp(),
            edition=NONE,
            digest=NONE,
            calendar=NONE,
            question=needs.question,
            people=tuple(dict.fromkeys(needs.people)),
            procedure=needs.procedure,
            rulebook=needs.rulebook,
            clause=needs.clause,
            unions=tuple(dict.fromkeys(needs.unions)),
        ),
    )


def assert_(case: Case, needs: Asserting) -> tuple[t.MatterFact, ...]:
    """Put what a party says beside what the others say. Raises `Refused` where something else is
    called so already."""
    contest = _begun(case)
    party, side = _party(needs)
    _require_no_words_of_staff(side, needs.value)
    name = needs.assertion or next_name(contest)
    found = contest.assertions.get(name)
    if found is not None:
        said = (found.made.party, found.made.side, found.made.statement, found.made.value)
        is_so = said == (party, side, needs.statement, needs.value)
        if is_so and needs.statement != KEPT_APART:
            return ()
        raise Refused(
            f"{name} is what {found.made.party} asserted on {found.made.happened_on}: give this "
            "one another name"
        )
    return (
        f.AssertionMade(
            **case.stamp(),
            assertion=name,
            party=party,
            side=side,
            statement=needs.statement,
            value=needs.value,
        ),
    )


def dispute(case: Case, needs: Disputing) -> tuple[t.MatterFact, ...]:
    """Put on record that a party does not accept an assertion. Raises `Refused` where it is that
    party's own, or holds no more."""
    found = _holding(case, needs.assertion)
    party, side = _party(needs)
    if party == found.made.party:
        raise Refused(f"{party} asserts it: withdraw it instead")
    if party in found.disputed:
        return ()
    return (
        f.AssertionDisputed(
            **case.stamp(),
            assertion=needs.assertion,
            party=party,
            side=side,
            statement=needs.statement,
        ),
    )


def clarify(case: Case, needs: Clarifying) -> tuple[t.MatterFact, ...]:
    """Say how an assertion is to be understood. Raises `Refused` where it holds no more."""
    found = _holding(case, needs.assertion)
    clarified = found.clarified
    is_so = clarified is not None and clarified.statement == needs.statement
    if is_so and found.status is Status.CLARIFIED:
        return ()
    return (
        f.AssertionClarified(**case.stamp(), assertion=needs.assertion, statement=needs.statement),
    )


def supersede(case: Case, needs: Superseding) -> tuple[t.MatterFact, ...]:
    """Let another assertion take the place of one. Raises `Refused` where either holds no more."""
    found = _asserted(case, needs.assertion)
    if found.status is Status.SUPERSEDED and found.superseded_by == needs.superseded_by:
        return ()
    if needs.assertion == needs.superseded_by:
        raise Refused("an assertion does not take its own place")
    _holding(case, needs.assertion)
    _holding(case, needs.superseded_by)
    return (
        f.AssertionSuperseded(
            **case.stamp(), assertion=needs.assertion, superseded_by=needs.superseded_by
        ),
    )


def withdraw(case: Case, needs: Withdrawing) -> tuple[t.MatterFact, ...]:
    """Take an assertion back. Raises `Refused` where it is another party's."""
    found = _asserted(case, needs.assertion)
    party = needs.staff_number or needs.party
    if party is not None and party != found.made.party:
        raise Refused(f"{found.made.party} asserts it: {party} cannot withdraw it")
    if found.status is Status.WITHDRAWN:
        return ()
    _holding(case, needs.assertion)
    return (f.AssertionWithdrawn(**case.stamp(), assertion=needs.assertion),)


def rely_on(case: Case, needs: Relying) -> tuple[t.MatterFact, ...]:
    """Note what rests on an assertion, however it stands by then: what was decided is decided."""
    return (
        f.AssertionReliedOn(
            **case.stamp(),
            assertion=needs.assertion,
            procedure=needs.procedure,
            act=needs.act,
            people=needs.people,
        ),
    )


# --- what they read ------------------------------------------------------------------------------


def contest_of(substance: object) -> Contest:
    """What is on record of a contested fact, as the engine keeps it."""
    if not isinstance(substance, Contest):
        raise TypeError(f"not a contested fact: {type(substance).__name__}")
    return substance


def _contest(case: Case) -> Contest:
    return contest_of(case.state.whole.substance)


def _begun(case: Case) -> Contest:
    contest = _contest(case)
    if contest.contested is None:
        raise Refused(f"nothing was contested yet on {case.on}")
    return contest


def _asserted(case: Case, name: str) -> Asserted:
    contest = _begun(case)
    found = contest.assertions.get(name)
    if found is None:
        known = ", ".join(contest.assertions) or "none"
        raise Refused(f"by {case.on} nobody had asserted {name}: there are {known}")
    return found


def _holding(case: Case, name: str) -> Asserted:
    found = _asserted(case, name)
    if not found.holds:
        raise Refused(f"{name} {_contest(case).fallen()[name]}")
    return found


def _party(needs: ByParty) -> tuple[str, f.PartySide]:
    """Who says it, and on which side. Raises `Refused` unless it is one party with its side."""
    if (needs.party is None) == (needs.staff_number is None):
        raise Refused(
            "say who says it: an organisation (party) or a member of staff (staff_number)"
        )
    if needs.staff_number is not None:
        if needs.side not in (None, f.PartySide.STAFF):
            raise Refused("a member of staff is on the side staff")
        return needs.staff_number, f.PartySide.STAFF
    if needs.side in (None, f.PartySide.STAFF):
        raise Refused("say on which side the organisation is: employer, union, ministry or other")
    return needs.party or "", needs.side or f.PartySide.OTHER


def _require_no_words_of_staff(side: f.PartySide, value: str) -> None:
    if side is f.PartySide.STAFF and kind_of_value(value) is ValueKind.TEXT:
        raise Refused(
            "of a member of staff the value is a day or an amount: their words go into the "
            "statement, which is kept apart"
        )


def next_name(contest: Contest) -> str:
    """What the next assertion is called, unless it is given a name: the first number that is no
    other's."""
    number = len(contest.assertions) + 1
    while str(number) in contest.assertions:
        number += 1
    return str(number)
