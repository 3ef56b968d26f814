"""What the office learns late, in the exercise of 2013: through the commands over a real log, with
every answer on both clocks."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from deploy.data_folder import DataFolder
from tests.support.office_2013 import (
    CLOSED,
    DISSOLUTION,
    HR,
    LAST_DAY,
    LETTERS,
    TRANSFER,
    TRUST,
    Scene,
    scene_2013,
)
from tests.support.words_2013 import Destination
from transfer.commands import matters
from transfer.core.refusals import Refused
from transfer.questions.history import history

pytestmark = pytest.mark.engines

ONE_DAY = timedelta(days=1)
HEARD = date(2014, 1, 6)
CRC, NPS = "London Community Rehabilitation Company", "Secretary of State for Justice"


@pytest.fixture
def scene(database_url: str, folder: DataFolder) -> Iterator[Scene]:
    """Three people whose letters are out."""
    with scene_2013(database_url, folder) as scene:
        scene.run(LETTERS)
        yield scene


def goes_to(scene: Scene, person: str) -> tuple[str, date] | None:
    """Where somebody goes, and since when that is final."""
    confirmed = scene.own(person).confirmation
    return None if confirmed is None else (confirmed.destination, confirmed.happened_on)


# --- an act that is learned late ------------------------------------------------------------------


def test_an_appeal_of_the_last_day_typed_in_when_the_windows_had_closed(scene: Scene) -> None:
    scene.run(CLOSED)
    assert goes_to(scene, "S1") == (Destination.CRC, CLOSED)
    known = scene.answers("S1", LAST_DAY)
    appeal = scene.appeal(CLOSED, "S1", happened_on=LAST_DAY)
    assert scene.duties("S1") == [f"confirm {CLOSED}"]
    assert scene.duties("S2") == scene.duties("S3") == []
    scene.uphold(HEARD, appeal, "S1")
    scene.run(HEARD + ONE_DAY)
    assert goes_to(scene, "S1") == (Destination.CRC, CLOSED), "nothing is silently undone"
    assert scene.duties("S1") == [f"confirm {CLOSED}"]

    scene.settle(HEARD + ONE_DAY, "S1")
    assert goes_to(scene, "S1") == (Destination.NPS, HEARD)
    assert goes_to(scene, "S2") == (Destination.CRC, CLOSED)
    scene.run(TRANSFER)
    assert scene.employer("S1", TRANSFER) == NPS
    assert scene.employer("S2", TRANSFER) == CRC
    # What was answered before is answered still.
    assert scene.answers("S1", LAST_DAY) == known
    assert scene.due("S1", "appeal", LAST_DAY) == [(LAST_DAY, "open")]
    assert scene.due("S1", "appeal", CLOSED) == [(LAST_DAY, "met")]
    assert scene.due("S1", "settle", CLOSED) == [(None, "open")]
    assert scene.due("S1", "settle", TRANSFER) == [(None, "met")]


def test_a_letter_that_had_come_back_typed_in_when_the_windows_had_closed(scene: Scene) -> None:
    back, learned, again = date(2013, 12, 19), date(2013, 12, 27), date(2013, 12, 30)
    until = date(2014, 1, 14)  # ten working days after it went out again
    scene.run(CLOSED)
    scene.do(learned, "letter-returned", "S1", happened_on=back, reason="gone away")
    assert scene.duties("S1") == [f"confirm {CLOSED}"]
    assert scene.duties("S2") == []
    scene.settle(learned, "S1")
    scene.run(learned)
    assert goes_to(scene, "S1") is None
    assert goes_to(scene, "S2") == (Destination.CRC, CLOSED)
    assert scene.due("S1", "send-again", learned) == [(None, "open")]

    scene.do(again, "reissue-letter", "S1", corrects="the address")
    scene.run_to(again, until)
    assert goes_to(scene, "S1") is None
    assert scene.due("S1", "send-again", until) == [(None, "met")]
    assert sorted(scene.due("S1", "appeal", until)) == [(LAST_DAY, "superseded"), (until, "open")]
    assert scene.due("S2", "appeal", until) == [(LAST_DAY, "lapsed")]
    scene.run(until + ONE_DAY)
    assert goes_to(scene, "S1") == (Destination.CRC, until + ONE_DAY)
    scene.run(TRANSFER)
    assert scene.employer("S1", TRANSFER) == scene.employer("S2", TRANSFER) == CRC


def test_an_objection_that_the_office_learns_of_after_the_transfer(scene: Scene) -> None:
    scene.run_to(CLOSED, TRANSFER)
    raised, learned = date(2014, 5, 28), date(2014, 6, 3)
    scene.run(TRANSFER + ONE_DAY)
    known = scene.answers("S1", TRANSFER)
    assert scene.employer("S1", TRANSFER) == CRC

    scene.do(learned, "object", "S1", happened_on=raised, told_to="transferor")
    objection = scene.own("S1").objection
    assert objection is not None
    assert (objection.happened_on, objection.learned_on) == (raised, learned)
    assert scene.duties("S1") == [f"move {TRANSFER}"]
    assert scene.due("S1", "end-of-employment", learned) == [(TRANSFER, "missed")]
    scene.run(learned)
    assert scene.employer("S1", learned) == CRC, "until somebody has settled it"

    scene.settle(learned, "S1")
    scene.run(learned)
    assert scene.employer("S1", TRANSFER) == TRUST, "an end of employment waits for approval"
    awaited = [(TRANSFER, "end-by-objection")]
    assert scene.not_yet_recorded("S1", TRANSFER) == awaited
    assert scene.not_yet_recorded("S1", TRANSFER - ONE_DAY) == []
    assert scene.not_yet_recorded("S1", TRANSFER, known=TRANSFER) == []
    assert scene.not_yet_recorded("S2", TRANSFER) == []
    scene.approve(learned + ONE_DAY, "end-by-objection", "S1")
    scene.run(learned + ONE_DAY)
    assert scene.not_yet_recorded("S1", TRANSFER) == []
    assert scene.not_yet_recorded("S1", TRANSFER, known=learned) == awaited
    assert scene.employer("S1", TRANSFER - ONE_DAY) == TRUST
    assert scene.employer("S1", TRANSFER) is None
    ending = scene.own("S1").ending
    assert ending is not None
    assert (ending.effective_from, ending.treated_as_dismissed) == (TRANSFER, False)
    assert scene.employer("S1", TRANSFER, known=TRANSFER) == CRC
    assert scene.answers("S1", TRANSFER) == known
    assert scene.due("S1", "end-of-employment", learned + ONE_DAY) == [(TRANSFER, "met")]
    assert scene.duties("S2") == []


@pytest.mark.parametrize("office_of_one", [False, True])
def test_who_proposed_an_end_approves_it_in_an_office_of_one_alone(
    database_url: str, folder: DataFolder, office_of_one: bool
) -> None:
    with scene_2013(database_url, folder, office_of_one=office_of_one) as scene:
        scene.objected("S1")
        if not office_of_one:
            with pytest.raises(Refused, match="somebody else has to approve"):
                scene.approve(TRANSFER, "end-by-objection", "S1", by=HR)
            return
        scene.approve(TRANSFER, "end-by-objection", "S1", by=HR)
        scene.run(TRANSFER)
        assert scene.employer("S1", TRANSFER) is None
        told = history(scene.record.log, "S1")
        assert "end-by-objection approved by hr, who had proposed it (an office of one person)" in [
            each.sentence for each in told
        ]


# --- a plan that moves during a step ------------------------------------------------------------


def test_the_transfer_moves_after_the_first_chunk(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.run(CLOSED)
    monkeypatch.setattr(matters, "CHUNK", 1)
    later = date(2014, 7, 1)

    def slips(done: int, _of: int) -> None:
        if done == 1:
            scene.do(TRANSFER, "move-milestone", milestone="transfer", to=later, reason="slip")

    scene.take(TRANSFER, slips)
    assert [scene.own(who).transfer is not None for who in ("S1", "S2", "S3")] == [
        True,
        False,
        False,
    ]
    assert scene.duties("S1") == [f"move {TRANSFER}"]
    scene.settle(TRANSFER, "S1")
    scene.run_to(TRANSFER, later)
    for who in ("S1", "S2", "S3"):
        transfer = scene.own(who).transfer
        assert transfer is not None
        assert transfer.effective_from == later
        assert scene.employer(who, later - ONE_DAY) == TRUST
        assert scene.employer(who, later) == CRC


def test_a_window_moves_while_windows_are_being_closed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matters, "CHUNK", 1)
    new_last = date(2014, 1, 10)

    def given_longer(done: int, _of: int) -> None:
        if done == 1 and scene.own("S1").confirmation is not None:
            scene.do(
                CLOSED, "move-window", group="LDN.sifted", window="appeal", until=new_last,
                reason="post",
            )  # fmt: skip

    scene.take(CLOSED, given_longer)
    confirmed = [scene.own(who).confirmation is not None for who in ("S1", "S2", "S3")]
    assert confirmed == [True, False, False]
    assert scene.duties("S1") == [f"confirm {CLOSED}"]
    scene.settle(CLOSED, "S1")
    appeals = {who: scene.appeal(HEARD, who) for who in ("S1", "S2")}
    for who, appeal in appeals.items():
        scene.uphold(HEARD + ONE_DAY, appeal, who)
    scene.run_to(new_last + ONE_DAY, TRANSFER)
    assert [scene.employer(who, TRANSFER) for who in ("S1", "S2", "S3")] == [NPS, NPS, CRC]


# --- refusals that are not final ----------------------------------------------------------------


def test_a_mistyped_employer_that_is_corrected_after_the_transfer(scene: Scene) -> None:
    scene.run(CLOSED)
    mistyped = [
        scene.changes(date(2014, 2, 3), who, employer="Lodnon Probation Trust")
        for who in ("S1", "S2")
    ]
    scene.run_to(TRANSFER, TRANSFER + ONE_DAY)
    assert scene.own("S1").transfer is None
    assert scene.own("S3").transfer is not None
    assert any("Lodnon" in why for why in scene.refusals("S1"))
    corrected = date(2014, 6, 3)
    scene.puts_right(corrected, "S1", mistyped[0], employer=TRUST)
    assert scene.duties("S1") == []
    scene.run(corrected)
    transfer = scene.own("S1").transfer
    assert transfer is not None
    assert (transfer.effective_from, transfer.happened_on) == (TRANSFER, TRANSFER)
    assert scene.employer("S1", TRANSFER) == CRC

    scene.run_to(DISSOLUTION, DISSOLUTION + ONE_DAY)
    assert scene.own("S1").ending is None
    assert scene.own("S2").ending is None
    with pytest.raises(Refused, match="somebody else has to approve"):
        scene.do(DISSOLUTION, "approve", "S2", step="end-by-dissolution")
    scene.approve(DISSOLUTION + ONE_DAY, "end-by-dissolution", "S2")
    scene.run(DISSOLUTION + ONE_DAY)
    assert scene.own("S2").ending is None, "not even then, while it may be the record that is wrong"
    assert any("move was due" in why for why in scene.refusals("S2"))
