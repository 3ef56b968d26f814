"""The navigation of every page: which pages stand in it, for whom, and where each role begins.

A page that belongs there declares one `Entry`, as `IN_NAVIGATION` in its module;
`transfer/web/application.py` puts them together. The header, the home page's way on and the test
that every entry answers are derived from them, so that nothing links to a page that is not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited

HOME = "/"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page's place in the navigation.

    `roles` are those who see it there; none: everybody who has signed in. The lower `order`, the
    further to the left. `home_of` are the roles that begin on this page; of several that of the
    lowest order. `whole_office`: it is not for an administrator with limits.
    """

    name: str
    address: str
    roles: frozenset[Role]
    order: int
    home_of: frozenset[Role] = frozenset()
    whole_office: bool = False

    def is_for(self, caller: Caller) -> bool:
        """Whether a caller sees it."""
        return not self.roles or bool(self.roles & self._roles(caller))

    def is_home_of(self, caller: Caller) -> bool:
        """Whether a caller may begin there."""
        return bool(self.home_of & self._roles(caller))

    def _roles(self, caller: Caller) -> frozenset[Role]:
        limited = self.whole_office and is_limited(caller.limits)
        return caller.roles - {Role.ADMIN} if limited else caller.roles


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one page shows it. `current`: it is this page; `active`: this is under it."""

    name: str
    address: str
    current: bool
    active: bool


class Navigation:
    """The entries of all pages. Raises `ValueError` for two of the same address."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda each: (each.order, each.name)))
        addresses = [each.address for each in self.entries]
        if len(set(addresses)) < len(addresses):
            raise ValueError(f"two entries of the navigation have one address: {addresses}")

    def links(self, caller: Caller, path: str) -> tuple[Link, ...]:
        """What a caller sees on the page at a path."""
        return tuple(
            Link(
                each.name,
                each.address,
                path == each.address,
                each.address != HOME and path.startswith(f"{each.address}/"),
            )
            for each in self.entries
            if each.is_for(caller)
        )

    def home(self, caller: Caller) -> str | None:
        """Where a caller begins; `None` where no page is theirs yet."""
        found = (each.address for each in self.entries if each.is_home_of(caller))
        return next(found, None)
