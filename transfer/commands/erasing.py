"""Erasing a person's data: the key goes, the facts stay. There is no way back."""

import re
from dataclasses import dataclass

from transfer.commands.documents import require_registered
from transfer.commands.office import Office
from transfer.core.documents import DOCUMENT_ID
from transfer.core.record.name_search import SHORTEST_BEGINNING, words_of
from transfer.core.record.names import is_name
from transfer.core.refusals import Malformed
from transfer.core.words import StaffNumber
from transfer.vault import Erasure


@dataclass(frozen=True, slots=True)
class Erased:
    """How a person's data came to be erased; `is_new` is false where it was before."""

    erasure: Erasure
    is_new: bool


def erase(
    office: Office, staff_number: StaffNumber, *, by: str, because: str, document: str | None
) -> Erased:
    """Erase the personal data of somebody on record, for good. Once more changes nothing.

    `by` and `because` are kept for ever, and so is the `document` that it rests on, which may be
    one of the register.

    Raises `NotOnRecord` for a number that nobody has, and `Malformed` for a reason that is blank
    or has a name of the person, and a document that the register does not have.
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
        if _names_in(text, office.vault.get(staff_number) or {}):
            raise Malformed("has a name of the person, and is kept for good", field=field)
    if document is not None and re.fullmatch(DOCUMENT_ID, document.strip()):
        require_registered(office, document.strip())


def _names_in(text: str, personal: dict[str, str]) -> bool:
    names = (value for field, value in personal.items() if is_name(field))
    parts = {word for name in names for word in words_of(name)}
    return any(len(word) >= SHORTEST_BEGINNING and word in parts for word in words_of(text))
