"""The pictures: what they show, what their tables say, and that no text breaks out of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest

from transfer.web.pictures import flows, lanes, plan_and_fact, progress
from transfer.web.pictures.drawing import Picture, due_text
from transfer.web.pictures.flows import Flow
from transfer.web.pictures.lanes import Bar, Lane
from transfer.web.pictures.plan_and_fact import Milestone, Move
from transfer.web.pictures.progress import Step

SVG = "{http://www.w3.org/2000/svg}"
TODAY = date(2014, 6, 10)
HOSTILE = '"><script>alert(1)</script>&\x00\x1b'


def some_lanes(text: str = "Band") -> Picture:
    """Two changes, the earlier given first; the later one is a correction."""
    return lanes.draw(
        [
            Lane(
                datetime(2014, 1, 6, 9, 30, tzinfo=UTC),
                "Joined",
                (Bar(text, "3", date(2012, 1, 1)), Bar("Unit", "Leeds", date(2012, 1, 1))),
            ),
            Lane(
                datetime(2014, 5, 6, 9, 30, tzinfo=UTC),
                "Position changed",
                (
                    Bar(text, "4", date(2012, 3, 1), date(2014, 6, 1), was="3"),
                    Bar("Unit", "Leeds", date(2012, 1, 1), changed=False),
                ),
                correction=True,
            ),
        ],
        title=f"Changes of {text}",
    )


def some_milestones(text: str = "Letter") -> Picture:
    """One milestone in each state."""
    return plan_and_fact.draw(
        [
            Milestone(
                text,
                date(2014, 5, 1),
                (Move(date(2014, 5, 8), date(2014, 4, 20)),),
                date(2014, 5, 9),
            ),
            Milestone("Answer", date(2014, 6, 8)),
            Milestone("Appeal", date(2014, 6, 20)),
        ],
        TODAY,
        title=f"Plan of {text}",
    )


def some_steps(text: str = "Letters sent") -> Picture:
    """One step in each state."""
    return progress.draw(
        [
            Step(text, 339, 340, date(2014, 6, 9)),
            Step("Answers", 340, 340, date(2014, 6, 1)),
            Step("Appeals", 0, 0),
            Step("Moves", 0, 12),
        ],
        TODAY,
        title=f"Progress of {text}",
    )


def some_flows(text: str = "Trust") -> Picture:
    """Three flows out of two employers, one of them given in two parts."""
    return flows.draw(
        [
            Flow("Leeds", text, 1),
            Flow("York", text, 100),
            Flow("York", "Company", 300),
            Flow("York", "Company", 50),
        ],
        title=f"Flows to {text}",
    )


DRAWINGS = (some_lanes, some_milestones, some_steps, some_flows)


def parsed(picture: Picture) -> ET.Element:
    """The picture, parsed: it is well-formed, whatever the texts."""
    return ET.fromstring(picture.svg)  # noqa: S314 - our own drawing


def texts(picture: Picture) -> list[str]:
    """Every text that is shown."""
    return [each.text or "" for each in parsed(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_it_has_a_name_and_a_description_and_its_rows_fit_its_columns(
    drawing: Callable[..., Picture],
) -> None:
    picture = drawing()
    drawn = parsed(picture)
    assert drawn.get("role") == "img"
    named = [drawn.find(f".//*[@id='{each}']") for each in drawn.attrib["aria-labelledby"].split()]
    assert [bool(each is not None and each.text) for each in named] == [True, True]
    assert picture.rows
    assert {len(row) for row in picture.rows} == {len(picture.columns)}


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_it_needs_no_style_and_no_script(drawing: Callable[..., Picture]) -> None:
    for each in parsed(drawing(HOSTILE)).iter():
        assert each.tag.removeprefix(SVG) not in {"style", "script", "foreignObject", "image"}
        assert not [name for name in each.attrib if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_hostile_text_is_shown_and_does_nothing(drawing: Callable[..., Picture]) -> None:
    picture = drawing(HOSTILE)
    assert any("<script>" in each for each in texts(picture))
    assert any("<script>" in cell for row in picture.rows for cell in row)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_nothing_is_drawn_outside_the_picture(drawing: Callable[..., Picture]) -> None:
    drawn = parsed(drawing("a very long text " * 20))
    _, _, width, height = (float(each) for each in drawn.attrib["viewBox"].split())
    for each in drawn.iter():
        assert 0 <= float(each.get("x", "0")) <= width
        assert 0 <= float(each.get("y", "0")) <= height
    for each in drawn.iter(f"{SVG}text"):
        length, x = len(each.text or "") * 6.0, float(each.attrib["x"])
        before = {"end": length, "middle": length / 2}.get(each.get("text-anchor", ""), 0)
        assert x - before >= -1, each.text
        assert x - before + length <= width + 1, each.text


def test_with_nothing_to_draw_there_is_no_picture_and_no_row() -> None:
    for picture in (
        lanes.draw([], title="None"),
        plan_and_fact.draw([], TODAY, title="None"),
        progress.draw([], TODAY, title="None"),
        flows.draw([], title="None"),
    ):
        assert (picture.svg, picture.rows) == ("", ())


def test_the_lane_recorded_last_comes_first_and_its_changes_stand_out() -> None:
    picture = some_lanes()
    assert [row[2:] for row in picture.rows] == [
        ("Band", "4, changed from 3", "from 1 Mar 2012 to the end of 31 May 2014"),
        ("Unit", "Leeds, as before", "from 1 Jan 2012 onward"),
        ("Band", "3, new", "from 1 Jan 2012 onward"),
        ("Unit", "Leeds, new", "from 1 Jan 2012 onward"),
    ]
    assert picture.rows[0][1] == "Position changed (a correction)"
    bars = [each for each in parsed(picture).iter(f"{SVG}rect") if each.get("height") == "11.0"]
    assert [each.get("stroke-width") for each in bars] == ["2.5", "1", "2.5", "2.5"]
    bold = [each.text for each in parsed(picture).iter(f"{SVG}text") if each.get("font-weight")]
    assert "Unit: Leeds, as before; from 1 Jan 2012 onward" not in bold


def test_plan_and_fact_say_how_far_they_lie_apart() -> None:
    assert some_milestones().rows == (
        ("Letter", "1 May 2014", "8 May 2014 (known on 20 Apr 2014)", "9 May 2014", "1 day late"),
        ("Answer", "8 Jun 2014", "not moved", "not yet", "overdue by 2 days"),
        ("Appeal", "20 Jun 2014", "not moved", "not yet", "due in 10 days"),
    )


def test_a_milestone_lies_where_its_day_is() -> None:
    circles = list(parsed(some_milestones()).iter(f"{SVG}circle"))
    [today] = [
        each for each in parsed(some_milestones()).iter(f"{SVG}line") if each.get("y1") == "32.0"
    ]
    # What happened before today lies left of it; the other circle is the key's.
    assert float(circles[0].attrib["cx"]) < float(today.attrib["x1"])
    assert len(circles) == 2


@pytest.mark.parametrize(
    ("day", "said"),
    [(9, "overdue by 1 day"), (10, "due today"), (11, "due in 1 day"), (12, "due in 2 days")],
)
def test_a_last_day_is_overdue_only_once_it_is_over(day: int, said: str) -> None:
    assert due_text(date(2014, 6, day), TODAY) == said


def test_progress_is_100_per_cent_only_when_everybody_is_done() -> None:
    assert [row[1:] for row in some_steps().rows] == [
        ("339 of 340 (99%)", "9 Jun 2014", "overdue by 1 day"),
        ("340 of 340 (100%)", "1 Jun 2014", "all done"),
        ("0 of 0", "none", "nobody to do"),
        ("0 of 12 (0%)", "none", "no last day"),
    ]


def test_flows_between_the_same_two_are_added_and_the_largest_come_first() -> None:
    picture = some_flows()
    assert picture.rows == (
        ("York", "Company", "350"),
        ("York", "Trust", "100"),
        ("Leeds", "Trust", "1"),
    )
    assert {"450 people", "1 person", "350 people", "101 people"} <= set(texts(picture))
    assert len(list(parsed(picture).iter(f"{SVG}path"))) == 3


def test_a_flow_is_as_thick_as_its_people_and_its_number_is_not_covered() -> None:
    drawn = parsed(some_flows())
    thick = [
        float(each.attrib["d"].split("v")[1].split("C")[0]) for each in drawn.iter(f"{SVG}path")
    ]
    assert thick[0] / thick[1] == pytest.approx(3.5, rel=0.01)
    blocks = [each for each in drawn.iter(f"{SVG}rect") if each.get("width") == "10.0"]
    end = min(float(each.attrib["x"]) for each in blocks) + 10
    numbers = [each for each in drawn.iter(f"{SVG}text") if (each.text or "").endswith("→")]
    assert [each.text for each in numbers] == ["350 →", "100 →", "1 →"]
    assert all(float(each.attrib["x"]) > end for each in numbers)


@pytest.mark.parametrize("bad", [lambda: Flow("A", "B", 0), lambda: Step("Letters", 3, 2)])
def test_a_number_that_cannot_be_is_an_error(bad: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"people must be|done must lie"):
        bad()
