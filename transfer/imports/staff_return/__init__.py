"""The staff return: the CSV in which an HR system says who works where.

`columns` is the contract's table; `reader` reads and judges a file; `sample` makes one up.
"""

from transfer.imports.staff_return.people import (
    PersonReturn,
    Rejection,
    ReturnRow,
    StaffReturn,
    rejections_as_dicts,
)
from transfer.imports.staff_return.reader import read_staff_return
from transfer.imports.staff_return.sample import sample_return, sample_rows

__all__ = [
    "PersonReturn",
    "Rejection",
    "ReturnRow",
    "StaffReturn",
    "read_staff_return",
    "rejections_as_dicts",
    "sample_return",
    "sample_rows",
]
