"""A seeded sample of a staff return, for rehearsals and tests. Every person in it is invented.

What a source gives is the national total alone; how people are shared out among Trusts, units,
roles, caseloads, hours and preferences is ASSUMED, here and nowhere else. The same trusts, seed
and number of people always give the same bytes. A Trust's own sample is also its part of the
national one, if nobody asks for another number of people.
"""

import csv
import io
import random  # noqa: TID251 - invented people for rehearsals; no decision is drawn here
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, chain
from types import MappingProxyType
from typing import Literal

from transfer.core.refusals import Refused
from transfer.imports.staff_return import roles
from transfer.imports.staff_return.columns import sampled_columns
from transfer.imports.staff_return.roles import Role
from transfer.imports.staff_return.sample_names import FAMILY_NAMES, GIVEN_NAMES
from transfer.rulebooks import Rulebook, employers, rulebook
from transfer.rulebooks.organisations import Organisation

NATIONAL_TOTAL = 16_600
"""People; the source's figure is of full-time equivalents (rules catalogue 12): an assumption."""

AS_AT = date(2013, 10, 31)
"""The day that the sample describes, before the first letter of November 2013. Assumed."""

ASSUMED_HEADCOUNT: MappingProxyType[str, int] = MappingProxyType(
    {
        "LDN": 2800,
        "SWM": 1260,
        "WPT": 1010,
        "MCG": 1000,
        "YSW": 800,
        "SSP": 610,
        "MRS": 610,
        "NBR": 560,
        "HPS": 540,
        "TVP": 520,
        "YSS": 490,
        "LCS": 480,
        "ESX": 400,
        "NHS": 400,
        "KNT": 390,
        "DTV": 360,
        "AVSO": 350,
        "DCP": 330,
        "HBS": 310,
        "LTS": 310,
        "NSP": 310,
        "DBS": 300,
        "CHS": 280,
        "WMP": 270,
        "HFS": 230,
        "CBS": 220,
        "NTS": 200,
        "BEDS": 190,
        "YSN": 190,
        "LNS": 180,
        "DRS": 160,
        "CMB": 150,
        "WTS": 140,
        "GCS": 130,
        "WWS": 120,
    }
)
"""People by Trust: an ASSUMPTION (no source gives it); London, the largest, has about a sixth."""


@dataclass(frozen=True, slots=True)
class _UnitKind:
    """A kind of unit: its share of a Trust, its size, who manages it and who works in it."""

    name: str
    share: int
    size: int
    manager: Role
    staff: tuple[tuple[Role, int], ...]


_UNIT_KINDS = (
    _UnitKind(
        "Local delivery unit",
        62,
        60,
        roles.SENIOR_PROBATION_OFFICER,
        (
            (roles.PROBATION_OFFICER, 40),
            (roles.PROBATION_SERVICES_OFFICER, 36),
            (roles.CASE_ADMINISTRATOR, 18),
            (roles.RECEPTIONIST, 6),
        ),
    ),
    _UnitKind(
        "Courts",
        10,
        35,
        roles.COURT_TEAM_MANAGER,
        (
            (roles.COURT_REPORT_WRITER, 35),
            (roles.COURT_DUTY_OFFICER, 45),
            (roles.TEAM_ADMINISTRATOR, 20),
        ),
    ),
    _UnitKind(
        "Unpaid work",
        10,
        40,
        roles.UNPAID_WORK_MANAGER,
        (
            (roles.UNPAID_WORK_SUPERVISOR, 60),
            (roles.UNPAID_WORK_PLACEMENT_OFFICER, 28),
            (roles.TEAM_ADMINISTRATOR, 12),
        ),
    ),
    _UnitKind(
        "Approved premises",
        5,
        20,
        roles.APPROVED_PREMISES_MANAGER,
        ((roles.RESIDENTIAL_WORKER, 1),),
    ),
    _UnitKind(
        "Programmes",
        5,
        30,
        roles.PROGRAMME_MANAGER,
        ((roles.PROGRAMME_TUTOR, 85), (roles.TEAM_ADMINISTRATOR, 15)),
    ),
    _UnitKind(
        "Victim liaison",
        2,
        20,
        roles.VICTIM_LIAISON_MANAGER,
        ((roles.VICTIM_LIAISON_OFFICER, 85), (roles.TEAM_ADMINISTRATOR, 15)),
    ),
    _UnitKind(
        "Headquarters",
        6,
        200,
        roles.CORPORATE_MANAGER,
        (
            (roles.ASSISTANT_CHIEF_OFFICER, 6),
            (roles.HR_ADVISER, 18),
            (roles.FINANCE_OFFICER, 24),
            (roles.PERFORMANCE_ANALYST, 16),
            (roles.TEAM_ADMINISTRATOR, 36),
        ),
    ),
)
_TEAM = 10
"""People whom one manager manages."""

_FTE = ("1", "0.8", "0.6", "0.5", "0.4", "0.9", "0.72")
_FTE_SHARES = (70, 9, 8, 6, 3, 2, 2)
_PREFERENCES = ("NPS", "CRC", "")
_PREFERENCE_SHARES = {
    None: (46, 29, 25),
    "NPS": (40, 2, 58),
    "CRC": (5, 35, 60),
}


def sample_return(
    trusts: Sequence[str] | Literal["all"], *, seed: int, people: int | None = None
) -> bytes:
    """A sample staff return as a CSV file (UTF-8, lines ending in CR LF).

    `trusts`: names or codes of Trusts, or `"all"`. `people` in all, shared out by
    `ASSUMED_HEADCOUNT`; left out, each Trust has its number there. Refused: an employer that is
    not a Trust, none at all, the same one twice, fewer people than 1.
    """
    text = io.StringIO(newline="")
    names = sampled_columns(_book())
    writer = csv.DictWriter(text, fieldnames=names)
    writer.writeheader()
    writer.writerows(sample_rows(trusts, seed=seed, people=people))
    return text.getvalue().encode()


def sample_rows(
    trusts: Sequence[str] | Literal["all"], *, seed: int, people: int | None = None
) -> Iterator[dict[str, str]]:
    """The rows of `sample_return`, column name to text, Trust by Trust by staff number."""
    chosen = _chosen(trusts)
    counts = [ASSUMED_HEADCOUNT[trust.key] for trust in chosen]
    if people is not None:
        if people < 1:
            raise Refused("a sample needs at least one person")
        counts = share_out(people, counts)
    samples = [
        _TrustSample(trust, count, first, seed)
        for trust, count, first in zip(chosen, counts, _first_numbers(chosen, counts), strict=True)
    ]
    return chain.from_iterable(sample.rows() for sample in samples)


def _book() -> Rulebook:
    """The edition whose transferors are the Trusts that the assumptions here are of."""
    return rulebook("tr-2013")


def _first_numbers(chosen: list[Organisation], counts: list[int]) -> list[int]:
    """Each Trust's first staff number: samples of two Trusts never share one.

    Every Trust has its place between 10000 and 26599; where one outgrows its place, all of them
    move to blocks of 100000 or more.
    """
    trusts = _book().transferors
    ends = accumulate(ASSUMED_HEADCOUNT[trust.key] for trust in trusts)
    place = dict(zip((trust.key for trust in trusts), (0, *ends), strict=False))
    if all(
        count <= ASSUMED_HEADCOUNT[trust.key] for trust, count in zip(chosen, counts, strict=True)
    ):
        return [10_000 + place[trust.key] for trust in chosen]
    block = 100_000
    while block < max(counts):
        block *= 10
    return [(trusts.index(trust) + 1) * block for trust in chosen]


def _chosen(trusts: Sequence[str] | Literal["all"]) -> list[Organisation]:
    if trusts == "all":
        return list(_book().transferors)
    names = [trusts] if isinstance(trusts, str) else trusts
    chosen = [employers().resolve(name) for name in names]
    for organisation in chosen:
        if organisation not in _book().transferors:
            raise Refused(f"{organisation.name} is not one of the 35 Trusts of 2013")
    if not chosen or len({trust.key for trust in chosen}) < len(chosen):
        raise Refused("a sample needs at least one Trust, and each one once")
    return chosen


def share_out(people: int, weights: list[int]) -> list[int]:
    """Whole numbers in the proportion of the weights that add up to `people` exactly."""
    whole = sum(weights)
    bounds = [people * part // whole for part in accumulate(weights)]
    return [upper - lower for lower, upper in zip([0, *bounds], bounds, strict=False)]


@dataclass(frozen=True, slots=True)
class _Seat:
    """A post to fill: where, as what, and which seat of the same Trust manages it."""

    unit: str
    role: Role
    manager: int | None


class _TrustSample:
    """One Trust's people, drawn from the seed and the Trust's key."""

    def __init__(self, trust: Organisation, people: int, first: int, seed: int) -> None:
        # Seeded with text: unlike a hash of a tuple it gives the same draws on every machine.
        self._draw = random.Random(f"{seed}:{trust.key}")  # noqa: S311 - invented people, no secret
        self._trust = trust
        self._people = people
        self._first = first

    def rows(self) -> Iterator[dict[str, str]]:
        for index, seat in enumerate(self._seats()):
            yield self._row(index, seat)

    def _seats(self) -> list[_Seat]:
        """The Trust's posts: a unit's head first, then its other managers, then their teams."""
        seats: list[_Seat] = []
        parts = share_out(self._people, [kind.share for kind in _UNIT_KINDS])
        for kind, part in zip(_UNIT_KINDS, parts, strict=True):
            units = max(1, round(part / kind.size))
            for number, size in enumerate(share_out(part, [1] * units) if part else [], start=1):
                unit = f"{self._trust.area} {kind.name}" + (f" {number}" if units > 1 else "")
                self._fill_unit(seats, unit, kind, size)
        return seats

    def _fill_unit(self, seats: list[_Seat], unit: str, kind: _UnitKind, size: int) -> None:
        head = len(seats)
        managers = max(1, size // (_TEAM + 1))
        executive = kind.manager is roles.CORPORATE_MANAGER
        for index in range(min(size, managers)):
            role = roles.CHIEF_EXECUTIVE if executive and index == 0 else kind.manager
            seats.append(_Seat(unit, role, manager=None if index == 0 else head))
        staff, shares = zip(*kind.staff, strict=True)
        for index in range(size - managers):
            role = self._draw.choices(staff, shares)[0]
            seats.append(_Seat(unit, role, manager=head + index % managers))

    def _row(self, index: int, seat: _Seat) -> dict[str, str]:
        draw, role, trust = self._draw, seat.role, self._trust
        service = self._earlier(AS_AT, least=30, most=30 * 365)
        in_post = service if draw.random() < 0.35 else self._between(service, AS_AT)
        born = self._earlier(service, least=19 * 365, most=34 * 365)
        executive = role.band > 5
        total, high = self._caseload(role)
        return {
            "staff_number": f"S{self._first + index}",
            "name": f"{draw.choice(GIVEN_NAMES)} {draw.choice(FAMILY_NAMES)}",
            "date_of_birth": born.isoformat(),
            "employer": trust.name,
            "unit": seat.unit,
            "post": f"{trust.key}-{index + 1:05}",
            "role": role.name,
            "band": str(role.band),
            "pay_point": str(draw.randint(1, 6)),
            "terms_set": "SCCOG" if executive else "NNC",
            "workplace": f"{seat.unit} office",
            "line_manager": "" if seat.manager is None else f"S{self._first + seat.manager}",
            "hr_process_owner": "",
            "professional_supervisor": "",
            "fte": "1" if executive else draw.choices(_FTE, _FTE_SHARES)[0],
            "in_post_from": in_post.isoformat(),
            "in_post_to": "",
            "continuous_service_from": service.isoformat(),
            "caseload_total": total,
            "caseload_high_risk": high,
            "preference": draw.choices(_PREFERENCES, _PREFERENCE_SHARES[role.automatic])[0],
            "automatic": role.automatic or "",
        }

    def _caseload(self, role: Role) -> tuple[str, str]:
        """Cases held and how many of them high-risk, which probation officers hold more of."""
        if not role.has_caseload:
            return "", ""
        qualified = role is roles.PROBATION_OFFICER
        total = self._draw.randint(25, 50) if qualified else self._draw.randint(35, 65)
        share = self._draw.betavariate(2, 3) if qualified else self._draw.betavariate(1, 12)
        return str(total), str(round(total * share))

    def _earlier(self, day: date, *, least: int, most: int) -> date:
        return day - timedelta(days=self._draw.randint(least, most))

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self._draw.randint(0, (last - first).days))
