"""How a value comes to a clause that has none: supplied with its document, or assumed.

A real exercise is supplied; a rehearsal may assume. Nothing is guessed, and a refusal names every
failing clause at once, so that an administrator asks for all the documents in one go.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from transfer.core.editions.parts import Clause, ClauseId, Words
from transfer.core.editions.values import (
    AnyValue,
    ClauseValue,
    Value,
    ValueType,
    parse_value,
    print_value,
    type_of,
)
from transfer.core.refusals import Failure, Malformed, Refused
from transfer.core.words import Confidence, Frozen


class SuppliedValue(Frozen):
    """A value with the document that it comes from.

    `overriding` is the reason for departing from a value that a source of the rulebook fixes.
    """

    value: AnyValue
    document: Words
    overriding: Words | None = None


class ValuesMissing(Refused):
    """An edition needs values that were not given: `missing` has their clauses, and `failures`
    every reason, those of other clauses first."""

    def __init__(self, missing: tuple[Clause, ...], failures: tuple[Failure, ...]) -> None:
        every = Refused.all_of(failures)
        super().__init__(every.reason, clause=every.clause, failures=failures)
        self.missing = missing


def resolve(
    edition: str,
    clauses: Mapping[ClauseId, Clause],
    supplied: Mapping[str, SuppliedValue],
    assumed: Mapping[str, Value],
    needed: Sequence[Clause],
    transferor_named: Callable[[str], str],
    transferors: Sequence[str] = (),
) -> tuple[ClauseValue, ...]:
    """The values given, in the order of the rulebook; `Refused` with every failing clause, where
    values are missing as `ValuesMissing`.

    A key is a clause's id, or `CLAUSE@TRANSFEROR` for a value of one transferor alone. A needed
    clause is satisfied by a value for all; one for a single transferor does not speak for others,
    unless each of the `transferors` sets its own and has one, here or in the edition.
    """
    failures: list[Failure] = []
    given: list[ClauseValue] = []
    named = [*supplied, *(each for each in assumed if each not in supplied)]
    for key in named:
        clause_id, _, whose = key.partition("@")
        source = supplied.get(key)
        clause = clauses.get(clause_id)
        transferor = None
        if whose:
            try:
                transferor = transferor_named(whose)
            except Refused as unknown:
                failures.append(Failure(f"{key}: {unknown.reason}", clause_id))
                continue
        if clause is None:
            failures.append(Failure(f"{edition} has no clause {clause_id}", clause_id))
        elif source is not None and key in assumed:
            failures.append(Failure(f"{key} is both supplied and assumed", clause_id))
        elif (reason := _not_open_to(clause, source)) is not None:
            failures.append(Failure(reason, clause_id))
        else:
            read = _read(clause, assumed[key] if source is None else source.value)
            if isinstance(read, Failure):
                failures.append(read)
                continue
            given.append(
                ClauseValue(
                    clause=clause_id,
                    transferor=transferor,
                    value=print_value(read),
                    document=None if source is None else _document(source),
                    assumed=source is None,
                )
            )
    missing = tuple(
        clause
        for clause in needed
        if clause.id not in named
        and not _each_has_one(clause, given, transferor_named, transferors)
    )
    failures.extend(Failure(why_unknown(clause), clause.id) for clause in missing)
    if missing:
        raise ValuesMissing(missing, tuple(failures))
    if failures:
        raise Refused.all_of(tuple(failures))
    order = {clause_id: n for n, clause_id in enumerate(clauses)}
    return tuple(sorted(given, key=lambda each: (order[each.clause], each.transferor or "")))


def _each_has_one(
    clause: Clause,
    given: Sequence[ClauseValue],
    transferor_named: Callable[[str], str],
    transferors: Sequence[str],
) -> bool:
    """Whether the clause is each transferor's own, and every transferor has a value."""
    if not clause.each_transferor or not transferors:
        return False
    having = {transferor_named(name) for name in clause.values}
    having |= {each.transferor for each in given if each.clause == clause.id and each.transferor}
    return having.issuperset(transferors)


def _document(source: SuppliedValue) -> str:
    if source.overriding is None:
        return source.document
    return f"{source.document} (departs from the rulebook's source: {source.overriding})"


def _not_open_to(clause: Clause, source: SuppliedValue | None) -> str | None:
    if clause.value_type is None:
        return f"{clause.id} ({clause.title}) states a rule and takes no value"
    if clause.value is None or clause.confidence is not Confidence.SOURCE:
        return None
    fixed = f"{clause.id} is fixed at {print_value(clause.value)} by {clause.sources[0]}"
    if source is None:
        return f"{fixed}: it cannot be assumed to be otherwise"
    if source.overriding is None:
        return f"{fixed}: to depart from it, say why"
    return None


def _read(clause: Clause, value: Value) -> Value | Failure:
    assert clause.value_type is not None  # noqa: S101 - _not_open_to has refused the others
    if isinstance(value, str) and clause.value_type is not ValueType.TEXT:
        try:
            value = parse_value(value, clause.value_type)
        except Malformed as malformed:
            reason = malformed.reason.removeprefix(f"{malformed.field}: ")
            return Failure(f"{clause.id}: {reason}", clause.id)
    elif type_of(value) is ValueType.WHOLE and clause.value_type is ValueType.DECIMAL:
        value = Decimal(print_value(value))
    unfit = clause.why_not(value)
    if unfit is not None:
        return Failure(f"{clause.id}: {print_value(value)} {unfit}", clause.id)
    return value


def why_unknown(clause: Clause) -> str:
    """Why the clause has no value, and which document would give it one."""
    if clause.value_type is None:
        return f"{clause.id} ({clause.title}) states a rule and has no value"
    own = f", one for each transferor: {clause.id}@TRANSFEROR" if clause.each_transferor else ""
    return (
        f"{clause.id} ({clause.title}) is unknown: {clause.unknown_because}; "
        f"it needs {clause.document_needed}{own}"
    )
