"""What an edition refers to, and whether it is there: clauses, routes, letters, days, conditions.

`faults` finds everything at once, each with its place in the file. What a condition does with
missing evidence is found by trying it on invented cases: see `trying`.
"""

import itertools
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

from transfer.core.dating.calendars import EDITIONS
from transfer.core.editions.parts import Clause, cited_in, lengths_in, parts_in
from transfer.core.editions.values import ValueType
from transfer.core.words import Frozen, MilestoneRole, WindowKind
from transfer.procedures.choice.edition import Grant
from transfer.procedures.evaluation.edition import OwedByOutcome
from transfer.rulebooks.conditions import Compiled, Result, Unsuitable, compile_condition
from transfer.rulebooks.model import ENGLAND_AND_WALES, Rulebook
from transfer.rulebooks.toml_file import Where
from transfer.rulebooks.trying import misjudged

_BRACES = re.compile(r"\{([^{}]*)\}")


class Fault(Frozen):
    """Something wrong in an edition: where, and what to do about it."""

    where: Where
    reason: str


def faults(book: Rulebook, dropped: Mapping[str, frozenset[str]] | None = None) -> list[Fault]:
    """Everything in an edition that refers to what is not there, or says a thing twice.

    `dropped` are the ids, by list, of entries that were left out for faults of their own.
    """
    return list(_Checking(book, dropped or {}).all())


class _Checking:
    def __init__(self, book: Rulebook, dropped: Mapping[str, frozenset[str]]) -> None:
        self.book = book
        self.dropped = dropped

    def all(self) -> Iterator[Fault]:
        yield from self._ids()
        yield from self._clauses()
        yield from self._parties()
        yield from self._procedure()
        yield from self._conditions()
        yield from self._plan()

    # --- what is there -------------------------------------------------------------------------

    def _known(self, listed: str, ids: Sequence[str]) -> set[str]:
        return {*ids, *self.dropped.get(listed, ())}

    def _ids(self) -> Iterator[Fault]:
        book = self.book
        lists: Mapping[str, Sequence[str]] = {
            "clause": [each.id for each in book.clauses],
            "organisation_kind": [each.id for each in book.organisation_kinds],
            "organisations": [each.code for each in book.organisations],
            "evidence": [each.name for each in book.evidence],
            "route": [each.id for each in book.routes],
            "path": [each.id for each in book.paths],
            "letter": [each.id for each in book.letters],
            "window": [each.id for each in book.windows],
            "offer": [each.term for each in book.offers],
            "grant": [f"{each.term} {' '.join(each.to)}".strip() for each in book.grants],
            "happening": [each.id for each in book.happenings],
            "objection": [each.id for each in book.objections],
            "obligation": [each.id for each in book.obligations],
            "rate": [each.name for each in book.rates],
            "pay_scale": [f"{each.id} from {each.effective_from}" for each in book.pay_scales],
            "milestone": [f"{each.name} announced {each.announced_on}" for each in book.milestones],
        }
        for listed, ids in lists.items():
            yield from _twice((listed,), ids)
        if book.parties is not None:
            yield from _twice(("parties", "transferee"), [it.id for it in book.parties.transferees])

    def _clauses(self) -> Iterator[Fault]:
        known = self._known("clause", [clause.id for clause in self.book.clauses])
        for where, clause in cited_in(self.book):
            if clause not in known:
                yield Fault(
                    where=where, reason=f"there is no clause {clause}{_near(clause, known)}"
                )
        for where, clause in lengths_in(self.book):
            yield from self._is_period(where, clause)
        for n, rule in enumerate(self.book.windows):
            for m, reset in enumerate(rule.resets):
                yield from self._is_day(("window", n, "reset", m), reset.clause)
        yield from self._grounds()
        yield from self._liability_information()
        if self.book.under.notice is not None:
            yield from self._is_period(("under", "notice"), self.book.under.notice)
        for n, clause_ in enumerate(self.book.clauses):
            for name in clause_.values:
                if self.book.parties is not None and self.book.transferor(name) is None:
                    reason = f"{name} is no transferor of this edition"
                    yield Fault(where=("clause", n, "values", name), reason=reason)

    def _grounds(self) -> Iterator[Fault]:
        """What begins pay protection names a ground that the edition has."""
        protection = self.book.protection
        if "protection" in self.dropped:
            return
        known = {each.id for each in protection.grounds} if protection is not None else set()
        for where, part in parts_in(self.book):
            named = part.ground if isinstance(part, Grant | OwedByOutcome) else None
            if named is not None and named not in known:
                reason = f"[protection] has no ground {named}{_near(named, known)}"
                yield Fault(where=(*where, "ground"), reason=reason)

    def _liability_information(self) -> Iterator[Fault]:
        duty = self.book.liability_information
        if duty is None:
            return
        where: Where = ("liability_information",)
        days = [self._in_force_from(length.clause) for length in duty.lengths]
        for n, day in enumerate(days):
            if day in days[:n]:
                reason = (
                    f"two lengths are in force from {day or 'the beginning'}: give one of the "
                    "clauses another in_force_from"
                )
                yield Fault(where=(*where, "length", n), reason=reason)
        yield from _twice((*where, "item"), [each.id for each in duty.items])
        data = [datum.id for _, datum in duty.data()]
        for n, item in enumerate(duty.items):
            for m, datum in enumerate(item.needs):
                if data.count(datum.id) > 1:
                    reason = f"{datum.id} is given twice: give each datum an id of its own"
                    yield Fault(where=(*where, "item", n, "needs", m), reason=reason)

    def _in_force_from(self, clause_id: str) -> date | None:
        clause = self.book.by_id.get(clause_id)
        return None if clause is None else clause.in_force_from

    def _is_period(self, where: Where, clause_id: str) -> Iterator[Fault]:
        clause: Clause | None = self.book.by_id.get(clause_id)
        if clause is not None and clause.value_type is not ValueType.PERIOD:
            reason = f"clause {clause_id} gives a length, so its type must be period"
            yield Fault(where=where, reason=reason)

    def _is_day(self, where: Where, clause_id: str) -> Iterator[Fault]:
        clause: Clause | None = self.book.by_id.get(clause_id)
        if clause is not None and clause.value_type is not ValueType.DATE:
            reason = f"clause {clause_id} gives a day, so its type must be date"
            yield Fault(where=where, reason=reason)

    # --- parties -------------------------------------------------------------------------------

    def _parties(self) -> Iterator[Fault]:
        book, parties = self.book, self.book.parties
        kinds = self._known("organisation_kind", [each.id for each in book.organisation_kinds])
        for n, row in enumerate(book.organisations):
            if row.name is None and row.kind not in kinds:
                reason = f"there is no organisation_kind {row.kind}{_near(row.kind, kinds)}"
                yield Fault(where=("organisations", n, "kind"), reason=reason)
        if parties is None:
            return
        if not book.transferors:
            yield Fault(where=("parties",), reason="no organisation is a transferor")
        columns = {change.successor for it in parties.transferees for change in it.changes.values()}
        columns.discard(None)
        rows: dict[str, Mapping[str, str]] = {}
        for n, row_ in enumerate(parties.successors):
            where = ("parties", "successors", n)
            if "of" not in row_:
                yield Fault(where=where, reason="say whose successors these are: of = …")
                continue
            if book.transferor(row_["of"]) is None:
                yield Fault(where=where, reason=f"{row_['of']} is no transferor of this edition")
            rows[book.register.named(row_["of"])] = row_
            for column, name in row_.items():
                if book.register.find(name) is None:
                    reason = f"{column}: {name} {book.register.unknown(name)}"
                    yield Fault(where=where, reason=reason)
        for n, it in enumerate(parties.transferees):
            where = ("parties", "transferee", n)
            for name in it.succeeds:
                if book.transferor(name) is None:
                    near = _near(name, [each.name for each in book.transferors])
                    reason = f"{name} is no transferor of this edition{near}"
                    yield Fault(where=(*where, "succeeds"), reason=reason)
            for facet, change in it.changes.items():
                if change.evidence is not None:
                    yield from self._evidence((*where, "changes", facet), change.evidence)
                for each in book.transferors if change.successor is not None else ():
                    if change.successor not in rows.get(each.name, {}):
                        reason = f"{each.name} has no successor {change.successor}"
                        yield Fault(where=(*where, "changes", facet), reason=reason)

    def _evidence(self, where: Where, name: str) -> Iterator[Fault]:
        known = self._known("evidence", [each.name for each in self.book.evidence])
        if name not in known:
            yield Fault(where=where, reason=f"there is no evidence {name}{_near(name, known)}")

    def _transferee(self, where: Where, id_: str) -> Iterator[Fault]:
        known = self.book.transferees
        if self.book.parties is not None and id_ not in known:
            yield Fault(where=where, reason=f"there is no transferee {id_}{_near(id_, known)}")

    # --- procedure -----------------------------------------------------------------------------

    def _procedure(self) -> Iterator[Fault]:
        book = self.book
        routes = self._known("route", [each.id for each in book.routes])
        paths = self._known("path", [each.id for each in book.paths])
        windows = self._known("window", [each.id for each in book.windows])
        milestones = self._known("milestone", [each.name for each in book.milestones])
        happenings = self._known("happening", [each.id for each in book.happenings])
        for n, path in enumerate(book.paths):
            yield from _there(("path", n, "routes"), "route", path.routes, routes)
        if book.paths:
            on_paths = {route for path in book.paths for route in path.routes}
            for n, rule in enumerate(book.routes):
                if rule.id not in on_paths:
                    reason = f"no path has the route {rule.id}: nobody on it would get a letter"
                    yield Fault(where=("route", n), reason=reason)
        opened: set[str] = set()
        for n, letter in enumerate(book.letters):
            yield from _there(("letter", n, "paths"), "path", letter.paths, paths)
            yield from _there(("letter", n, "opens"), "window", letter.opens, windows)
            opened.update(letter.opens)
            if letter.goes_with is not None:
                with_day = [letter.goes_with]
                yield from _there(("letter", n, "goes_with"), "milestone", with_day, milestones)
        for n, window in enumerate(book.windows):
            if window.id not in opened:
                yield Fault(where=("window", n), reason=f"no letter opens the window {window.id}")
            if window.feeds is not None:
                yield from _there(("window", n, "feeds"), "milestone", [window.feeds], milestones)
        for kind in WindowKind:
            found = [n for n, window in enumerate(book.windows) if window.kind is kind]
            for n in found[1:]:
                reason = f"there is a window for the {kind} already: {book.windows[found[0]].id}"
                yield Fault(where=("window", n, "kind"), reason=reason)
        for n, rule in enumerate(book.routes):
            for id_ in rule.draw.between if rule.draw is not None else ():
                yield from self._transferee(("route", n, "draw", "between"), id_)
            for name in (rule.sift.by, *rule.sift.then) if rule.sift is not None else ():
                yield from self._evidence(("route", n, "sift"), name)
        for n, evidence in enumerate(book.evidence):
            if evidence.not_above is not None:
                yield from self._evidence(("evidence", n, "not_above"), evidence.not_above)
        for n, window in enumerate(book.windows):
            for m, reset in enumerate(window.resets):
                for id_ in reset.to:
                    yield from self._transferee(("window", n, "reset", m, "to"), id_)
        for n, grant in enumerate(book.grants):
            for id_ in grant.to:
                yield from self._transferee(("grant", n, "to"), id_)
            yield from _there(("grant", n, "routes"), "route", grant.routes, routes)
        for n, path_ in enumerate(book.objections):
            for id_ in path_.to:
                yield from self._transferee(("objection", n, "to"), id_)
            if book.under.objection is None:
                reason = "nobody can object: say [under] objection = the clause that lets them"
                yield Fault(where=("objection", n), reason=reason)
        for n, entry in enumerate(book.chronicle):
            where = ("chronicle", n, "happening")
            yield from _there(where, "happening", [entry.happening], happenings)
        for n, offer in enumerate(book.offers):
            after = [standing.after for standing in offer.standings]
            yield from _there(("offer", n, "standing"), "happening", after, happenings)
        for n, owed in enumerate(book.obligations):
            day = owed.before or owed.after or ""
            yield from _there(("obligation", n), "milestone", [day], milestones)

    # --- conditions ----------------------------------------------------------------------------

    def _conditions(self) -> Iterator[Fault]:
        book = self.book
        if book.scope is not None:
            yield from self._condition(("scope", "who"), book.scope.who)
            for key, rules in (("also", book.scope.also), ("not", book.scope.but_not)):
                for n, each in enumerate(rules):
                    if each.when is not None:
                        yield from self._condition(("scope", key, n, "when"), each.when)
        for n, rule in enumerate(book.routes):
            where = ("route", n)
            when = yield from self._condition((*where, "when"), rule.when, tried=rule.to is None)
            if rule.to is not None:
                to = yield from self._condition((*where, "to"), rule.to, Result.TEXT, tried=False)
                if when is not None and to is not None and not self.dropped:
                    for key, reason in misjudged(book, when, to):
                        yield Fault(where=(*where, key), reason=reason)
            if rule.because is not None:
                yield from self._template((*where, "because"), rule.because)
            if rule.otherwise is not None:
                yield from self._template((*where, "otherwise"), rule.otherwise)

    def _condition(
        self, where: Where, text: str, result: Result = Result.FLAG, *, tried: bool = True
    ) -> Generator[Fault, None, Compiled | None]:
        try:
            compiled = compile_condition(text, self.book.names, result)
        except Unsuitable as unsuitable:
            gone = self.dropped.get("evidence", frozenset()) | self.dropped.get(
                "clause", frozenset()
            )
            for reason in unsuitable.reasons:
                if not any(f" {name}" in reason for name in gone):
                    yield Fault(where=where, reason=reason)
            return None
        if tried and not self.dropped:
            for _, reason in misjudged(self.book, compiled, None):
                yield Fault(where=where, reason=reason)
        return compiled

    def _template(self, where: Where, text: str) -> Iterator[Fault]:
        named = {*self.book.names.evidence, *template_names(self.book)}
        named |= self.dropped.get("evidence", frozenset()) | self.dropped.get("clause", frozenset())
        for name in (part for found in _BRACES.findall(text) for part in found.split("/")):
            if name not in named:
                reason = f"{{{name}}} stands for nothing{_near(name, named)}"
                yield Fault(where=where, reason=reason)

    # --- the plan ------------------------------------------------------------------------------

    def _plan(self) -> Iterator[Fault]:
        book = self.book
        if book.calendar not in (*EDITIONS, ENGLAND_AND_WALES):
            known = (*EDITIONS, ENGLAND_AND_WALES)
            reason = f"there is no calendar {book.calendar}{_near(book.calendar, known)}"
            yield Fault(where=("calendar",), reason=reason)
        days = [entry.on for entry in book.chronicle]
        for n, (before, on) in enumerate(itertools.pairwise(days)):
            if on < before:
                reason = f"{on} comes after {before}: the chronicle is in order of time"
                yield Fault(where=("chronicle", n + 1, "on"), reason=reason)
        for n, milestone in enumerate(book.milestones):
            for name in milestone.transferors:
                if book.parties is not None and book.transferor(name) is None:
                    reason = f"{name} is no transferor of this edition"
                    yield Fault(where=("milestone", n, "transferors"), reason=reason)
        roles = {milestone.role for milestone in book.milestones}
        if book.parties is None or self.dropped:
            return
        for role in (MilestoneRole.START, MilestoneRole.TRANSFER):
            if role not in roles:
                reason = f"no milestone has the role {role}: an exercise needs one"
                yield Fault(where=("milestone",), reason=reason)
        for listed, found in (("route", book.routes), ("letter", book.letters)):
            if not found:
                yield Fault(where=(listed,), reason=f"there is no [[{listed}]]: one is needed")
        if book.scope is None:
            yield Fault(where=("scope",), reason="there is no [scope]: say whom it covers")


def template_names(book: Rulebook) -> frozenset[str]:
    """What braces in a `because` may stand for, besides the edition's evidence."""
    facets = ("employer", "unit", "post", "role", "band", "workplace")
    return frozenset(("to", "to_id", "document", "value", *facets, *book.by_id))


def _twice(where: Where, ids: Sequence[str]) -> Iterator[Fault]:
    for n, id_ in enumerate(ids):
        if id_ in ids[:n]:
            first = ids.index(id_) + 1
            reason = (
                f"{id_} is given twice: entry {first} of [[{'.'.join(map(str, where))}]] has it"
            )
            yield Fault(where=(*where, n), reason=reason)


def _there(where: Where, what: str, named: Sequence[str], known: set[str]) -> Iterator[Fault]:
    for each in named:
        if each not in known:
            yield Fault(where=where, reason=f"there is no {what} {each}{_near(each, known)}")


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else ""
