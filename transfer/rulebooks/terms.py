"""The terms of an exercise: a rulebook with every unknown that the exercise needs made good.

Whatever rests on an assumption says so: `TermsOfExercise.basis` carries every assumed value that
the clause is applied with, directly or through the clauses it rests on.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NoReturn, TypeVar

from pydantic import BaseModel

from transfer.core.dating.calendars import Calendar, Period
from transfer.core.editions.parts import Clause, ClauseId
from transfer.core.editions.values import ClauseValue, Value, ValueType, parse_value
from transfer.core.refusals import Refused
from transfer.core.rules import LettersInForce, WindowInForce
from transfer.core.words import Basis, Confidence, Frozen, MilestoneRole, WindowKind
from transfer.rulebooks.model import Rulebook, sha256_of
from transfer.rulebooks.supplying import why_unknown

P = TypeVar("P", bound=BaseModel)

_WEAKEST_LAST = (
    Confidence.SOURCE,
    Confidence.GENERAL,
    Confidence.INFERRED,
    Confidence.NOT_FOUND,
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

    @property
    def edition(self) -> str:
        """The edition of the rulebook."""
        return self.rulebook.edition

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every assumed value, as `CLAUSE=VALUE`, in the order of the rulebook."""
        return tuple(_printed(each) for each in self.given if each.assumed)

    def digest(self) -> str:
        """The SHA-256 over the edition's digest, the calendar and the values, in hexadecimal."""
        given = [each.model_dump(mode="json") for each in self.given]
        return sha256_of([self.rulebook.digest(), self.calendar_edition, given])

    @cached_property
    def _given_by_clause(self) -> Mapping[ClauseId, ClauseValue]:
        return {each.clause: each for each in self.given if each.transferor is None}

    @cached_property
    def _values(self) -> Mapping[tuple[ClauseId, str | None], Value]:
        """By clause and transferor (`None`: whoever has no value of their own)."""
        values: dict[tuple[ClauseId, str | None], Value] = {}
        for clause in self.rulebook.clauses:
            if clause.value is not None:
                values[clause.id, None] = clause.value
            for transferor, value in clause.values.items():
                values[clause.id, self.rulebook.register.named(transferor)] = value
        for given in self.given:
            value_type = self.rulebook.clause(given.clause).value_type
            if value_type is not None:
                values[given.clause, given.transferor] = parse_value(given.value, value_type)
        return values

    def knows(self, clause_id: str, transferor: str | None = None) -> bool:
        """Whether the clause has a value here; `Refused` where there is no such clause."""
        id_ = self.rulebook.clause(clause_id).id
        return (id_, transferor) in self._values or (id_, None) in self._values

    def value(self, clause_id: str, transferor: str | None = None) -> Value:
        """The clause's value: the transferor's own, else the one for all of them.

        `transferor` is the transferor's name. `Refused` with the document needed where the value
        is unknown.
        """
        clause = self.rulebook.clause(clause_id)
        for key in ((clause.id, transferor), (clause.id, None)):
            if key in self._values:
                return self._values[key]
        raise Refused(why_unknown(clause), clause=clause.id)

    def period(self, clause_id: str, transferor: str | None = None) -> Period:
        """The value of a clause that is a period."""
        value = self.value(clause_id, transferor)
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
        one as it stood before. Where no clause is named, the edition alone. `Refused` where one of
        the clauses is not in the edition.
        """
        if not clauses:
            return Basis(rulebook=self.edition)
        if clauses not in self._bases:
            self._bases[clauses] = self._work_out(*map(self.rulebook.clause, clauses))
        return self._bases[clauses]

    def basis_for(self, act: str) -> Basis:
        """Why an act is done that belongs to no route, letter or window (`model.Under`)."""
        return self.basis(self.rulebook.clause_for(act))

    def basis_of(self, route: str) -> Basis:
        """Why somebody was assigned by that route: its clause and what the route rests on."""
        rule = self.rulebook.route(route)
        return self.basis(rule.clause, *rule.rests_on)

    def milestone_basis(self, milestone: str, due_on: date | None = None) -> Basis:
        """The clause and document that announced the milestone for `due_on`.

        Where no day is given, or none was announced, the milestone's latest announcement. The
        confidence is the milestone's own where that is weaker than its clause's. `Refused` where
        the edition has no such milestone.
        """
        announced = [each for each in self.rulebook.milestones if each.name == milestone]
        if not announced:
            raise self._none_such(
                "milestone", milestone, [m.name for m in self.rulebook.milestones]
            )
        for_that_day = [each for each in announced if each.on == due_on]
        latest = max(for_that_day or announced, key=lambda each: each.announced_on)
        basis = self.basis(latest.clause)
        weakest = max(filter(None, [basis.confidence, latest.confidence]), key=_WEAKEST_LAST.index)
        return basis.model_copy(update={"confidence": weakest})

    def part(self, model: type[P]) -> P:
        """The part of the edition that is for a kind of procedure; `Refused` where it has none."""
        return self.rulebook.part(model)

    def clause(self, clause_id: str) -> Clause:
        """A clause of the edition; `Refused` where there is none of that id."""
        return self.rulebook.clause(clause_id)

    # --- what the edition has, by name ----------------------------------------------------------

    def clause_for(self, act: str) -> str:
        """The clause under which an act of `Under` is done; the mechanism's if it has none."""
        return self.rulebook.clause_for(act)

    def allows(self, act: str) -> bool:
        """Whether the edition has such an act: the optional ones of `Under`."""
        return getattr(self.rulebook.under, act) is not None

    @cached_property
    def windows(self) -> tuple[WindowInForce, ...]:
        """The windows of the edition."""
        return tuple(
            WindowInForce(
                name=each.id,
                kind=each.kind,
                clause=each.clause or self._right(each.kind),
                length_clause=each.length.clause,
                panel_clause=None if each.panel is None else each.panel.length.clause,
                counted=each.counted,
                late=each.late,
                answers=each.answers,
            )
            for each in self.rulebook.windows
        )

    def _right(self, kind: WindowKind) -> str:
        return self.clause_for("appeal" if kind is WindowKind.APPEAL else "response")

    def window(self, name: str) -> WindowInForce:
        """One window; `Refused` with those that there are."""
        for window in self.windows:
            if window.name == name:
                return window
        raise self._none_such("window", name, [each.name for each in self.windows])

    def window_of(self, kind: WindowKind) -> WindowInForce:
        """The window of a kind; `Refused` where the edition opens none."""
        for window in self.windows:
            if window.kind is kind:
                return window
        raise Refused(f"{self.edition} opens no window for the {kind}", clause=self._right(kind))

    def letters(self, path: str) -> LettersInForce:
        """What goes out to the people of a path: every letter that is for it, on one day."""
        if path not in self._letters:
            sent = [
                it
                for it in self.rulebook.letters
                if it.goes_with is None and (not it.paths or path in it.paths)
            ]
            opened = {name for it in sent for name in it.opens}
            clause = next((it.clause for it in sent if it.clause), None)
            self._letters[path] = LettersInForce(
                names=tuple(it.id for it in sent),
                contents=tuple(dict.fromkeys(each for it in sent for each in it.contents)),
                windows=tuple(each for each in self.windows if each.name in opened),
                basis=self.basis(clause or self.clause_for("letter")),
            )
        return self._letters[path]

    @cached_property
    def _letters(self) -> dict[str, LettersInForce]:
        return {}

    def require_destination(self, destination: str) -> None:
        """Raise `Refused` with those that there are where the edition sends nobody there."""
        if destination not in self.rulebook.transferees:
            raise self._none_such("transferee", destination, list(self.rulebook.transferees))

    def milestone_of(self, role: MilestoneRole, transferor: str | None = None) -> str | None:
        """The id of the milestone with that role; of a transferor's own where it has one."""
        return self.rulebook.milestone_of(role, transferor)

    def milestone_role(self, milestone: str) -> tuple[MilestoneRole | None, tuple[str, ...]]:
        """The role of a milestone and the names of the transferors whose alone it is."""
        for each in self.rulebook.milestones:
            if each.name == milestone:
                named = self.rulebook.register.named
                return each.role, tuple(named(name) for name in each.transferors)
        raise self._none_such("milestone", milestone, [m.name for m in self.rulebook.milestones])

    def _none_such(self, what: str, name: str, there_are: Sequence[str]) -> Refused:
        known = ", ".join(dict.fromkeys(there_are)) or "none"
        return Refused(
            f"{self.edition} has no {what} '{name}': it has {known}",
            clause=self.rulebook.mechanism_clause,
        )

    @cached_property
    def _bases(self) -> dict[tuple[str, ...], Basis]:
        # Filled as asked: an exercise gives the same few bases to thousands of people.
        return {}

    def _work_out(self, cited: Clause, *others: Clause) -> Basis:
        behind = self.rulebook.closure(each.id for each in (cited, *others))
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


def _printed(given: ClauseValue) -> str:
    of = f"@{given.transferor}" if given.transferor else ""
    return f"{given.clause}{of}={given.value}"
