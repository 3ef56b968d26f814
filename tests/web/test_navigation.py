"""The navigation by role: every entry answers those who see it; each role has a place to begin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.visiting import Visitor, text_of
from transfer.access.identity import Caller, Limits, Role
from transfer.web.application import IN_NAVIGATION
from transfer.web.frame.navigation import Entry, Navigation

EVERYBODY = "S10442"
LIMITED = Limits(frozenset({"Dorset Probation Trust"}))


@pytest.mark.parametrize(
    ("roles", "limits", "home", "names"),
    [
        ({Role.ADMIN}, Limits(), "/", ["Home", "Exercises", "Find a person"]),
        ({Role.AUDIT}, Limits(), "/", ["Home", "Exercises", "Find a person"]),
        ({Role.ADMIN}, LIMITED, "/staff", ["Find a person"]),
        ({Role.STAFF}, Limits(), "/my-record", ["My record", "My choices", "Who has read"]),
        ({Role.DISPUTE}, Limits(), "/my-cases", ["My cases"]),
        ({Role.UNION}, Limits(), "/my-members", ["My members", "Find a person"]),
        ({Role.ADMIN, Role.STAFF}, Limits(), "/", ["Home", "My record"]),
        (set(), Limits(), None, []),
    ],
)
def test_each_role_has_its_entries_and_its_home(
    roles: set[Role], limits: Limits, home: str | None, names: list[str]
) -> None:
    navigation = Navigation(IN_NAVIGATION)
    caller = Caller(EVERYBODY, frozenset(roles), limits=limits)
    assert navigation.home(caller) == home
    links = " ".join(each.name for each in navigation.links(caller, "/"))
    places = [links.find(name) for name in names]
    assert -1 not in places
    assert places == sorted(places)
    if not names:
        assert links == ""


def test_an_entry_says_whether_it_is_this_page_or_the_one_above_it() -> None:
    navigation = Navigation([Entry("Home", "/", frozenset(), 0), Entry("A", "/a", frozenset(), 1)])
    caller = Caller("x", frozenset())

    def marks(path: str) -> list[tuple[bool, bool]]:
        return [(each.current, each.active) for each in navigation.links(caller, path)]

    assert marks("/") == [(True, False), (False, False)]
    assert marks("/a") == [(False, False), (True, False)]
    assert marks("/a/b") == [(False, False), (False, True)]
    assert marks("/ab") == [(False, False), (False, False)]


def test_no_two_entries_have_one_address() -> None:
    with pytest.raises(ValueError, match="one address"):
        Navigation([Entry("A", "/a", frozenset(), 0), Entry("B", "/a", frozenset(), 1)])


@pytest.mark.engines
@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("role", list(Role))
def test_every_entry_answers_those_who_see_it(visit: Callable[[], Visitor], role: Role) -> None:
    visitor = visit().sign_in(role, EVERYBODY)
    caller = Caller(EVERYBODY, frozenset({role}))
    navigation = Navigation(IN_NAVIGATION)
    for link in navigation.links(caller, "/"):
        answer = visitor.get(link.address)
        assert answer.status_code == 200, (link, text_of(answer.text))
        assert f'href="{link.address}" aria-current="page"' in answer.text
    home = navigation.home(caller)
    answer = visitor.get("/")
    if home in (None, "/"):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, home)


@pytest.mark.engines
@pytest.mark.usefixtures("story")
def test_the_home_of_an_office_that_has_nothing_to_do_says_so(visitor: Visitor) -> None:
    page = text_of(visitor.sign_in().get("/").text)
    assert page.startswith("What needs doing Nothing is overdue, and nothing is due by ")
    assert "No exercise is under way." in page
