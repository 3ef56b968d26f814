"""The columns of the staff return, in the words of the contract: one table for reader and help.

`COLUMNS` are the same for every return. An edition adds those of its evidence (`columns_for`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from transfer.rulebooks.model import Rulebook

LONGEST_VALUE = 200
"""Characters; no value of a position is longer, and a longer one is usually a lost quotation."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the first row, whether a return must have it, what it means.

    A needed column must be there and no cell of it may be blank. What stands in a `personal`
    column is never repeated in a reason.
    """

    name: str
    needed: bool
    meaning: str
    personal: bool = False


ASSIGNMENT = "assignment"

COLUMNS: tuple[Column, ...] = (
    Column("staff_number", True, "unique in the file unless rows are dated periods of one person"),
    Column(ASSIGNMENT, False, "which of somebody's concurrent jobs; `main` unless given"),
    Column("name", True, "personal data: encrypted per person", personal=True),
    Column("date_of_birth", False, "personal data", personal=True),
    Column("employer", True, "by name or code; one that is not known is taken with a warning"),
    Column("unit", True, "free text"),
    Column("role", True, "free text; the service's own list is suggested"),
    Column("band", True, "a whole number or a grade such as `SCS1`, not checked against the role"),
    Column("post", False, "free text"),
    Column("pay_point", False, "free text"),
    Column("terms_set", False, "free text"),
    Column("workplace", False, "free text"),
    Column("line_manager", False, "a staff number in the file or on record, not oneself"),
    Column("hr_process_owner", False, "free text"),
    Column("professional_supervisor", False, "free text"),
    Column("fte", True, "a decimal from 0 (on call) to 1"),
    Column("in_post_from", True, "effective date of this position"),
    Column("in_post_to", False, "makes the row a dated period, that day excluded"),
    Column("continuous_service_from", False, "from this row's own day on; not after in_post_from"),
)

WHAT_IS_WRONG = "what_is_wrong"
"""The first column of a file to be mended (`mending`); what stands there is passed over."""

DOCUMENT = "_document"
"""What follows a field's name in the name of the column with its document."""

NEEDED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.needed)
PERSONAL: frozenset[str] = frozenset(column.name for column in COLUMNS if column.personal)


def sampled_columns(book: Rulebook) -> tuple[str, ...]:
    """The columns of an invented return, in which everybody has one job."""
    return tuple(column.name for column in columns_for(book) if column.name != ASSIGNMENT)


def columns_for(book: Rulebook) -> tuple[Column, ...]:
    """The columns that a return for that edition may have, those of its evidence last."""
    return (*COLUMNS, *_evidence(book))


def _evidence(book: Rulebook) -> Iterator[Column]:
    for declared in book.evidence:
        yield Column(declared.name, declared.needed, declared.title)
        if declared.document:
            yield Column(declared.name + DOCUMENT, False, f"the document for {declared.name}")
