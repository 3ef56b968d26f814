"""Where somebody goes: the edition's routes, tried in order on one person's case.

The answer says which row of the table matched and the values that it saw, so that the fact made
from it can be judged without the edition. A row that draws takes its seed from the caller; the
draw can be done again by anybody: SHA-256 of the seed, a line's end and the staff number, as a
number, divided by how many it is drawn among; the remainder picks, in the order of the file.
"""

import hashlib
import heapq
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from transfer.core.refusals import Failure, Refused
from transfer.rulebooks.conditions import Case, Given, NotJudged, Result, written
from transfer.rulebooks.parties import Evidence, EvidenceType
from transfer.rulebooks.procedure import RouteRule
from transfer.rulebooks.terms import TermsOfExercise
from transfer.rulebooks.trying import given

_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A random allocation that can be checked: the seed, what was hashed, what came of it."""

    seed: str
    digest: str
    among: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A route's answer: the row that matched, where to, why, and the values that it saw."""

    route: str
    matched: str
    to: str
    because: str
    saw: Mapping[str, str]
    clauses: tuple[str, ...]
    drawn: Drawn | None = None
    rank: tuple[Decimal, ...] = field(default=())


def case_of(
    terms: TermsOfExercise,
    *,
    facets: Mapping[str, str | None],
    evidence: Mapping[str, str],
    on: date,
) -> Case:
    """A person's case as the conditions see it; names of organisations in full."""
    book = terms.rulebook
    position = {name: value for name, value in facets.items() if value is not None}
    by = book.parties.by.value if book.parties is not None else "employer"
    position |= {name: book.register.named(position[name]) for name in (by,) if name in position}
    transferor = book.transferor(position.get(by))
    declared = {each.name: each for each in book.evidence}
    named = transferor.name if transferor is not None else None
    return Case(
        facets=position,
        evidence={
            name: read_evidence(declared[name], text)
            for name, text in evidence.items()
            if name in declared
        },
        values={
            clause.id: given(terms.value(clause.id, named))
            for clause in book.clauses
            if clause.value_type is not None and terms.knows(clause.id, named)
        },
        transferor=named or "",
        transferors=[each.name for each in book.transferors],
        transferees=list(book.transferees),
        successors=book.succeeded_by,
        on=on,
    )


def decide(
    terms: TermsOfExercise,
    case: Case,
    *,
    staff_number: str,
    seed: str,
    full: Iterable[str] = (),
) -> Decision:
    """The first route that answers; `Refused` where none does: a panel must decide.

    `full` are the transferees that have no place left: nobody is drawn for them.
    """
    otherwise: list[Failure] = []
    for rule in terms.rulebook.routes:
        decision = _try(terms, rule, case, staff_number, seed, frozenset(full))
        if decision is not None:
            return decision
        if rule.otherwise is not None:
            said = _filled(rule.otherwise, _known(rule, case))
            otherwise.append(Failure(said, rule.clause))
    if otherwise:
        raise Refused.all_of(tuple(otherwise))
    raise Refused(
        "no route decides this case: a panel must", clause=terms.rulebook.clause_for("proposal")
    )


def covers(terms: TermsOfExercise, case: Case) -> bool:
    """Whether the scope of the edition covers a person who is employed on the day."""
    return why_not_covered(terms, case) is None


def why_not_covered(terms: TermsOfExercise, case: Case) -> str | None:
    """Which rule of the scope leaves a person out, in its words; `None` where they are covered.

    `Refused` where the scope's condition cannot be judged for the case.
    """
    left_out = left_out_by(terms, case)
    return None if left_out is None else left_out.reason


def left_out_by(terms: TermsOfExercise, case: Case) -> Failure | None:
    """The rule of the scope that leaves a person out, and its clause; `None`: they are covered.

    Raises as `why_not_covered` does.
    """
    scope = terms.rulebook.scope
    if scope is None:
        return Failure(f"{terms.edition} has no scope")
    clause = scope.clause or terms.rulebook.clause_for("scope")

    def holds(text: str) -> bool:
        return bool(_judge(terms, text, Result.FLAG, case, clause))

    if not holds(scope.who) and not any(holds(each.when) for each in scope.also if each.when):
        return Failure(f"it covers {scope.title or scope.who}", clause)
    for each in scope.but_not:
        if each.when and holds(each.when):
            return Failure(f"it leaves out: {each.title}", each.clause or clause)
    return None


def read_evidence(declared: Evidence, text: str) -> Given:
    """The value of a field of evidence from its written form."""
    match declared.type:
        case EvidenceType.WHOLE:
            return int(text)
        case EvidenceType.SHARE | EvidenceType.DECIMAL | EvidenceType.MONEY:
            return Decimal(text)
        case EvidenceType.FLAG:
            return text == "yes"
        case EvidenceType.DATE:
            return date.fromisoformat(text)
        case _:
            return text


def _try(
    terms: TermsOfExercise,
    rule: RouteRule,
    case: Case,
    staff_number: str,
    seed: str,
    full: frozenset[str],
) -> Decision | None:
    when = terms.rulebook.compiled(rule.when, Result.FLAG)
    if not _judge(terms, rule.when, Result.FLAG, case, rule.clause):
        return None
    saw = dict(when.saw(case))
    drawn = None
    if rule.draw is not None:
        among = tuple(id_ for id_ in rule.draw.between if id_ not in full)
        if not among:
            return None
        digest = hashlib.sha256(f"{seed}\n{staff_number}".encode()).hexdigest()
        to = among[int(digest, 16) % len(among)]
        drawn = Drawn(seed=seed, digest=digest, among=among, outcome=to)
    else:
        text = rule.to or ""
        to = str(_judge(terms, text, Result.TEXT, case, rule.clause))
        saw |= terms.rulebook.compiled(text, Result.TEXT).saw(case)
        if to not in terms.rulebook.transferees:
            raise Refused(
                f"route {rule.id} leads to {to!r}, which is no transferee of {terms.edition}",
                clause=rule.clause,
            )
    ranked = (rule.sift.by, *rule.sift.then) if rule.sift is not None else ()
    return Decision(
        route=rule.id,
        matched=rule.when,
        to=to,
        because=_reason(terms, rule, case, to),
        saw=saw,
        clauses=(rule.clause, *rule.rests_on),
        drawn=drawn,
        rank=tuple(_as_number(case.evidence.get(name)) for name in ranked),
    )


def _judge(
    terms: TermsOfExercise, text: str, result: Result, case: Case, clause: str
) -> bool | str:
    compiled = terms.rulebook.compiled(text, result)
    for named in compiled.clauses:
        if named not in case.values:
            terms.value(named)  # refuses, with the document that is needed
    try:
        return compiled.evaluate(case)
    except NotJudged as unjudged:
        raise Refused(f"cannot be judged: {unjudged}", clause=clause) from None


def _reason(terms: TermsOfExercise, rule: RouteRule, case: Case, to: str) -> str:
    if rule.because is None:
        return rule.title or rule.id
    known = _known(rule, case) | {"to": terms.rulebook.transferees[to].name, "to_id": to}
    return _filled(rule.because, known)


def _known(rule: RouteRule, case: Case) -> dict[str, str]:
    known = {name: written(value) for name, value in case.values.items()}
    known |= dict(case.facets.items())
    known |= {name: written(value) for name, value in case.evidence.items()}
    if rule.rests_on and rule.rests_on[0] in known:
        known["value"] = known[rule.rests_on[0]]
    return known


def _filled(template: str, known: Mapping[str, str]) -> str:
    """The text with its names filled in; `{part/whole}` is a share, to four decimal places."""

    def said(found: re.Match[str]) -> str:
        part, divided, whole = found[1].partition("/")
        if not divided:
            return known.get(part, "(not given)")
        try:
            share = Decimal(known.get(part, "")) / Decimal(known.get(whole, ""))
        except (ArithmeticError, ValueError):
            return "(not given)"
        return format(share.quantize(Decimal("0.0001")), "f")

    return _BRACES.sub(said, template)


def _as_number(value: Given | None) -> Decimal:
    if isinstance(value, bool | int | Decimal):
        return Decimal(value)
    if isinstance(value, date):
        return Decimal(-value.toordinal())  # the earlier date comes first
    return Decimal(0)


def places_left(terms: TermsOfExercise, taken: Mapping[str, int]) -> Mapping[str, int | None]:
    """How many places each transferee has left; `None` where it has no limit."""
    return {
        id_: None if it.places is None else max(0, it.places - taken.get(id_, 0))
        for id_, it in terms.rulebook.transferees.items()
    }


def allocate(
    terms: TermsOfExercise, cases: Mapping[str, Case], *, seed: str, taken: Mapping[str, int]
) -> Mapping[str, Decision | Refused]:
    """Where everybody goes, by staff number, where places are limited.

    Rows are served in the order of the file; within a row come first those whom its sift ranks
    first, then the lower staff number. Nobody is drawn for a transferee that is full; whom `to`
    names for one that is full goes to a panel, with the reason. `taken` are the places that were
    given before.
    """
    order = {rule.id: n for n, rule in enumerate(terms.rulebook.routes)}
    given = dict(taken)
    answers: dict[str, Decision | Refused] = {}
    waiting: list[tuple[int, tuple[Decimal, ...], str, Decision]] = []

    def full() -> list[str]:
        return [id_ for id_, left in places_left(terms, given).items() if left == 0]

    def ask(number: str) -> None:
        try:
            made = decide(terms, cases[number], staff_number=number, seed=seed, full=full())
        except Refused as refusal:
            answers[number] = refusal
            return
        rank = tuple(-each for each in made.rank)
        heapq.heappush(waiting, (order[made.route], rank, number, made))

    for number in sorted(cases):
        ask(number)
    while waiting:
        at, _, number, made = heapq.heappop(waiting)
        if made.to not in full():
            answers[number] = made
            given[made.to] = given.get(made.to, 0) + 1
        elif made.drawn is not None:
            ask(number)
        else:
            it, rule = terms.rulebook.transferees[made.to], terms.rulebook.routes[at]
            answers[number] = Refused(
                f"{made.because}; but the {it.places} places at {it.name} are taken: a panel must "
                "decide",
                clause=it.clause or rule.clause,
            )
    return answers
