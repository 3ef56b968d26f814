"""The terms whose values have a meaning of their own; those of every other term are opaque."""

from collections.abc import Mapping
from datetime import date

from transfer.core.refusals import Malformed

CONTINUOUS_SERVICE = "continuous_service_from"
"""The term whose value is the day from which a person's service counts as unbroken (ISO 8601).

It is stated by the registration and varied or ended like any other term. No change of position
touches it, so neither a transfer nor leaving and coming back resets it: whether a break broke the
service is for whoever records that, with the clause that it rests on.
"""


def check_terms(terms: Mapping[str, str | None]) -> None:
    """Refuse continuous service from what is no date; every other value is opaque."""
    value = terms.get(CONTINUOUS_SERVICE)
    if value is not None and not _is_day(value):
        raise Malformed(
            f"{CONTINUOUS_SERVICE} is a date, YYYY-MM-DD, or null, which ends it", field="value"
        )


def service_fault(
    counted_from: date | None, begins: date, *, called: str = "effective_from"
) -> str | None:
    """Why service cannot count from that day for somebody whose record begins on `begins`.

    `called` is what whoever sent it calls that day. Source: contract, "The staff return",
    `continuous_service_from`.
    """
    if counted_from is None or counted_from <= begins:
        return None
    return f"{counted_from} is after {called}, {begins}"


def check_service(counted_from: date | None, begins: date) -> None:
    """Refuse service that counts from a day after the registration's; raises `Malformed`."""
    fault = service_fault(counted_from, begins)
    if fault is not None:
        raise Malformed(fault, field=CONTINUOUS_SERVICE)


def _is_day(text: str) -> bool:
    try:
        # Python reads other forms of ISO 8601 too.
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
