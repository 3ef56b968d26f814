"""One cell of a column that an edition declares: its type, its bounds, its written form.

The written forms are those of `transfer.core.editions.values`: `yes`, `2013-11-11`, `0.6`,
`24500.00`.
A transferee is kept by its id, a transferor by its full name.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from transfer.imports.staff_return import cells
from transfer.imports.staff_return.cells import CellFault
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.organisations import squash
from transfer.rulebooks.parties import Evidence, EvidenceType

_NUMBER = re.compile(r"(-?)([0-9]{0,9})(?:\.([0-9]{0,9}))?")
_SUM = re.compile(r"(-?)£? ?([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.([0-9]{1,2}))?")
_YES = frozenset(("yes", "y", "true"))
_NO = frozenset(("no", "n", "false"))
_MOST_NAMED = 5


class EvidenceCell:
    """How the cells of one declared column are read."""

    def __init__(self, declared: Evidence, book: Rulebook, *, month_first: bool = False) -> None:
        self.declared = declared
        self._book = book
        self._month_first = month_first
        self._options: Mapping[str, str] = _options(declared, book)
        self._says = _list_of(list(dict.fromkeys(self._options.values())))

    def parse(self, text: str) -> str:
        """The written form of a cell's text; `CellFault` where the column cannot hold it."""
        match self.declared.type:
            case EvidenceType.WHOLE:
                return self._bounded(_whole(text))
            case EvidenceType.SHARE:
                return self._bounded(_share(text))
            case EvidenceType.DECIMAL:
                return self._bounded(_decimal(text, "is not a decimal number such as 0.6"))
            case EvidenceType.MONEY:
                return self._bounded(_money(text))
            case EvidenceType.FLAG:
                return _flag(text)
            case EvidenceType.DATE:
                return cells.parse_date(text, month_first=self._month_first).isoformat()
            case EvidenceType.TEXT:
                return text
            case EvidenceType.STAFF_NUMBER:
                return cells.parse_staff_number(text)
            case EvidenceType.CHOICE | EvidenceType.TRANSFEREE:
                return self._one_of(text)
            case EvidenceType.TRANSFEROR:
                found = self._book.transferor(text)
                if found is None:
                    raise CellFault(f"is no transferor of {self._book.edition}")
                return found.name

    def above(self, row: Mapping[str, str]) -> str | None:
        """Why the value is above the field that it must not exceed; `None` where it is not."""
        limit = self.declared.not_above
        if limit is None or self.declared.name not in row or limit not in row:
            return None
        value, most = row[self.declared.name], row[limit]
        return f"{value} is above the {limit} of {most}" if Decimal(value) > Decimal(most) else None

    def _bounded(self, written: str) -> str:
        number, declared = Decimal(written), self.declared
        if declared.least is not None and number < declared.least:
            raise CellFault(f"is below the least that is taken, {declared.least}")
        if declared.most is not None and number > declared.most:
            raise CellFault(f"is above the most that is taken, {declared.most}")
        return written

    def _one_of(self, text: str) -> str:
        found = self._options.get(squash(text))
        if found is None:
            raise CellFault(self._says)
        return found


def _options(declared: Evidence, book: Rulebook) -> dict[str, str]:
    """What may stand in a column of choices, by how it is compared."""
    if declared.type is EvidenceType.CHOICE:
        return {squash(each): each for each in declared.choices}
    if declared.type is EvidenceType.TRANSFEREE:
        by_name = {squash(each.name): id_ for id_, each in book.transferees.items()}
        return by_name | {squash(id_): id_ for id_ in book.transferees}
    return {}


def _list_of(options: Sequence[str]) -> str:
    match options:
        case [only]:
            return f"is not {only}"
        case [first, second]:
            return f"is neither {first} nor {second}"
        case _:
            shown = ", ".join(options[:_MOST_NAMED])
            more = len(options) - _MOST_NAMED
            return f"is none of {shown}" + (f" and {more} more" if more > 0 else "")


def _decimal(text: str, reason: str) -> str:
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise cells.no_number(text, reason)
    whole, fraction = found[2].lstrip("0") or "0", found[3] or ""
    return f"{found[1]}{whole}.{fraction}" if fraction else f"{found[1]}{whole}"


def _whole(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    return f"{sign}{cells.parse_whole(text.removeprefix('-'))}"


def _share(text: str) -> str:
    reason = "is not a share from 0 to 1, such as 0.6"
    written = _decimal(text, reason)
    if not 0 <= Decimal(written) <= 1:
        raise CellFault(reason)
    return written


def _money(text: str) -> str:
    found = _SUM.fullmatch(text)
    if found is None:
        raise cells.no_number(text, "is not a sum of money such as 24500.00")
    pounds = found[2].replace(",", "").lstrip("0") or "0"
    return f"{found[1]}{pounds}.{(found[3] or '').ljust(2, '0')}"


def _flag(text: str) -> str:
    plain = text.casefold()
    if plain in _YES:
        return "yes"
    if plain in _NO:
        return "no"
    raise CellFault("is neither yes nor no")
