"""A long list on a page that shows more than it: some of it at a time, and the way to the rest.

An address says from which one on (`groups_from=21`), or of what has happened up to which
(`history_until=40`): counted from 1, the oldest, so that what is added later moves nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from transfer.core.refusals import Malformed

AT_A_TIME: Final = 20

_NUMBER = re.compile(r"[0-9]{1,7}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Some(Generic[_T]):
    """A part of a list, and the addresses of the parts before and after it. `says` which part it
    is; blank where it is all."""

    items: Sequence[_T]
    says: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """Which list of a page: the parameter that asks for a part of it, and its place there.

    `asked` are all parameters of the address: the ways to other parts keep the rest.
    """

    path: str
    by: str
    anchor: str
    asked: Mapping[str, str]

    def first_of(self, everything: Sequence[_T]) -> Some[_T]:
        """The part from the one that is asked for; without that from the first. Raises `Malformed`
        for what is no number of at least 1."""
        of = len(everything)
        first = min(self._number() or 1, max(1, of))
        last = min(of, first + AT_A_TIME - 1)
        return Some(
            items=everything[first - 1 : last],
            says=_says(first, last, of),
            before=self._address(first - AT_A_TIME if first > AT_A_TIME + 1 else None)
            if first > 1
            else None,
            after=self._address(last + 1) if last < of else None,
        )

    def last_of(self, everything: Sequence[_T]) -> Some[_T]:
        """The part up to the one that is asked for, the last first; without that up to the last.
        Raises as `first_of`."""
        of = len(everything)
        last = min(self._number() or of, of)
        first = max(1, last - AT_A_TIME + 1)
        newer = last + AT_A_TIME
        return Some(
            items=everything[first - 1 : last][::-1],
            says=_says(first, last, of),
            before=self._address(newer if newer < of else None) if last < of else None,
            after=self._address(first - 1) if first > 1 else None,
        )

    def _number(self) -> int | None:
        given = self.asked.get(self.by)
        if given is None:
            return None
        if not _NUMBER.fullmatch(given) or int(given) < 1:
            raise Malformed("it must be a whole number of at least 1", field=self.by)
        return int(given)

    def _address(self, number: int | None) -> str:
        """The address that asks for a part; without a number for what is shown first."""
        given = {name: value for name, value in self.asked.items() if name != self.by}
        if number is not None:
            given[self.by] = str(number)
        query = f"?{urlencode(given)}" if given else ""
        return f"{self.path}{query}#{self.anchor}"


def _says(first: int, last: int, of: int) -> str:
    return "" if last - first + 1 >= of else f"{first:,} to {last:,} of {of:,}"
