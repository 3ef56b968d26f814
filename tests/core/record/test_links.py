"""Two staff numbers that are one person: linked, and unlinked where that was a mistake."""

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from tests.support.scenario import Stream, given
from transfer.core.record import links as decide
from transfer.core.record.links import IdentityFact, IdentityLinked, IdentityUnlinked, Links
from transfer.core.refusals import Conflict, Malformed, NotOnRecord


def id_of(number: int) -> UUID:
    """The id of the event recorded at that place of S1's record, counted from 1."""
    return uuid5(NAMESPACE_URL, f"event {number}")


def other_id(number: int) -> UUID:
    """The id of its counterpart on S2's record."""
    return uuid5(NAMESPACE_URL, f"other event {number}")


@dataclass
class Two:
    """The links of S1 and of S2, whose events come in pairs."""

    s1: Links = field(default_factory=Links)
    s2: Links = field(default_factory=Links)
    count: int = 0


def _evolve(two: Two, fact: IdentityFact) -> None:
    """Every fact about S2 on S1's record, and its counterpart."""
    if fact.other == "S2":
        two.count += 1
        decide.evolve(two.s1, id_of(two.count), fact)
    else:
        decide.evolve(two.s2, other_id(two.count), fact)


pair = Stream(Two, _evolve)

LINKED = (IdentityLinked(other="S2", reason="r"), IdentityLinked(other="S1", reason="r"))
UNLINKED = (
    IdentityUnlinked(of=id_of(1), other="S2", reason="r"),
    IdentityUnlinked(of=other_id(1), other="S1", reason="r"),
)


def link(two: Two, other: str = "S2") -> tuple[IdentityLinked, ...]:
    return decide.link(two.s1, staff_number="S1", other=other, reason="one person")


def unlink(two: Two, of: UUID | None = None) -> tuple[IdentityUnlinked, ...]:
    return decide.unlink(two.s1, two.s2, staff_number="S1", of=of or id_of(1), reason="two people")


def test_a_link_is_recorded_on_both_records_once() -> None:
    linked = given(pair).when(link).then(IdentityLinked, IdentityLinked)
    assert [fact.other for fact in linked.facts] == ["S2", "S1"]
    linked.then_done_once()
    given(pair, *LINKED, *UNLINKED).when(link).then(IdentityLinked, IdentityLinked)


def test_nobody_is_linked_with_themselves() -> None:
    given(pair).when(lambda two: link(two, "S1")).then_refused(kind=Malformed, because="same")


def test_a_link_is_undone_on_both_records() -> None:
    undone = given(pair, *LINKED).when(unlink).then(IdentityUnlinked, IdentityUnlinked)
    assert undone.facts == tuple(
        fact.model_copy(update={"reason": "two people"}) for fact in UNLINKED
    )


@pytest.mark.parametrize(
    ("history", "of", "kind"),
    [
        ((), id_of(1), NotOnRecord),
        (LINKED, other_id(1), NotOnRecord),
        ((*LINKED, *UNLINKED), id_of(1), Conflict),
        ((*LINKED, *UNLINKED, *LINKED), id_of(1), Conflict),
    ],
    ids=["never made", "the other's event", "undone already", "an older link"],
)
def test_what_is_not_linked_is_not_unlinked(
    history: tuple[IdentityFact, ...], of: UUID, kind: type[Conflict]
) -> None:
    given(pair, *history).when(lambda two: unlink(two, of)).then_refused(kind=kind)
