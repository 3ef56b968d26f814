"""What a rulebook is: one edition of the rules of one exercise, and the terms made from it.

    Rulebook          clauses, routes, steps, milestones, offers, chronicle and rates as frozen
                      data; once published it is never edited, a change is a new edition
    TermsOfExercise   a rulebook with every unknown that an exercise needs made good

A clause that no source gives a value says so (`unknown_because`, `document_needed`). If it is
`needed`, no exercise opens before somebody supplies the value with its document, or a rehearsal
assumes it: `Rulebook.with_values` makes the `TermsOfExercise` that the rest of the program asks.
Whatever rests on an assumption says so: `TermsOfExercise.basis` carries every assumed value that
the clause is applied with, directly or through the clauses it rests on.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, NoReturn, Self

from pydantic import StringConstraints, model_validator

from transfer.core.dating.calendars import EDITIONS, Calendar, Period
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Confidence, Frozen, Mechanism, MilestoneName, Route
from transfer.procedures.exercise.exercise_facts import ClauseValue
from transfer.rulebooks.parts import (
    ChronicleEntry,
    Clause,
    ClauseId,
    Milestone,
    Offer,
    OfferStanding,
    PublishedRate,
    RouteRule,
    Step,
    Words,
)
from transfer.rulebooks.supplying import SuppliedValue, resolve, why_unknown
from transfer.rulebooks.values import Value, ValueType, parse_value

_WEAKEST_LAST = (
    Confidence.SOURCE,
    Confidence.GENERAL,
    Confidence.INFERRED,
    Confidence.NOT_FOUND,
)


class Rulebook(Frozen):
    """One edition of the rules of one exercise.

    `calendar` is the calendar edition that its deadlines are computed with unless an exercise is
    opened with another.
    """

    edition: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Words
    mechanism: Mechanism
    mechanism_clause: ClauseId
    published: bool
    calendar: str
    clauses: tuple[Clause, ...]
    routes: tuple[RouteRule, ...] = ()
    steps: tuple[Step, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    offers: tuple[Offer, ...] = ()
    chronicle: tuple[ChronicleEntry, ...] = ()
    rates: tuple[PublishedRate, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        ids = [clause.id for clause in self.clauses]
        doubled = sorted({id_ for id_ in ids if ids.count(id_) > 1})
        if doubled:
            raise ValueError(f"clauses given twice: {', '.join(doubled)}")
        missing = sorted(set(self._cited()) - set(ids))
        if missing:
            raise ValueError(f"clauses cited that are not there: {', '.join(missing)}")
        if self.calendar not in EDITIONS:
            raise ValueError(f"no calendar edition {self.calendar}")
        if [entry.on for entry in self.chronicle] != sorted(e.on for e in self.chronicle):
            raise ValueError("the chronicle is not in order of time")
        return self

    def _cited(self) -> Iterable[ClauseId]:
        yield self.mechanism_clause
        for clause in self.clauses:
            yield from clause.rests_on
            yield from filter(None, [clause.disputes])
        for rule in self.routes:
            yield from (rule.clause, *rule.rests_on, *filter(None, [rule.only_roles]))
        for milestone in self.milestones:
            yield from (milestone.clause, *filter(None, [milestone.superseded_by]))
        for offer in self.offers:
            yield offer.clause
            yield from filter(None, [offer.employed_on, offer.employed_on_moved_by])
            yield from (standing.clause for standing in offer.standings)
        for step in self.steps:
            yield step.clause
        for entry in self.chronicle:
            yield entry.clause
        for rate in self.rates:
            yield rate.clause

    @cached_property
    def by_id(self) -> Mapping[ClauseId, Clause]:
        """The clauses by their id, in the order of the rulebook."""
        return {clause.id: clause for clause in self.clauses}

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; `Refused` where the edition has none."""
        if clause_id not in self.by_id:
            raise Refused(f"{self.edition} has no clause {clause_id}", clause=clause_id)
        return self.by_id[clause_id]

    def needs(self) -> tuple[Clause, ...]:
        """The clauses whose value no source gives and an exercise cannot open without."""
        return tuple(clause for clause in self.clauses if clause.needed)

    def route(self, route: Route) -> RouteRule:
        """The rule of that route; `Refused` where the edition does not have the route."""
        for rule in self.routes:
            if rule.route is route:
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

    def milestones_known_on(self, day: date) -> Mapping[MilestoneName, Milestone]:
        """The plan as it was known on that day: the last announcement of each milestone."""
        known: dict[MilestoneName, Milestone] = {}
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
        """The SHA-256 of the edition's whole content as canonical JSON, in hexadecimal."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        # Every command compares it with the one that its exercise was opened under.
        return _sha256(self.model_dump(mode="json"))

    def with_values(
        self,
        supplied: Mapping[str, SuppliedValue] | None = None,
        assumed: Mapping[str, Value] | None = None,
        *,
        calendar: str | None = None,
    ) -> "TermsOfExercise":
        """The terms that an exercise opens on: every needed clause resolved, or `Refused`.

        Values may be in hand or in their written form. The refusal lists every failing clause:
        each that is missing with the document that would tell, each unknown id, each value of the
        wrong type or unit or out of bounds, each given twice, and each that a source has fixed
        already. A fixed one can be supplied only with the reason for departing from the source
        (`SuppliedValue.overriding`), and never assumed; a general or inferred value gives way to
        both. `calendar` is the calendar edition to pin, the rulebook's own unless given.
        """
        given = resolve(self.edition, self.by_id, supplied or {}, assumed or {})
        return self.with_given(given, calendar=calendar)

    def with_given(
        self, given: Iterable[ClauseValue], *, calendar: str | None = None
    ) -> "TermsOfExercise":
        """The terms rebuilt from the values that a fact carries, which were judged when given."""
        return TermsOfExercise(
            rulebook=self,
            calendar_edition=Calendar(calendar or self.calendar).edition,
            given=tuple(given),
        )


class TermsOfExercise(Frozen):
    """A rulebook and the values given to it. Made by `Rulebook.with_values`.

    This is what core's decisions ask as `RulesInForce`.
    """

    rulebook: Rulebook
    calendar_edition: str
    given: tuple[ClauseValue, ...]

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar that the exercise's deadlines are pinned to."""
        return Calendar(self.calendar_edition)

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """The routes of assignment in the order in which they are tried."""
        return tuple(rule.route for rule in self.rulebook.routes)

    @property
    def edition(self) -> str:
        """The edition of the rulebook."""
        return self.rulebook.edition

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every assumed value, as `TR-11b=10wd`, in the order of the rulebook."""
        return tuple(_printed(each) for each in self.given if each.assumed)

    def digest(self) -> str:
        """The SHA-256 over the edition's digest, the calendar and the values, in hexadecimal."""
        given = [each.model_dump(mode="json") for each in self.given]
        return _sha256([self.rulebook.digest(), self.calendar_edition, given])

    @cached_property
    def _given_by_clause(self) -> Mapping[ClauseId, ClauseValue]:
        return {each.clause: each for each in self.given}

    @cached_property
    def _values(self) -> Mapping[ClauseId, Value]:
        values: dict[ClauseId, Value] = {}
        for clause in self.rulebook.clauses:
            given = self._given_by_clause.get(clause.id)
            if given is not None and clause.value_type is not None:
                values[clause.id] = parse_value(given.value, clause.value_type)
            elif clause.value is not None:
                values[clause.id] = clause.value
        return values

    def knows(self, clause_id: str) -> bool:
        """Whether the clause has a value here; `Refused` where there is no such clause."""
        return self.rulebook.clause(clause_id).id in self._values

    def value(self, clause_id: str) -> Value:
        """The clause's value; `Refused` with the document needed where it is unknown."""
        clause = self.rulebook.clause(clause_id)
        if clause.id not in self._values:
            raise Refused(why_unknown(clause), clause=clause.id)
        return self._values[clause.id]

    def period(self, clause_id: str) -> Period:
        """The value of a clause that is a period."""
        value = self.value(clause_id)
        return value if isinstance(value, Period) else self._not_a(clause_id, ValueType.PERIOD)

    def day(self, clause_id: str) -> date:
        """The value of a clause that is a date."""
        value = self.value(clause_id)
        return value if isinstance(value, date) else self._not_a(clause_id, ValueType.DATE)

    def decimal(self, clause_id: str) -> Decimal:
        """The value of a clause that is a decimal number, in the clause's unit."""
        value = self.value(clause_id)
        return value if isinstance(value, Decimal) else self._not_a(clause_id, ValueType.DECIMAL)

    def share(self, clause_id: str) -> Decimal:
        """The value of a clause that is a share, between 0 and 1."""
        share = self.decimal(clause_id)
        return share if 0 <= share <= 1 else self._not_a(clause_id, "share between 0 and 1")

    def texts(self, clause_id: str) -> tuple[str, ...]:
        """The value of a clause that is a list."""
        value = self.value(clause_id)
        return value if isinstance(value, tuple) else self._not_a(clause_id, ValueType.TEXTS)

    def _not_a(self, clause_id: str, wanted: str) -> NoReturn:
        raise Refused(f"{clause_id} is not a {wanted}", clause=clause_id)

    def basis(self, *clauses: str) -> Basis:
        """Why something done under the clauses was done, with every assumption it rests on.

        The first is the clause cited. The document is the one supplied for it, else the first of
        its sources; none where its value is assumed. The confidence is the weakest of all clauses
        named and of all that these rest on, a supplied value counting as sourced and an assumed
        one as it stood before. `Refused` where one of the clauses is not in the edition.
        """
        if clauses not in self._bases:
            self._bases[clauses] = self._work_out(*map(self.rulebook.clause, clauses))
        return self._bases[clauses]

    def basis_of(self, route: Route) -> Basis:
        """Why somebody was assigned by that route: its clause and what the route rests on."""
        rule = self.rulebook.route(route)
        return self.basis(rule.clause, *rule.rests_on, *filter(None, [rule.only_roles]))

    def milestone_basis(self, milestone: MilestoneName, due_on: date | None = None) -> Basis:
        """The clause and document that announced the milestone for `due_on`.

        Where no day is given, or none was announced, the milestone's latest announcement. The
        confidence is the milestone's own where that is weaker than its clause's. `Refused` where
        the edition has no such milestone.
        """
        announced = [each for each in self.rulebook.milestones if each.name is milestone]
        if not announced:
            raise Refused(f"{self.edition} has no milestone {milestone}")
        for_that_day = [each for each in announced if each.on == due_on]
        latest = max(for_that_day or announced, key=lambda each: each.announced_on)
        basis = self.basis(latest.clause)
        weakest = max(filter(None, [basis.confidence, latest.confidence]), key=_WEAKEST_LAST.index)
        return basis.model_copy(update={"confidence": weakest})

    @cached_property
    def _bases(self) -> dict[tuple[str, ...], Basis]:
        # Filled as asked: an exercise gives the same few bases to thousands of people.
        return {}

    def _work_out(self, cited: Clause, *others: Clause) -> Basis:
        behind = self._closure(cited, *others)
        given = self._given_by_clause.get(cited.id)
        return Basis(
            rulebook=self.edition,
            clause=cited.id,
            document=cited.sources[0] if given is None else given.document,
            confidence=max(map(self._confidence, behind), key=_WEAKEST_LAST.index),
            assumptions=tuple(
                _printed(each) for each in self.given if each.assumed and each.clause in behind
            ),
        )

    def _confidence(self, clause_id: ClauseId) -> Confidence:
        given = self._given_by_clause.get(clause_id)
        if given is None or given.assumed:
            return self.rulebook.by_id[clause_id].confidence
        return Confidence.SOURCE

    def _closure(self, *clauses: Clause) -> set[ClauseId]:
        behind: set[ClauseId] = set()
        waiting = [clause.id for clause in clauses]
        while waiting:
            clause_id = waiting.pop()
            if clause_id not in behind:
                behind.add(clause_id)
                waiting.extend(self.rulebook.by_id[clause_id].rests_on)
        return behind


def _printed(given: ClauseValue) -> str:
    return f"{given.clause}={given.value}"


def _sha256(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
