"""What the record holds of somebody on a day, of what an edition asks for.

A name and a date of birth are kept apart from the record, and so are not looked at here; what is
held as a document is held for everybody.
"""

from collections.abc import Collection, Iterator
from datetime import date
from hashlib import sha256

from transfer.core.dating.effective_dating import Entries, Key, Kind
from transfer.core.words import MAIN, Facet, Frozen, StaffNumber
from transfer.procedures.liability_information.edition import Datum, LiabilityInformation

_LONG_ENOUGH = 16


class HeldOfPerson(Frozen):
    """What is held of one person: the ids of what is `missing`, and a digest of the values.

    Two digests are the same where every value is. Without a digest: the old employer does not
    employ them on the day, and there is nothing to tell.
    """

    staff_number: StaffNumber
    missing: tuple[str, ...] = ()
    digest: str | None = None


def held_of(
    staff_number: str,
    entries: Entries,
    duty: LiabilityInformation,
    transferor: str,
    as_at: date,
    documents: Collection[str] = (),
) -> HeldOfPerson:
    """What is held of one person on a day, in the assignments in which the old employer, by the
    name that the record has, employs them. `documents` are the titles of those on file."""
    jobs = tuple(_jobs(entries, transferor, as_at))
    if not jobs:
        return HeldOfPerson(staff_number=staff_number)
    missing: list[str] = []
    said: list[str] = []
    for _, datum in duty.data():
        if datum.document is not None:
            if datum.document not in documents:
                missing.append(datum.id)
            continue
        values = [(job, _value(entries, datum, job, as_at)) for job in jobs]
        if datum.personal is None and any(value is None for _, value in values):
            missing.append(datum.id)
        said += (f"{datum.id}|{job}|{value}" for job, value in values)
    digest = sha256("\n".join(said).encode()).hexdigest()[:_LONG_ENOUGH]
    return HeldOfPerson(staff_number=staff_number, missing=tuple(missing), digest=digest)


def _jobs(entries: Entries, transferor: str, day: date) -> Iterator[str]:
    names = {key.assignment for key in entries.stated_keys() if key.name == Facet.EMPLOYER}
    for name in sorted(names, key=lambda each: (each != MAIN, each)):
        found = entries.timeline(Key(Kind.FACET, name, Facet.EMPLOYER)).at(day)
        if found is not None and found.value.casefold() == transferor.casefold():
            yield name


def _value(entries: Entries, datum: Datum, job: str, day: date) -> str | None:
    if datum.detail is not None:
        key = Key(Kind.FACET, job, datum.detail)
    elif datum.term is not None:
        key = Key(Kind.TERM, "", datum.term)
    else:
        return None
    found = entries.timeline(key).at(day)
    return None if found is None else found.value
