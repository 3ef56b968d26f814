"""On which lists of staff somebody is today, by the versions that are in force."""

from collections.abc import Iterator
from typing import cast

from transfer.procedures.staff_list.answers import OnList
from transfer.procedures.staff_list.kind import STAFF_LIST
from transfer.questions.kind_answers import declared_answer, worked_out
from transfer.questions.procedures import Looking


def on_lists(looking: Looking, staff_number: str) -> Iterator[OnList]:
    """What each of the lists' matters that have something of somebody says of them today."""
    asked = declared_answer(STAFF_LIST, "on-list")
    for matter, _ in looking.names(STAFF_LIST, staff_number):
        on = looking.today
        found = worked_out(looking.worlds, matter, asked, staff_number, on, on)
        yield cast("OnList", found)
