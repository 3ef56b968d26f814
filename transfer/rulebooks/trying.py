"""Conditions tried on invented cases, so that a check finds what would fail on a real one.

Each field of evidence that a condition names is tried as missing and with a few values, every
transferor in turn, and the values that the edition gives or proposes. What a condition does with
them shows whether it reads what may be missing, and whether it can send somebody nowhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import gcd, prod
from typing import TYPE_CHECKING

from transfer.core.editions.values import Value, ValueType, print_value
from transfer.rulebooks.conditions import FACETS, Case, Compiled, Given, NotJudged
from transfer.rulebooks.parties import Evidence, EvidenceType

if TYPE_CHECKING:
    from transfer.rulebooks.model import Rulebook

MOST_CASES = 2_000
_SHARES = (Decimal(0), Decimal("0.5"), Decimal(1))
_DAY = date(2020, 6, 1)


def misjudged(book: "Rulebook", when: Compiled, to: Compiled | None) -> Iterator[tuple[str, str]]:
    """Why the conditions fail on cases that can happen: `when` or `to`, and the reason, once each.

    `to` is tried where `when` holds, and must then name a transferee.
    """
    told: set[tuple[str, str]] = set()
    for case in _cases(book, when, to):
        key = "when"
        try:
            if when.evaluate(case) and to is not None:
                key = "to"
                found = to.evaluate(case)
                if found not in book.transferees:
                    raise NotJudged(f"it can come to {found!r}, which is no transferee's id")
        except NotJudged as error:
            if (key, str(error)) not in told:
                told.add((key, str(error)))
                yield key, str(error)


def _cases(book: "Rulebook", *compiled: Compiled | None) -> Iterator[Case]:
    used = [each for each in compiled if each is not None]
    named = list(dict.fromkeys(name for each in used for name in each.evidence))
    clauses = list(dict.fromkeys(name for each in used for name in each.clauses))
    plain = list(dict.fromkeys(name for each in used for name in each.plain))
    declared = {each.name: each for each in book.evidence}
    fields = [declared[name] for name in named]
    values = {name: _value(book, name) for name in clauses}
    texts = [name for name in plain if name in FACETS and name != "fte"]
    facets = [*texts, "fte"] if "fte" in plain else texts
    names = [each.name for each in book.transferors]
    by = book.parties.by.value if book.parties is not None else "employer"
    options: list[Sequence[object]] = [_samples(book, each) for each in fields]
    options += [_texts(name, names, by) for name in facets]
    wants_transferor = "transferor" in plain
    options.append(names if wants_transferor and by not in facets and names else names[:1] or [""])
    for chosen in combinations(options):
        evidence = {
            each.name: value
            for each, value in zip(fields, chosen, strict=False)
            if value is not None
        }
        if not _possible(declared, evidence):
            continue
        position = dict(zip(facets, chosen[len(fields) :], strict=False))
        yield Case(
            facets={name: str(value) for name, value in position.items()},
            evidence=evidence,  # type: ignore[arg-type]  # samples are Given or None
            values=values,
            transferor=str(position.get(by) if by in position else chosen[-1]),
            transferors=names,
            transferees=list(book.transferees),
            successors=book.succeeded_by,
            on=_DAY,
        )


def combinations(options: Sequence[Sequence[object]]) -> Iterator[Sequence[object]]:
    """Every combination of the options; of very many, as many as are tried, from all over."""
    count = prod(len(each) for each in options)
    step = 1
    if count > MOST_CASES:
        # Prime to the count, so that no case comes twice, and no even part of it, so that the
        # options of each field are met in every mixture.
        step = next(n for n in range(round(count * 0.618), 2 * count) if gcd(n, count) == 1)
    for n in range(min(count, MOST_CASES)):
        at = n * step % count
        chosen = []
        for each in reversed(options):
            at, which = divmod(at, len(each))
            chosen.append(each[which])
        yield chosen[::-1]


def _possible(declared: Mapping[str, Evidence], evidence: Mapping[str, object]) -> bool:
    for name, value in evidence.items():
        above = declared[name].not_above
        limit = evidence.get(above) if above is not None else None
        if isinstance(value, int | Decimal) and isinstance(limit, int | Decimal) and value > limit:
            return False
    return True


def _samples(book: "Rulebook", field: Evidence) -> Sequence[object]:
    found: Sequence[object]
    match field.type:
        case EvidenceType.WHOLE:
            found = [it for it in (0, 1, 5) if _within(field, Decimal(it))] or [0]
        case EvidenceType.SHARE:
            found = list(_SHARES)
        case EvidenceType.DECIMAL | EvidenceType.MONEY:
            found = [each for each in (*_SHARES, Decimal(20_000)) if _within(field, each)]
        case EvidenceType.FLAG:
            found = [False, True]
        case EvidenceType.DATE:
            found = [_DAY, date(2014, 1, 1)]
        case EvidenceType.CHOICE:
            found = list(field.choices)
        case EvidenceType.TRANSFEREE:
            found = list(book.transferees)
        case EvidenceType.TRANSFEROR:
            found = [each.name for each in book.transferors][:2]
        case EvidenceType.TEXT | EvidenceType.STAFF_NUMBER:
            found = ["a text"]
    return found if field.needed else [None, *found]


def _within(field: Evidence, number: Decimal) -> bool:
    return (field.least is None or number >= field.least) and (
        field.most is None or number <= field.most
    )


def _texts(facet: str, transferors: Sequence[str], by: str) -> Sequence[str]:
    if facet == "fte":
        return ("0.5", "1")
    if facet == by:
        return (*transferors, "elsewhere")
    return ("", "a text")


def _value(book: "Rulebook", clause_id: str) -> Given:
    clause = book.by_id[clause_id]
    known = clause.value if clause.value is not None else clause.suggested_for_rehearsal
    if known is not None:
        return given(known)
    match clause.value_type:
        case ValueType.DATE:
            return _DAY
        case ValueType.DECIMAL:
            return clause.least if clause.least is not None else Decimal(1)
        case ValueType.WHOLE:
            return int(clause.least) if clause.least is not None else 1
        case ValueType.FLAG:
            return True
        case ValueType.TEXTS:
            return ["a text"]
        case _:
            return "a text"


def given(value: Value) -> Given:
    """A clause's value as a condition is given it: a period in its written form."""
    if isinstance(value, bool | int | str | Decimal | date):
        return value
    return list(value) if isinstance(value, tuple) else print_value(value)
