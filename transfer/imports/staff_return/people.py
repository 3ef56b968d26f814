"""What a staff return says once it is read: people, their periods, and the rows not taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

from transfer.core.words import MAIN, Facet
from transfer.imports.meaning import Finding


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason why a row, or on line 1 the whole file, is not taken."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about a row that is taken and ought to be looked at."""

    line: int
    field: str
    reason: str


class RejectionDict(TypedDict):
    """A `Rejection` or a `Warned` as JSON."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One position of one person, from a day and, for a dated period, until before a day.

    `employer` is the organisation's canonical name; one that is unknown stays as it was typed.
    `fte` keeps its digits as given. `name` and `continuous_service_from` are what this row says of
    the person. `evidence` is what the edition's own columns say, in the written form of each, and
    `documents` names what stands behind it; neither is part of the position.
    """

    line: int
    in_post_from: date
    in_post_to: date | None
    employer: str
    unit: str
    role: str
    band: str
    fte: str
    name: str
    assignment: str = MAIN
    continuous_service_from: date | None = None
    post: str | None = None
    pay_point: str | None = None
    terms_set: str | None = None
    workplace: str | None = None
    line_manager: str | None = None
    hr_process_owner: str | None = None
    professional_supervisor: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict, hash=False)
    documents: Mapping[str, str] = field(default_factory=dict, hash=False)

    def facets(self) -> dict[Facet, str]:
        """The position as facet values; what the return leaves blank is absent."""
        values = {
            Facet.EMPLOYER: self.employer,
            Facet.UNIT: self.unit,
            Facet.POST: self.post,
            Facet.ROLE: self.role,
            Facet.BAND: self.band,
            Facet.PAY_POINT: self.pay_point,
            Facet.TERMS_SET: self.terms_set,
            Facet.WORKPLACE: self.workplace,
            Facet.FTE: self.fte,
            Facet.LINE_MANAGER: self.line_manager,
            Facet.HR_PROCESS_OWNER: self.hr_process_owner,
            Facet.PROFESSIONAL_SUPERVISOR: self.professional_supervisor,
        }
        return {facet: value for facet, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PersonReturn:
    """A person of the return, with at least one period, in order of `in_post_from`.

    Where two begin on one day, that of the main assignment comes first.
    """

    staff_number: str
    date_of_birth: date | None
    periods: tuple[ReturnRow, ...]

    @property
    def name(self) -> str:
        """What the person was called when the first of these periods began."""
        return self.periods[0].name


@dataclass(frozen=True, slots=True)
class StaffReturn:
    """What a staff return says: people to record, rejections by line, and the rows accepted.

    `asks` are the questions that the file as a whole raises: then nobody is taken. `known` are the
    people who are on record already, of a renewed list.
    """

    people: tuple[PersonReturn, ...]
    rejected: tuple[Rejection, ...]
    accepted: int
    warnings: tuple[Warned, ...] = ()
    asks: tuple[Finding, ...] = ()
    known: tuple[PersonReturn, ...] = ()

    @property
    def staff(self) -> int:
        """How many people were accepted."""
        return len(self.people)


def rejections_as_dicts(rejections: Iterable[Rejection | Warned]) -> list[RejectionDict]:
    """The rejections, or the warnings, as the contract's JSON: `line`, `field`, `reason`."""
    return [{"line": it.line, "field": it.field, "reason": it.reason} for it in rejections]
