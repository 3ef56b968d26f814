"""What a rulebook is: one edition of the rules of one exercise, as its file says.

Once published it is never edited, a change is a new edition. A clause that no source gives a value
says so (`unknown_because`, `document_needed`). If it is `needed`, no exercise opens before somebody
supplies the value with its document, or a rehearsal assumes it: `Rulebook.with_values` makes the
terms that the rest of the program asks (`terms`).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, StringConstraints, model_validator

from transfer.core.dating.calendars import LATEST_EDITION, Calendar
from transfer.core.editions.parts import Clause, ClauseId, Part, Words, cited_in
from transfer.core.editions.values import ClauseValue, Value, ValueType
from transfer.core.refusals import Refused
from transfer.core.words import Facet, Mechanism, MilestoneRole, WindowKind
from transfer.rulebooks.conditions import Compiled, Kind, Names, Result, compile_condition
from transfer.rulebooks.kinds import ForKinds, is_absent
from transfer.rulebooks.organisations import Organisation, Register, make_register
from transfer.rulebooks.parties import (
    Evidence,
    EvidenceType,
    OrganisationKind,
    OrganisationRow,
    Parties,
    Scope,
    Transferee,
)
from transfer.rulebooks.procedure import (
    ChronicleEntry,
    Gate,
    Grant,
    Happening,
    Letter,
    Milestone,
    ObjectionPath,
    Obligation,
    Offer,
    OfferStanding,
    Path,
    PayScale,
    PublishedRate,
    RouteRule,
    Steps,
    WindowRule,
)
from transfer.rulebooks.supplying import SuppliedValue, resolve

if TYPE_CHECKING:
    from transfer.rulebooks.terms import TermsOfExercise

ENGLAND_AND_WALES = "england-and-wales"
"""The calendar of an edition that leaves it to the program which edition of it is the latest."""


EVIDENCE_KINDS: Mapping[EvidenceType, Kind] = {
    EvidenceType.WHOLE: Kind.WHOLE,
    EvidenceType.SHARE: Kind.DECIMAL,
    EvidenceType.DECIMAL: Kind.DECIMAL,
    EvidenceType.MONEY: Kind.DECIMAL,
    EvidenceType.FLAG: Kind.FLAG,
    EvidenceType.DATE: Kind.DATE,
    EvidenceType.TEXT: Kind.TEXT,
    EvidenceType.CHOICE: Kind.TEXT,
    EvidenceType.TRANSFEREE: Kind.TEXT,
    EvidenceType.TRANSFEROR: Kind.TEXT,
    EvidenceType.STAFF_NUMBER: Kind.TEXT,
}
"""What a condition takes a field of evidence for."""

VALUE_KINDS: Mapping[ValueType, Kind] = {
    ValueType.PERIOD: Kind.TEXT,
    ValueType.DATE: Kind.DATE,
    ValueType.DECIMAL: Kind.DECIMAL,
    ValueType.WHOLE: Kind.WHOLE,
    ValueType.FLAG: Kind.FLAG,
    ValueType.TEXT: Kind.TEXT,
    ValueType.TEXTS: Kind.TEXTS,
}
"""What a condition takes a clause's value for."""


class MechanismRule(Part):
    """What kind of move it is in law, and by which clause.

    `unread` is the clause of the instrument that would settle it, where nobody has read that.
    """

    is_: Mechanism = Field(alias="is")
    by: ClauseId
    unread: ClauseId | None = Field(default=None, exclude_if=is_absent)


class Under(Part):
    """Under which clause the acts are done that belong to no route, letter or window.

    What is left out is done under the mechanism's clause. Five are optional in another way:
    without `objection` nobody can object, without `left_behind` the end of a transferor ends no
    employment, and without `notice` no length of notice is checked. `objection_late` is the clause
    by which an objection comes too late, `objection_to_detriment` that by which who objects to a
    change for the worse is treated as dismissed.
    """

    opening: ClauseId | None = None
    scope: ClauseId | None = None
    proposal: ClauseId | None = None
    letter: ClauseId | None = None
    response: ClauseId | None = None
    appeal: ClauseId | None = None
    transfer: ClauseId | None = None
    dissolution: ClauseId | None = None
    consultation: ClauseId | None = None
    meeting: ClauseId | None = None
    objection: ClauseId | None = None
    objection_late: ClauseId | None = Field(default=None, exclude_if=is_absent)
    objection_to_detriment: ClauseId | None = Field(default=None, exclude_if=is_absent)
    left_behind: ClauseId | None = None
    notice: ClauseId | None = None


class Rulebook(ForKinds):
    """One edition of the rules of one exercise: what its file says (`docs/rulebooks.md`).

    `calendar` is the calendar edition that its deadlines are computed with unless an exercise is
    opened with another; `england-and-wales` is the latest there is.
    """

    edition: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    title: Words
    kind: Literal["exercise", "procedures"] = "exercise"
    law: MechanismRule | None = Field(default=None, alias="mechanism")
    published: bool = True
    calendar: str = ENGLAND_AND_WALES
    clauses: tuple[Clause, ...] = Field(alias="clause", min_length=1)
    organisation_kinds: tuple[OrganisationKind, ...] = Field(default=(), alias="organisation_kind")
    organisations: tuple[OrganisationRow, ...] = ()
    parties: Parties | None = None
    scope: Scope | None = None
    evidence: tuple[Evidence, ...] = ()
    routes: tuple[RouteRule, ...] = Field(default=(), alias="route")
    paths: tuple[Path, ...] = Field(default=(), alias="path")
    letters: tuple[Letter, ...] = Field(default=(), alias="letter")
    windows: tuple[WindowRule, ...] = Field(default=(), alias="window")
    milestones: tuple[Milestone, ...] = Field(default=(), alias="milestone")
    gates: tuple[Gate, ...] = Field(default=(), alias="gate")
    steps: Steps = Steps()
    grants: tuple[Grant, ...] = Field(default=(), alias="grant")
    offers: tuple[Offer, ...] = Field(default=(), alias="offer")
    happenings: tuple[Happening, ...] = Field(default=(), alias="happening")
    chronicle: tuple[ChronicleEntry, ...] = ()
    objections: tuple[ObjectionPath, ...] = Field(default=(), alias="objection")
    obligations: tuple[Obligation, ...] = Field(default=(), alias="obligation")
    rates: tuple[PublishedRate, ...] = Field(default=(), alias="rate")
    pay_scales: tuple[PayScale, ...] = Field(default=(), alias="pay_scale")
    under: Under = Field(default_factory=Under)

    _source: bytes | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _an_exercise_has_a_mechanism(self) -> Self:
        if self.kind == "exercise" and self.law is None:
            raise ValueError(
                "an exercise says what kind of move it is in law: mechanism = { is, by }"
            )
        return self

    @property
    def mechanism(self) -> Mechanism:
        """What kind of move it is in law; `Refused` where the edition is for no exercise."""
        return self.require_exercise().is_

    @property
    def mechanism_clause(self) -> ClauseId:
        """The clause that says so; `Refused` where the edition is for no exercise."""
        return self.require_exercise().by

    @property
    def begins(self) -> tuple[str, ...]:
        """The kinds of procedure that begin under the edition: the exercise, if it is for one, then
        those that it has a part for."""
        return (*(("exercise",) if self.kind == "exercise" else ()), *self.parts)

    def require_exercise(self) -> MechanismRule:
        """What the edition says of an exercise; raises `Refused` where it is for none."""
        if self.law is None:
            raise Refused(
                f"{self.edition} has rules for procedures of other kinds: no exercise is opened "
                "under it"
            )
        return self.law

    @property
    def calendar_edition(self) -> str:
        """The calendar edition to open with: the one named, or the latest."""
        return LATEST_EDITION if self.calendar == ENGLAND_AND_WALES else self.calendar

    @property
    def source(self) -> bytes:
        """The bytes of the file; empty for an edition that was made in no file."""
        return self._source or b""

    def from_file(self, source: bytes) -> Self:
        """The edition, remembering the bytes that it was read from."""
        self._source = source
        return self

    def clause_for(self, act: str) -> ClauseId:
        """The clause under which an act of `Under` is done; the mechanism's if it has none."""
        own: ClauseId | None = getattr(self.under, act)
        return own or self.require_exercise().by

    def objection_to(self, to: str) -> ClauseId | None:
        """The clause under which somebody objects to a move there; `None`: nobody can."""
        paths = (path.clause for path in self.objections if to in path.to)
        return None if self.under.objection is None else next(paths, self.under.objection)

    # --- clauses -------------------------------------------------------------------------------

    @cached_property
    def by_id(self) -> Mapping[ClauseId, Clause]:
        """The clauses by their id, in the order of the rulebook."""
        return {clause.id: clause for clause in self.clauses}

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; `Refused` where the edition has none."""
        if clause_id not in self.by_id:
            raise Refused(f"{self.edition} has no clause {clause_id}", clause=clause_id)
        return self.by_id[clause_id]

    def needs(self, part: BaseModel | None = None) -> tuple[Clause, ...]:
        """The clauses whose value no source gives and an exercise cannot open without; or, of one
        part, those without which nothing begins that goes by it."""
        needed = (clause for clause in self.clauses if clause.needed)
        if part is None:
            return tuple(needed)
        behind = self.closure(clause for _, clause in cited_in(part))
        return tuple(clause for clause in needed if clause.id in behind)

    def closure(self, clauses: Iterable[str]) -> set[ClauseId]:
        """Clauses, and all that they rest on."""
        behind: set[ClauseId] = set()
        waiting = [self.clause(id_).id for id_ in clauses]
        while waiting:
            clause_id = waiting.pop()
            if clause_id not in behind:
                behind.add(clause_id)
                waiting.extend(self.by_id[clause_id].rests_on)
        return behind

    def route(self, route: str) -> RouteRule:
        """The rule of that route; `Refused` where the edition does not have the route."""
        for rule in self.routes:
            if rule.id == route:
                return rule
        raise Refused(f"{self.edition} has no route {route}")

    def offer(self, term: str) -> Offer:
        """The offer of that term; `Refused` where the edition makes none."""
        for offer in self.offers:
            if offer.term == term:
                return offer
        raise Refused(f"{self.edition} makes no offer of {term}")

    def rate(self, name: str) -> PublishedRate:
        """The published rate of that name; `Refused` where the edition has none."""
        for rate in self.rates:
            if rate.name == name:
                return rate
        raise Refused(f"{self.edition} publishes no rate of {name}")

    def milestones_announced_on(self, day: date) -> tuple[Milestone, ...]:
        """What was announced on that very day."""
        return tuple(each for each in self.milestones if each.announced_on == day)

    def milestones_known_on(self, day: date) -> Mapping[str, Milestone]:
        """The plan as it was known on that day: the last announcement of each milestone."""
        known: dict[str, Milestone] = {}
        for milestone in sorted(self.milestones, key=lambda each: each.announced_on):
            if milestone.announced_on <= day:
                known[milestone.name] = milestone
        return known

    def standing_on(self, term: str, day: date) -> tuple[OfferStanding, ChronicleEntry] | None:
        """How the offer stood on that day by the chronicle, and the entry that it follows from.

        `None` before anything in the chronicle touched it.
        """
        standings = {standing.after: standing for standing in self.offer(term).standings}
        touched = [e for e in self.chronicle if e.on <= day and e.happening in standings]
        return (standings[touched[-1].happening], touched[-1]) if touched else None

    def digest(self) -> str:
        """The SHA-256 of the bytes of the edition's file, in hexadecimal.

        So it stays what it was, whatever the program's model of an edition becomes. An edition
        that comes from no file (in a test) is digested by its content.
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:
        # Every command compares it with the one that its exercise was opened under.
        if self._source is not None:
            return hashlib.sha256(self._source).hexdigest()
        return sha256_of(self.model_dump(mode="json"))

    # --- parties -------------------------------------------------------------------------------

    @cached_property
    def register(self) -> Register:
        """Every organisation that the edition names."""
        parties = self.parties
        further = [] if parties is None else [(_code(name), name) for name in parties.transferors]
        # One that stands for several bodies ("the company that follows") is no body itself.
        further += (
            []
            if parties is None
            else [
                (each.id, each.name)
                for each in parties.transferees
                if parties.by not in each.changes or not each.changes[parties.by].successor
            ]
        )
        return make_register(self.organisation_kinds, self.organisations, further)

    @cached_property
    def transferors(self) -> tuple[Organisation, ...]:
        """From whom people go, in the order of the file."""
        if self.parties is None:
            return ()
        if self.parties.transferors_of_kind is not None:
            return self.register.of_kind(self.parties.transferors_of_kind)
        return tuple(self.register.resolve(name) for name in self.parties.transferors)

    def transferor(self, text: str | None) -> Organisation | None:
        """The transferor that a name or code stands for; `None` where it stands for none."""
        found = self.register.find(text) if text else None
        return found if found in self.transferors else None

    @cached_property
    def transferees(self) -> Mapping[str, Transferee]:
        """Where people go, by id, in the order of the file."""
        return {} if self.parties is None else {it.id: it for it in self.parties.transferees}

    @cached_property
    def successors(self) -> Mapping[str, Mapping[str, Organisation]]:
        """By the transferor's name: who follows it, by the column of the successors' table."""
        rows = () if self.parties is None else self.parties.successors
        return {
            self.register.named(row["of"]): {
                column: self.register.resolve(name)
                for column, name in row.items()
                if column != "of"
            }
            for row in rows
        }

    @cached_property
    def succeeded_by(self) -> Mapping[str, tuple[str, ...]]:
        """By the transferor's name: the ids of the transferees that succeed it."""
        return {
            each.name: tuple(
                it.id
                for it in self.transferees.values()
                if any(self.register.find(name) == each for name in it.succeeds)
            )
            for each in self.transferors
        }

    def changes(
        self, to: str, transferor: Organisation, evidence: Mapping[str, str] | None = None
    ) -> dict[Facet, str | None]:
        """What a move to a transferee changes for somebody of a transferor, and nothing else.

        `Refused` where the edition has no such transferee, or the change hangs on evidence that
        the person's return does not carry.
        """
        if to not in self.transferees:
            raise Refused(
                f"{self.edition} sends nobody to {to}", clause=self.clause_for("transfer")
            )
        made: dict[Facet, str | None] = {}
        for facet, change in self.transferees[to].changes.items():
            if change.successor is not None:
                made[facet] = self.successors[transferor.name][change.successor].name
            elif change.evidence is not None:
                if not (evidence or {}).get(change.evidence):
                    if change.or_stays:
                        continue
                    raise Refused(
                        f"the move to {to} gives a new {facet}, which the return was to say as "
                        f"{change.evidence}, and does not",
                        clause=self.clause_for("transfer"),
                    )
                made[facet] = (evidence or {})[change.evidence]
            else:
                made[facet] = None if change.ends else change.to
        return made

    # --- procedure -----------------------------------------------------------------------------

    def milestone_of(self, role: MilestoneRole, transferor: str | None = None) -> str | None:
        """The id of the milestone with that role; of a transferor's own where it has one."""
        found = [each for each in self.milestones if each.role == role]
        named = self.register.named
        own = [each for each in found if transferor in [*map(named, each.transferors)]]
        common = [each for each in found if not each.transferors]
        chosen = own or common
        return chosen[0].name if chosen else None

    @cached_property
    def ways(self) -> tuple[Path, ...]:
        """The paths; where the file has none, the one that everybody's letter goes by."""
        everybody = Path(id="letters", routes=tuple(rule.id for rule in self.routes), panel=True)
        return self.paths or (everybody,)

    def path_of(self, route: str) -> Path:
        """The path of a route; of a panel's decision the path that panels join, else the first."""
        for path in self.ways:
            if route in path.routes:
                return path
        return self.panel_path or self.ways[0]

    @property
    def panel_path(self) -> Path | None:
        """The path that those join whom a panel decided on; `None` where none is named."""
        return next((path for path in self.ways if path.panel), None)

    def whose(self, facets: Mapping[Facet, str | None]) -> Organisation | None:
        """The transferor whose somebody with that position is; `None` where it is none."""
        by = Facet.EMPLOYER if self.parties is None else self.parties.by
        return self.transferor(facets.get(by))

    def window_of(self, kind: WindowKind) -> WindowRule | None:
        """The first window of that kind; `None` where the edition opens none."""
        return next((window for window in self.windows if window.kind is kind), None)

    def happening(self, id_: str) -> Happening:
        """What can happen under that name; `Refused` where the edition does not know it."""
        for happening in self.happenings:
            if happening.id == id_:
                return happening
        known = ", ".join(each.id for each in self.happenings) or "none"
        raise Refused(f"{self.edition} knows no happening '{id_}': it knows {known}")

    @cached_property
    def names(self) -> Names:
        """What the edition's conditions may name."""
        return Names(
            evidence={each.name: EVIDENCE_KINDS[each.type] for each in self.evidence},
            values={
                clause.id: VALUE_KINDS[clause.value_type]
                for clause in self.clauses
                if clause.value_type is not None
            },
        )

    def compiled(self, text: str, result: Result) -> Compiled:
        """A condition of the edition, compiled once."""
        if (text, result) not in self._conditions:
            self._conditions[text, result] = compile_condition(text, self.names, result)
        return self._conditions[text, result]

    @cached_property
    def _conditions(self) -> dict[tuple[str, Result], Compiled]:
        return {}

    # --- terms ---------------------------------------------------------------------------------

    def transferor_named(self, text: str) -> str:
        """The full name of a transferor; `Refused` where the text names none of this edition."""
        found = self.transferor(text)
        if found is None:
            raise Refused(f"{text} {self.register.unknown(text)}: no transferor of {self.edition}")
        return found.name

    def suggested(self) -> dict[str, Value]:
        """The values that the edition proposes for rehearsals, of the clauses that need one."""
        return {
            clause.id: clause.suggested_for_rehearsal
            for clause in self.clauses
            if clause.value is None and clause.suggested_for_rehearsal is not None
        }

    def with_values(
        self,
        supplied: Mapping[str, SuppliedValue] | None = None,
        assumed: Mapping[str, Value] | None = None,
        *,
        calendar: str | None = None,
        part: BaseModel | None = None,
    ) -> "TermsOfExercise":
        """The terms that an exercise opens on: every needed clause resolved, or `Refused`.

        Values may be in hand or in their written form. The refusal lists every failing clause:
        each that is missing with the document that would tell, each unknown id, each value of the
        wrong type or unit or out of bounds, each given twice, and each that a source has fixed
        already. A fixed one can be supplied only with the reason for departing from the source
        (`SuppliedValue.overriding`), and never assumed; a general or inferred value gives way to
        both. `calendar` is the calendar edition to pin, the rulebook's own unless given. With
        `part` only the clauses are needed that this part of the edition goes by.
        """
        given = resolve(
            self.edition,
            self.by_id,
            supplied or {},
            assumed or {},
            self.needs(part) if part is not None or self.kind == "exercise" else (),
            self.transferor_named,
            [each.name for each in self.transferors],
        )
        return self.with_given(given, calendar=calendar)

    def with_given(
        self, given: Iterable[ClauseValue], *, calendar: str | None = None
    ) -> "TermsOfExercise":
        """The terms rebuilt from the values that a fact carries, which were judged when given."""
        # Here, because the terms hold the rulebook that they are made from.
        from transfer.rulebooks.terms import TermsOfExercise

        return TermsOfExercise(
            rulebook=self,
            calendar_edition=Calendar(calendar or self.calendar_edition).edition,
            given=tuple(given),
        )


def _code(name: str) -> str:
    """A code for a body that is named without one: its name, blanks and signs as hyphens."""
    return "-".join(re.findall(r"[A-Za-z0-9]+", name))[:64]


def sha256_of(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
