"""Flows between employers: how many people went from which to which, as bands between two columns.

A band is as thick as its number of people, and its number stands where it begins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from transfer.web.pictures.drawing import (
    CHARACTER,
    GREY,
    INK,
    TINT,
    WIDTH,
    Picture,
    box,
    counted,
    label,
    safe,
    shortened,
    svg,
)

_FROM, _TO, _NODE = 190, 450, 10
_SLOT, _GAP, _TOP, _ROOM = 18, 20, 40, 260


@dataclass(frozen=True, slots=True)
class Flow:
    """So many people (at least one) from one employer to another, or within one."""

    origin: str
    target: str
    people: int

    def __post_init__(self) -> None:
        if self.people < 1:
            raise ValueError(f"people must be at least 1, not {self.people}")


def added_up(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """The flows, those between the same two employers added up, the largest employers first."""
    sums: dict[tuple[str, str], int] = {}
    for flow in flows:
        sums[flow.origin, flow.target] = sums.get((flow.origin, flow.target), 0) + flow.people
    origins = _ranked((origin, people) for (origin, _), people in sums.items())
    targets = _ranked((target, people) for (_, target), people in sums.items())
    return tuple(
        Flow(origin, target, sums[origin, target])
        for origin in origins
        for target in targets
        if (origin, target) in sums
    )


def draw(flows: Sequence[Flow], *, title: str, name: str = "flows") -> Picture:
    """The flows, the largest employers first, and the same as a table with a row for each flow.

    Flows between the same two employers are added up.
    """
    ordered = {(each.origin, each.target): each.people for each in added_up(flows)}
    origins = _ranked((origin, people) for (origin, _), people in ordered.items())
    targets = _ranked((target, people) for (_, target), people in ordered.items())
    return Picture(
        _drawn(ordered, origins, targets, title, name),
        ("From", "To", "People"),
        tuple((origin, target, str(people)) for (origin, target), people in ordered.items()),
    )


def _ranked(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The employers with their numbers of people, the largest first, then by name."""
    sums: dict[str, int] = {}
    for employer, people in counts:
        sums[employer] = sums.get(employer, 0) + people
    return dict(sorted(sums.items(), key=lambda each: (-each[1], each[0])))


def _drawn(
    flows: Mapping[tuple[str, str], int],
    origins: Mapping[str, int],
    targets: Mapping[str, int],
    title: str,
    name: str,
) -> str:
    if not flows:
        return ""
    total = sum(flows.values())
    thick = {pair: max(_ROOM * people / total, 1.5) for pair, people in flows.items()}
    starts, begun = _slots(flows, origins, thick, 0)
    ends, ended = _slots(flows, targets, thick, 1)
    parts: list[str] = [
        label(_FROM, 20, "From", bold=True, anchor="end"),
        label(_TO, 20, "To", bold=True),
        *(_band(starts[pair], ends[pair], thick[pair], pair, flows[pair]) for pair in flows),
        *_column(origins, begun, _FROM, left=True),
        *_column(targets, ended, _TO, left=False),
        *(
            label(
                _FROM + _NODE + 7, starts[pair] + max(thick[pair], _SLOT) / 2 + 4.5, f"{people} →"
            )
            for pair, people in flows.items()
        ),
    ]
    bottom = max(top + height for column in (begun, ended) for top, height in column.values())
    description = (
        f"{counted(total, 'person', 'people')} "
        f"from {counted(len(origins), 'employer', 'employers')} "
        f"to {counted(len(targets), 'employer', 'employers')}. The table that goes with this "
        "picture lists every flow."
    )
    return svg(name, title, description, parts, height=bottom + 16, width=WIDTH)


def _slots(
    flows: Mapping[tuple[str, str], int],
    employers: Mapping[str, int],
    thick: Mapping[tuple[str, str], float],
    side: int,
) -> tuple[dict[tuple[str, str], float], dict[str, tuple[float, float]]]:
    """The top of each flow in a column, and each employer's top and height there."""
    tops: dict[tuple[str, str], float] = {}
    spans: dict[str, tuple[float, float]] = {}
    y = float(_TOP)
    for employer in employers:
        top = y
        for pair in flows:
            if pair[side] == employer:
                tops[pair] = y
                y += max(thick[pair], _SLOT)
        # Room for two lines of text beside it.
        y = max(y, top + 2 * _SLOT)
        spans[employer] = (top, y - top)
        y += _GAP
    return tops, spans


def _band(start: float, end: float, thick: float, pair: tuple[str, str], people: int) -> str:
    # A thin band runs in the middle of the slot in which its number stands.
    inset = max((_SLOT - thick) / 2, 0)
    right, middle = _TO - _NODE, (_FROM + _TO) / 2
    # The number stands at the beginning, so a thin band begins after it.
    left = _FROM + _NODE + (12 + CHARACTER * len(f"{people} →") if inset else 0)
    upper, lower = start + inset, end + inset
    said = f"{counted(people, 'person', 'people')} from {pair[0]} to {pair[1]}"
    return (
        f'<path d="M{left:.1f} {upper:.1f}C{middle:.1f} {upper:.1f} {middle:.1f} {lower:.1f} '
        f"{right:.1f} {lower:.1f}v{thick:.1f}C{middle:.1f} {lower + thick:.1f} {middle:.1f} "
        f'{upper + thick:.1f} {left:.1f} {upper + thick:.1f}z" fill="{TINT}" '
        f'fill-opacity="0.75" stroke="{GREY}"><title>{safe(said)}</title></path>'
    )


def _column(
    employers: Mapping[str, int],
    spans: Mapping[str, tuple[float, float]],
    x: float,
    *,
    left: bool,
) -> Iterable[str]:
    room = 180 - 8
    for employer, people in employers.items():
        top, height = spans[employer]
        yield box(x if left else x - _NODE, top, _NODE, height, INK)
        text_x, anchor = (x - 8, "end") if left else (x + 8, "start")
        middle = top + height / 2
        name = shortened(employer, room)
        yield label(text_x, middle - 2, name, anchor=anchor, bold=True)
        people_text = counted(people, "person", "people")
        yield label(text_x, middle + 14, people_text, anchor=anchor, small=True)
