"""What erasing a person would make unreadable, and what would stay."""

from collections import Counter

from transfer.commands.office import Office
from transfer.core.record.names import is_name
from transfer.core.streams import staff_stream
from transfer.questions.answer import Answer
from transfer.questions.history import remarks_among

_EXTRACTS = """
SELECT count(DISTINCT reference) AS extracts FROM extract_parts
WHERE staff_number = %s AND nonce IS NOT NULL
"""


class WouldErase(Answer):
    """What is kept of a person under their own key, and goes with it: how many names (also earlier
    ones and those put right), dates of birth, texts that they wrote or were answered, and extracts
    that say something of them.

    `entries` stay: so many are on their record. `linked` are other staff numbers of the same
    person, each of which has its own key.
    """

    staff_number: str
    names: int
    dates_of_birth: int
    texts: int
    extracts: int
    entries: int
    linked: tuple[str, ...]


def would_erase(office: Office, staff_number: str) -> WouldErase:
    """What would not be readable any more; all of it is 0 for somebody who was erased."""
    events = office.log.read(staff_stream(staff_number))
    kinds = Counter(map(_kind, office.vault.fields_of(staff_number)))
    with office.log.connection() as connection:
        row = connection.execute(_EXTRACTS, (staff_number,)).fetchone()
    is_erased = office.vault.erasure_of(staff_number) is not None
    return WouldErase(
        staff_number=staff_number,
        names=kinds["name"],
        dates_of_birth=kinds["date_of_birth"],
        texts=kinds["text"],
        extracts=0 if row is None or is_erased else row["extracts"],
        entries=len(events),
        linked=tuple(sorted({each.staff_number for each in remarks_among(events).links})),
    )


def _kind(field: str) -> str:
    if is_name(field):
        return "name"
    return "date_of_birth" if field == "date_of_birth" else "text"
