"""A made-up staff return for any edition of a rulebook. Every person in it is invented.

What the edition says is kept to: its transferors and how many people each has, its columns of
evidence with their types, bounds and samples, the roles, bands and units that its conditions name,
its pay scales. All else is ASSUMED: teams of ten under a manager, roles, hours, ages, and, where
the edition gives no numbers, as many people with each transferor. People are drawn until each route
of the edition is somebody's, as far as that can be. The same edition, seed and number of people
always give the same bytes.
"""

import csv
import io
import random  # noqa: TID251 - invented people for rehearsals; no decision is drawn here
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from transfer.core.editions.values import ClauseValue
from transfer.core.refusals import Refused
from transfer.core.words import Facet, MilestoneRole
from transfer.imports.staff_return.cells import CellFault
from transfer.imports.staff_return.columns import DOCUMENT, sampled_columns
from transfer.imports.staff_return.evidence import EvidenceCell
from transfer.imports.staff_return.sample import ASSUMED_HEADCOUNT, share_out
from transfer.imports.staff_return.sample_names import FAMILY_NAMES, GIVEN_NAMES
from transfer.rulebooks import Rulebook, print_value
from transfer.rulebooks.deciding import case_of, covers, decide
from transfer.rulebooks.organisations import Organisation
from transfer.rulebooks.parties import Evidence, EvidenceType

_FIRST_NUMBER = 10_000
_TEAM = 10
"""People of a team, its manager among them."""

_HEAD, _MANAGER = "Head of service", "Team manager"
_ROLES = (("Senior officer", 4), ("Officer", 3), ("Support officer", 3), ("Administrator", 2))
_ROLE_SHARES = (15, 40, 25, 20)
_BANDS = {_HEAD: 6, _MANAGER: 5, **dict(_ROLES)}
_TEAMS = ("Operations", "Casework", "Planning", "Support", "Finance", "Customer services")
_FTE = ("1", "0.8", "0.6", "0.5", "0.4")
_FTE_SHARES = (72, 10, 9, 6, 3)

_FILLED = 0.45
"""How often a field is filled that the edition does not need."""

_ATTEMPTS = 8
"""How often somebody is drawn again whom the scope leaves out or no route answers for."""

_AS_DRAWN = 20
"""Every twentieth is kept as drawn, so that scope and panel have something to do."""

_SEARCHED = 600
"""Draws in search of somebody for a route that is nobody's yet."""

_SEARCHED_WITH = (_FILLED, 0.9, 0.1)
"""How often fields are filled in a search: some routes need many of them, some need none."""

_AT_A_TURN = 0.4
"""How often a number or a date is one at which a condition turns, or just beside it."""

_ANY_NUMBER = (Decimal(0), Decimal(60))
_ANY_SUM = (Decimal(18_000), Decimal(60_000))

_NAMED_BY = re.compile(
    r"\b(?P<facet>[a-z0-9_]+)(?:\s*==\s*|\.(?:startsWith|endsWith|contains)\(\s*)"
    r"(?:'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\")"
)
_NAMED_IN = re.compile(r"\b(?P<facet>[a-z0-9_]+)\s+in\s+\[(?P<list>[^\]]*)\]")
_LISTED = re.compile(
    r"listed\(\s*(?P<facet>[a-z0-9_]+)\s*,\s*value\[['\"](?P<clause>[^'\"]+)['\"]\]"
    r"|\b(?P<facet_in>[a-z0-9_]+)\s+in\s+value\[['\"](?P<clause_in>[^'\"]+)['\"]\]"
)
_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_LOWER = re.compile(r"lower\(([a-z_.]+)\)")
_EVIDENCE = re.compile(r"\bevidence\.([a-z0-9_]+)")
_VALUE = re.compile(r"value\[['\"]([^'\"]+)['\"]\]")
_DAY = re.compile(r"day\(['\"]([0-9]{4}-[0-9]{2}-[0-9]{2})['\"]\)")
_NUMBER = re.compile(r"decimal\(['\"]([0-9.]+)['\"]\)|(?<![\w.'\"-])([0-9]+)(?![\w.'\"-])")

_Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Invented:
    """A made-up return: the file, and what its reader should know of it.

    `shares` says where the numbers of people come from; `unreached` are the routes of the edition
    that lead nobody of the file anywhere.
    """

    content: bytes
    people: int
    transferors: int
    shares: str
    unreached: tuple[str, ...]


def invented_return(book: Rulebook, *, people: int, seed: int) -> Invented:
    """A made-up return for an edition, as a CSV file (UTF-8, lines ending in CR LF).

    Refused: an edition without transferors, fewer people than 1.
    """
    if people < 1:
        raise Refused("a sample needs at least one person")
    if not book.transferors:
        raise Refused(f"{book.edition} names nobody whose staff move: it has no transferors")
    weights, shares = _weights(book)
    draft = _Draft(book, share_out(people, weights), seed)
    rows = draft.rows()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, sampled_columns(book), restval="")
    writer.writeheader()
    writer.writerows(rows)
    reached = set(draft.reached)
    return Invented(
        content=text.getvalue().encode(),
        people=people,
        transferors=len(book.transferors),
        shares=shares,
        unreached=tuple(each.id for each in book.routes if each.id not in reached),
    )


def _weights(book: Rulebook) -> tuple[list[int], str]:
    said = [each.people for each in book.transferors]
    numbers = [number for number in said if number is not None]
    if len(numbers) == len(said):
        return numbers, "in the proportion that the edition gives"
    assumed = [ASSUMED_HEADCOUNT.get(each.key, 0) for each in book.transferors]
    if all(assumed):
        return assumed, "by assumed head counts"
    return [1] * len(said), "evenly (assumed: the edition gives no numbers)"


@dataclass(frozen=True, slots=True)
class _Seat:
    """A post to fill: with whom, in which unit, as what, and whose seat manages it."""

    transferor: Organisation
    unit: str
    role: str
    manager: int | None


class _Draft:
    """The people of one file, drawn from the seed and the edition's name."""

    def __init__(self, book: Rulebook, counts: Sequence[int], seed: int) -> None:
        self._book = book
        self._draw = random.Random(f"{seed}:{book.edition}")  # noqa: S311 - invented, no secret
        self._by = book.parties.by if book.parties is not None else Facet.EMPLOYER
        self._on = _before_the_start(book)
        self._named = _named_in_conditions(book)
        self._turns = _turns_of_conditions(book)
        self._cells = {it.name: EvidenceCell(it, book) for it in book.evidence}
        self._bands = _points_by_band(book, self._on)
        self._terms = book.with_given(
            ClauseValue(clause=id_, value=print_value(value), document=None, assumed=True)
            for id_, value in book.suggested().items()
        )
        self._needed = {
            change.evidence
            for it in book.transferees.values()
            for change in it.changes.values()
            if change.evidence is not None
        } | {it.name for it in book.evidence if it.needed}
        self._seats = list(self._fill(counts))
        self._managers = [index for index, seat in enumerate(self._seats) if seat.role]
        self.reached: Counter[str] = Counter()

    def rows(self) -> list[_Row]:
        """Everybody, by staff number."""
        rows: list[_Row] = []
        routes: list[str | None] = []
        for index in range(len(self._seats)):
            row, route = self._somebody(index)
            rows.append(row)
            routes.append(route)
        self.reached.update(route for route in routes if route is not None)
        for rule in self._book.routes:
            if rule.id not in self.reached:
                self._search(rule.id, rows, routes)
        return rows

    def _somebody(self, index: int) -> tuple[_Row, str | None]:
        """A row whom the scope covers and a route answers for, if that is soon found."""
        row = self._row(index, eager=False)
        route = self._route(row)
        if index % _AS_DRAWN == _AS_DRAWN - 1:
            return row, route
        for attempt in range(_ATTEMPTS):
            if route is not None:
                break
            row = self._row(index, eager=attempt > _ATTEMPTS // 2)
            route = self._route(row)
        return row, route

    def _search(self, wanted: str, rows: list[_Row], routes: list[str | None]) -> None:
        """Draw people again until one is led by that route, taking nobody from another's last."""
        for attempt in range(_SEARCHED):
            index = self._draw.randrange(len(rows))
            before = routes[index]
            if before is not None and self.reached[before] == 1:
                continue
            filled = _SEARCHED_WITH[attempt % len(_SEARCHED_WITH)]
            row = self._row(index, eager=attempt % 2 == 1, filled=filled)
            if self._route(row) == wanted:
                rows[index], routes[index] = row, wanted
                if before is not None:
                    self.reached[before] -= 1
                self.reached[wanted] += 1
                return

    def _route(self, row: _Row) -> str | None:
        """The route that decides this row; `None` where none does or the scope leaves it out."""
        case = case_of(
            self._terms,
            facets={facet.value: row.get(facet.value) or None for facet in Facet},
            evidence={it.name: row[it.name] for it in self._book.evidence if row.get(it.name)},
            on=self._on,
        )
        try:
            if self._book.scope is not None and not covers(self._terms, case):
                return None
            return decide(self._terms, case, staff_number=row["staff_number"], seed="").route
        except Refused:
            return None

    def _fill(self, counts: Sequence[int]) -> Iterator[_Seat]:
        """The posts of each transferor: a head, then teams of ten with a manager each."""
        first = 0
        for transferor, count in zip(self._book.transferors, counts, strict=True):
            units = [f"{transferor.area} {team}" for team in _TEAMS] + self._named[Facet.UNIT]
            manager = first
            for index in range(count):
                team, place = divmod(index, _TEAM)
                unit = transferor.name if self._by is Facet.UNIT else units[team % len(units)]
                if place == 0:
                    manager = first + index
                    above = first if index else None
                    yield _Seat(transferor, unit, _MANAGER if index else _HEAD, above)
                else:
                    yield _Seat(transferor, unit, "", manager)
            first += count

    def _row(self, index: int, *, eager: bool, filled: float = _FILLED) -> _Row:
        """One person; `eager` for what the conditions name, also in a manager's post."""
        draw, seat = self._draw, self._seats[index]
        role = seat.role or draw.choices(_ROLES, _ROLE_SHARES)[0][0]
        if self._named[Facet.ROLE] and (eager or not seat.role) and draw.random() < 0.5:
            role = draw.choice(self._named[Facet.ROLE])
        band, point = self._paid(role, eager=eager)
        service = self._on - timedelta(days=draw.randint(30, 30 * 365))
        in_post = service + timedelta(days=draw.randint(0, (self._on - service).days))
        born = service - timedelta(days=draw.randint(19 * 365, 34 * 365))
        row = {
            "staff_number": _number(index),
            "name": f"{draw.choice(GIVEN_NAMES)} {draw.choice(FAMILY_NAMES)}",
            "date_of_birth": born.isoformat(),
            "employer": self._employer(seat.transferor),
            "unit": seat.unit,
            "post": f"P-{index + 1:05}",
            "role": role,
            "band": band,
            "pay_point": point,
            "workplace": f"{seat.transferor.area} office",
            "line_manager": "" if seat.manager is None else _number(seat.manager),
            "fte": draw.choices(_FTE, _FTE_SHARES)[0],
            "in_post_from": in_post.isoformat(),
            "continuous_service_from": service.isoformat(),
        }
        for facet in (Facet.POST, Facet.WORKPLACE, Facet.TERMS_SET, Facet.PAY_POINT):
            if self._named[facet] and draw.random() < 0.5:
                row[facet.value] = draw.choice(self._named[facet])
        if self._by not in (Facet.EMPLOYER, Facet.UNIT, Facet.LINE_MANAGER):
            row[self._by.value] = seat.transferor.name
        return row | self._evidence(index, filled)

    def _employer(self, transferor: Organisation) -> str:
        if self._by is Facet.EMPLOYER:
            return transferor.name
        if self._named[Facet.EMPLOYER]:
            return self._named[Facet.EMPLOYER][0]
        by_law = transferor.employed_by
        return self._book.register.named(by_law) if by_law is not None else transferor.name

    def _paid(self, role: str, *, eager: bool) -> tuple[str, str]:
        """Band and pay point: of the edition's pay scale where it has one."""
        draw, named = self._draw, [it for it in self._named[Facet.BAND] if it.isdecimal()]
        if named and draw.random() < (0.7 if eager else 0.3):
            band = draw.choice(named)
        else:
            usual = _BANDS.get(role, 3)
            band = str(min(map(int, self._bands), key=lambda it: abs(it - usual), default=usual))
        points = self._bands.get(band, ())
        return band, draw.choice(points) if points else str(draw.randint(1, 6))

    def _evidence(self, index: int, share: float) -> _Row:
        """What the edition's columns say of somebody, a bound before what it bounds."""
        found: _Row = {}
        waiting = list(self._book.evidence)
        while waiting:
            later: list[Evidence] = []
            names = {it.name for it in waiting}
            for declared in waiting:
                if declared.not_above in names and declared.not_above != declared.name:
                    later.append(declared)
                    continue
                limit = found.get(declared.not_above or "")
                # A part of something is said where the whole is, and nowhere else.
                filled = limit is not None if declared.not_above else self._draw.random() < share
                if filled or declared.name in self._needed:
                    found[declared.name] = self._said(declared, limit, index)
                    if declared.document:
                        found[declared.name + DOCUMENT] = f"invented document {index + 1}"
            if len(later) == len(waiting):
                break
            waiting = later
        return found

    def _said(self, declared: Evidence, limit: str | None, index: int) -> str:
        draw = self._draw
        if declared.sample:
            said = self._fitting(declared, print_value(draw.choice(declared.sample)), limit)
            if said is not None:
                return said
        turns = self._turns[declared.name]
        if turns and draw.random() < _AT_A_TURN:
            said = self._fitting(declared, _beside(draw, declared, draw.choice(turns)), limit)
            if said is not None:
                return said
        numbers = [each for each in turns if isinstance(each, Decimal)]
        most_turned = (Decimal(0), 2 * max([*numbers, _ANY_NUMBER[1] / 2]))
        match declared.type:
            case EvidenceType.WHOLE:
                least, most = _bounds(declared, limit, most_turned)
                first = int(least.to_integral_value(ROUND_CEILING))
                last = int(most.to_integral_value(ROUND_FLOOR))
                return str(draw.randint(first, max(first, last)))
            case EvidenceType.SHARE:
                return self._between(*_bounds(declared, limit, (Decimal(0), Decimal(1))))
            case EvidenceType.DECIMAL:
                return self._between(*_bounds(declared, limit, most_turned))
            case EvidenceType.MONEY:
                return self._between(*_bounds(declared, limit, _ANY_SUM))
            case EvidenceType.FLAG:
                return draw.choice(("yes", "no"))
            case EvidenceType.DATE:
                return (self._on - timedelta(days=draw.randint(0, 2_000))).isoformat()
            case EvidenceType.CHOICE:
                return draw.choice(declared.choices)
            case EvidenceType.TRANSFEREE:
                return draw.choice(list(self._book.transferees))
            case EvidenceType.TRANSFEROR:
                return draw.choice(self._book.transferors).name
            case EvidenceType.STAFF_NUMBER:
                return _number(self._somebody_else(index))
            case EvidenceType.TEXT:
                return draw.choice(["as invented", *self._named[declared.name]])

    def _fitting(self, declared: Evidence, text: str, limit: str | None) -> str | None:
        """The written form of a text, if the column takes it and it is not above its limit."""
        cell = self._cells[declared.name]
        try:
            said = cell.parse(text)
        except CellFault:
            return None
        row = {declared.name: said} | ({} if limit is None else {str(declared.not_above): limit})
        return said if cell.above(row) is None else None

    def _between(self, least: Decimal, most: Decimal) -> str:
        """A number with two decimals between two bounds, both of them possible."""
        drawn = Decimal(self._draw.randint(0, 100)) / 100
        return format((least + (most - least) * drawn).quantize(Decimal("0.01")), "f")

    def _somebody_else(self, index: int) -> int:
        """A manager of the file who is not the person; the person where there is nobody else."""
        chosen = self._draw.choice(self._managers)
        if chosen != index:
            return chosen
        return next((it for it in self._managers if it != index), (index + 1) % len(self._seats))


def _beside(draw: random.Random, declared: Evidence, turn: Decimal | date) -> str:
    """A value at which a condition turns, or the next one on either side."""
    step = draw.choice((-1, 0, 1))
    if isinstance(turn, date):
        return (turn + timedelta(days=step)).isoformat()
    fine = declared.type is not EvidenceType.WHOLE
    return format(turn + (Decimal(step) / 100 if fine else step), "f")


def _bounds(
    declared: Evidence, limit: str | None, otherwise: tuple[Decimal, Decimal]
) -> tuple[Decimal, Decimal]:
    """The least and the most that a field may hold, with a span of its own where one is open."""
    span = otherwise[1] - otherwise[0]
    least, most = declared.least, declared.most
    if limit is not None:
        most = min(Decimal(limit), most) if most is not None else Decimal(limit)
    if least is None:
        least = otherwise[0] if most is None or otherwise[0] <= most else most - span
    if most is None:
        most = otherwise[1] if otherwise[1] > least else least + span
    return least, max(least, most)


def _number(index: int) -> str:
    return f"S{_FIRST_NUMBER + index}"


def _before_the_start(book: Rulebook) -> date:
    """The day that the file describes: a fortnight before the exercise starts."""
    days = [each.on for each in book.milestones if each.role is MilestoneRole.START]
    days = days or [each.on for each in book.milestones]
    return min(days, default=date(2020, 6, 1)) - timedelta(days=14)


def _points_by_band(book: Rulebook, on: date) -> Mapping[str, tuple[str, ...]]:
    """The bands and points of the pay scale in force on the day, else of the first there is."""
    scales = sorted(book.pay_scales, key=lambda each: each.effective_from)
    if not scales:
        return {}
    chosen = [each for each in scales if each.effective_from <= on][-1:] or scales[:1]
    return {band: tuple(points) for band, points in chosen[0].bands.items() if band.isdecimal()}


def _conditions(book: Rulebook) -> list[str]:
    """Every condition of the edition, in the order of the file."""
    texts = [text for rule in book.routes for text in (rule.when, rule.to) if text is not None]
    if book.scope is not None:
        rules = (*book.scope.also, *book.scope.but_not)
        texts += [book.scope.who, *(rule.when for rule in rules if rule.when is not None)]
    return texts


def _named_in_conditions(book: Rulebook) -> Mapping[str, list[str]]:
    """The texts that conditions compare parts of the position and evidence with, by their name."""
    named: defaultdict[str, list[str]] = defaultdict(list)

    def note(name: str, found: Sequence[str]) -> None:
        named[name] += [it for it in found if it.strip() and it not in named[name]]

    for text in _conditions(book):
        plain = _LOWER.sub(r"\1", text)
        for it in _NAMED_BY.finditer(plain):
            note(it["facet"], [it["one"] or it["two"] or ""])
        for it in _NAMED_IN.finditer(plain):
            note(it["facet"], [one or two for one, two in _TEXT.findall(it["list"])])
        for it in _LISTED.finditer(plain):
            note(it["facet"] or it["facet_in"], _listed(book, it["clause"] or it["clause_in"]))
    return named


def _turns_of_conditions(book: Rulebook) -> Mapping[str, list[Decimal | date]]:
    """The numbers and days that stand in a condition beside a field of evidence, by the field."""
    turns: defaultdict[str, list[Decimal | date]] = defaultdict(list)
    for text in _conditions(book):
        numbers = _NUMBER.findall(_VALUE.sub("", text))
        found: list[Decimal | date] = [Decimal(exact or whole) for exact, whole in numbers]
        found += [date.fromisoformat(day) for day in _DAY.findall(text)]
        for clause_id in _VALUE.findall(text):
            clause = book.by_id[clause_id]
            known = clause.value if clause.value is not None else clause.suggested_for_rehearsal
            if isinstance(known, Decimal | date):
                found.append(known)
            elif isinstance(known, int) and not isinstance(known, bool):
                found.append(Decimal(known))
        for name in dict.fromkeys(_EVIDENCE.findall(text)):
            turns[name] += found
    return turns


def _listed(book: Rulebook, clause_id: str) -> Sequence[str]:
    clause = book.by_id.get(clause_id)
    if clause is None:
        return ()
    value = clause.value if clause.value is not None else clause.suggested_for_rehearsal
    return value if isinstance(value, tuple) else ()
