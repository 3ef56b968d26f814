"""Who appealed, and what came of it, by employer, band, unit, ground and outcome, in numbers.

Of one exercise, everybody who appealed in it counts once: by the last appeal that a panel decided,
or else by their last. Over all exercises it is the sum of the reports of each, so that no
difference between two reports tells more than they do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Final

from projections.exercise.appeals import Stands
from projections.keeping_up.copying import Conn
from transfer.core.words import Facet
from transfer.questions.appeals_made import AppealMade, appeals_made
from transfer.questions.counts import (
    Characteristics,
    Counts,
    by_characteristics,
    groups_of,
    numbers_of,
)
from transfer.questions.cross_tables import Counted, Group, Tables, added, people_in, tables_of
from transfer.questions.procedures import Looking

EMPLOYER, UNIT, BAND, GROUND = "employer", "unit", "band", "ground"
SORTS: Final = (EMPLOYER, UNIT, BAND, GROUND)
"""What people are grouped by. `ground` is the rule by which they were assigned."""

COLUMNS: Final = tuple(map(str, Stands))
_LIES_IN: Final = MappingProxyType({UNIT: EMPLOYER})
_NONE_GIVEN: Final[Characteristics] = MappingProxyType({})


class AppealsByGroup(Counts):
    """Who appealed by group and outcome, in one exercise or (null) in all of `exercises`.

    The outcomes are `open` (a panel has to decide), `late` (refused as late), `upheld`, `rejected`
    and `withdrawn`.

    `employer`, `unit` and `band` are those of the day on which the appeal came; a unit is `within`
    its employer, and a `ground`, the rule by which somebody was assigned, within its edition.
    """

    exercise: str | None
    exercises: tuple[str, ...]


def appeals_by_group(
    looking: Looking,
    conn: Conn,
    exercise: str | None,
    effective_at: date,
    threshold: int,
    characteristics: Characteristics = _NONE_GIVEN,
) -> AppealsByGroup:
    """The appeals that had come by a day, by group and by what had come of them by then.

    Raises `NotOnRecord` for an exercise that there is not.
    """
    made = appeals_made(looking, conn, exercise, effective_at)
    sorts = (*SORTS, *by_characteristics(characteristics, ""))

    def groups(each: AppealMade) -> Mapping[str, Group]:
        return _groups(each) | by_characteristics(characteristics, each.staff_number)

    reports = tables_of_each(made, sorts, groups, threshold)
    whole = added([*reports.values()], COLUMNS, sorts)
    return AppealsByGroup(
        exercise=exercise,
        exercises=tuple(reports),
        effective_at=effective_at,
        known_at=looking.known_at,
        threshold=threshold,
        numbers=numbers_of(whole.totals),
        people=people_in(whole.totals),
        groups=groups_of(whole),
    )


def tables_of_each(
    made: Iterable[AppealMade],
    sorts: Sequence[str],
    groups: Callable[[AppealMade], Mapping[str, Group]],
    threshold: int,
) -> Mapping[str, Tables]:
    """By exercise, the tables of those who appealed in it, each of whom counts once.

    Whatever they are grouped by, they are the same people, and the same outcomes are shown.
    """
    return {
        name: tables_of(
            [Counted(str(each.stands), groups(each)) for each in _once(theirs).values()],
            COLUMNS,
            sorts,
            threshold,
            _LIES_IN,
        )
        for name, theirs in groupby(made, key=lambda each: each.exercise)
    }


def _once(made: Iterable[AppealMade]) -> Mapping[str, AppealMade]:
    """The appeal by which each person counts."""
    found: dict[str, AppealMade] = {}
    for each in sorted(made, key=lambda each: (each.decision is not None, each.lodged_on)):
        found[each.staff_number] = each
    return dict(sorted(found.items()))


def _groups(made: AppealMade) -> dict[str, Group]:
    employer = made.work.get(Facet.EMPLOYER)
    return {
        EMPLOYER: (employer,),
        UNIT: (employer, made.work.get(Facet.UNIT)),
        BAND: (made.work.get(Facet.BAND),),
        GROUND: (made.ground.edition, made.ground.title or made.ground.route),
    }
