"""Which editions of rulebooks there are, and what one of them says."""

from datetime import date
from shlex import quote

from pydantic import BaseModel, SerializeAsAny

from transfer.core.editions.parts import Clause
from transfer.core.editions.values import ValueType
from transfer.questions.answer import Answer
from transfer.rulebooks import Rulebook, print_value
from transfer.rulebooks.parties import Evidence, Transferee
from transfer.rulebooks.procedure import Gate, Grant, Letter, Milestone, RouteRule, WindowRule


class RulebookListed(Answer):
    """One edition in the list; `needs` are the clauses that nothing opens without a value for.

    `begins` are the kinds of procedure that begin under it; `mechanism` is that of an exercise.
    `sha256` is that of the edition's text, in hexadecimal.
    """

    edition: str
    title: str
    mechanism: str | None
    begins: tuple[str, ...]
    published: bool
    clauses: int
    needs: tuple[str, ...]
    sha256: str


class Rulebooks(Answer):
    """The program's own editions, then those that an office added."""

    rulebooks: tuple[RulebookListed, ...]


class ValueNeeded(Answer):
    """A value that no source gives: why, which document would, and what to rehearse with.

    `each_transferor`: every transferor may have its own. `type_this` is what the command line of a
    rehearsal is given, with the value suggested or else with one of the right form.
    """

    clause: str
    title: str
    value_type: str | None
    each_transferor: bool
    unknown_because: str | None
    document_needed: str | None
    suggested_for_rehearsal: str | None
    type_this: str


class Body(Answer):
    """An organisation, by its code and name."""

    code: str
    name: str


class RulebookShown(Answer):
    """One edition: its clauses with value, unit, sources and confidence, and how it decides.

    `needs` are the values that nothing opens without. `starts_on` is the first day of its plan.
    `parts` are its rules for kinds of procedure beside the exercise, by kind.
    """

    edition: str
    title: str
    kind: str
    mechanism: str | None
    mechanism_clause: str | None
    begins: tuple[str, ...]
    published: bool
    calendar: str
    sha256: str
    starts_on: date | None
    clauses: tuple[Clause, ...]
    needs: tuple[ValueNeeded, ...]
    transferors: tuple[Body, ...]
    transferees: tuple[Transferee, ...]
    evidence: tuple[Evidence, ...]
    routes: tuple[RouteRule, ...]
    letters: tuple[Letter, ...]
    windows: tuple[WindowRule, ...]
    milestones: tuple[Milestone, ...]
    gates: tuple[Gate, ...]
    grants: tuple[Grant, ...]
    parts: dict[str, SerializeAsAny[BaseModel]]


def listed(book: Rulebook) -> RulebookListed:
    """An edition as the list has it."""
    return RulebookListed(
        edition=book.edition,
        title=book.title,
        mechanism=None if book.law is None else book.law.is_.value,
        begins=book.begins,
        published=book.published,
        clauses=len(book.clauses),
        needs=tuple(clause.id for clause in book.needs()),
        sha256=book.digest(),
    )


def shown(book: Rulebook) -> RulebookShown:
    """What an edition says."""
    return RulebookShown(
        edition=book.edition,
        title=book.title,
        kind=book.kind,
        mechanism=None if book.law is None else book.law.is_.value,
        mechanism_clause=None if book.law is None else book.law.by,
        begins=book.begins,
        published=book.published,
        calendar=book.calendar,
        sha256=book.digest(),
        starts_on=min((each.on for each in book.milestones), default=None),
        clauses=book.clauses,
        needs=tuple(value_needed(clause) for clause in book.needs()),
        transferors=tuple(Body(code=it.key, name=it.name) for it in book.transferors),
        transferees=tuple(book.transferees.values()),
        evidence=book.evidence,
        routes=book.routes,
        letters=book.letters,
        windows=book.windows,
        milestones=book.milestones,
        gates=book.gates,
        grants=book.grants,
        parts=book.parts,
    )


_OF_RIGHT_FORM = {
    ValueType.DATE: "2013-11-11",
    ValueType.DECIMAL: "0.5",
    ValueType.WHOLE: "10",
    ValueType.FLAG: "yes",
    ValueType.TEXT: "words",
    ValueType.TEXTS: "one, two",
}


def value_needed(clause: Clause) -> ValueNeeded:
    """What is said of a clause that lacks its value."""
    suggested = clause.suggested_for_rehearsal
    value = print_value(suggested) if suggested is not None else _of_right_form(clause)
    return ValueNeeded(
        clause=clause.id,
        title=clause.title,
        value_type=clause.value_type,
        each_transferor=clause.each_transferor,
        type_this=f"--assume {quote(f'{clause.id}={value}')}",
        unknown_because=clause.unknown_because,
        document_needed=clause.document_needed,
        suggested_for_rehearsal=None if suggested is None else print_value(suggested),
    )


def _of_right_form(clause: Clause) -> str:
    """A value that the clause could take, to show how one is written."""
    if clause.value_type is ValueType.PERIOD:
        return f"20{clause.accepts[0] if clause.accepts else 'd'}"
    if clause.value_type in (ValueType.DECIMAL, ValueType.WHOLE) and clause.least is not None:
        return print_value(clause.least)
    return "VALUE" if clause.value_type is None else _OF_RIGHT_FORM[clause.value_type]
