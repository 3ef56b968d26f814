"""Erasing a person's data: the key goes, the facts stay. There is no way back."""

import re
from dataclasses import dataclass
from datetime import date

from transfer.commands.documents import require_registered
from transfer.commands.office import Office
from transfer.core.dating.typed import MONTHS
from transfer.core.documents import DOCUMENT_ID
from transfer.core.record.name_search import SHORTEST_BEGINNING, words_of
from transfer.core.record.names import is_name
from transfer.core.refusals import Malformed
from transfer.core.words import StaffNumber
from transfer.vault import Erasure

_NUMBER = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th)?")
_OF_DATES = re.compile(r"[0-9]{1,9}|[^\W\d_]+")
_BETWEEN = frozenset(("st", "nd", "rd", "th", "of", "the"))


@dataclass(frozen=True, slots=True)
class Erased:
    """How a person's data came to be erased; `is_new` is false where it was before."""

    erasure: Erasure
    is_new: bool


def erase(
    office: Office, staff_number: StaffNumber, *, by: str, because: str, document: str | None
) -> Erased:
    """Erase the personal data of somebody on record, for good. Once more changes nothing, but says
    who and why where that is not known.

    `by` and `because` are kept for ever, and so is the `document` that it rests on, which may be
    one of the register.

    Raises `NotOnRecord` for a number that nobody has, and `Malformed` for a reason that is blank
    or has a name of the person or their date of birth, and a document that the register does not
    have.
    """
    require_may_be_erased(office, staff_number, because=because, document=document)
    is_new = office.vault.erase(
        staff_number, by=by, because=because.strip(), document=document and document.strip()
    )
    erasure = office.vault.erasure_of(staff_number)
    if erasure is None:
        raise LookupError(f"{staff_number} has a key although it was erased")
    return Erased(erasure, is_new)


def require_may_be_erased(
    office: Office, staff_number: StaffNumber, *, because: str, document: str | None
) -> None:
    """Raise what `erase` raises, and change nothing."""
    office.person(staff_number).require_registered()
    if not because.strip():
        raise Malformed("say why", field="because")
    for field, text in (("because", because), ("document", document or "")):
        if tells_who(text, office.vault.get(staff_number) or {}):
            raise Malformed(
                "has a name of the person or their date of birth, and is kept for good", field=field
            )
    if document is not None and re.fullmatch(DOCUMENT_ID, document.strip()):
        require_registered(office, document.strip())


def tells_who(text: str, personal: dict[str, str]) -> bool:
    """Whether a text has a name of the person, or their date of birth, as `personal` has them."""
    names = (value for field, value in personal.items() if is_name(field))
    parts = {word for name in names for word in words_of(name)}
    before = ""
    for written in text.split():
        for word in words_of(written):
            is_of_a_date = word in MONTHS and _NUMBER.fullmatch(before)
            # "to" and "an" are names too, but not where they are written small.
            is_told = len(word) >= SHORTEST_BEGINNING or not (word.isascii() and written.islower())
            if word in parts and is_told and not is_of_a_date:
                return True
            before = word
    born = personal.get("date_of_birth")
    return born is not None and _has_day(text, date.fromisoformat(born))


def _has_day(text: str, day: date) -> bool:
    """Whether a text has a date, in numbers or in words, whatever comes first in it."""
    written = [word for word in _OF_DATES.findall(text.casefold()) if word not in _BETWEEN]
    numbers = [int(word) if word.isdecimal() else _month(word) for word in written]
    asked = [sorted((year, day.month, day.day)) for year in (day.year, day.year % 100)]
    threes = [sorted(numbers[at : at + 3]) for at in range(len(numbers))]
    return f"{day:%Y%m%d}" in text or any(each in threes for each in asked)


def _month(word: str) -> int:
    """The number of a month, also of a shortened one; 0 for any other word."""
    is_one = (len(word) > 2 and month.startswith(word) for month in MONTHS)
    return next((at for at, found in enumerate(is_one, start=1) if found), 0)
