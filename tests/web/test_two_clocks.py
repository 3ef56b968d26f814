"""The picture: what a reader of it, and a program that reads it aloud, gets to know."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

from tests.support.entries import entry, key, recorded_at
from transfer.core.dating.rectangles import Rectangle, rectangles
from transfer.web.everyone.two_clocks import draw
from transfer.web.frame.wording import instant_text

SVG = "{http://www.w3.org/2000/svg}"
ASKED = (date(2014, 6, 1), recorded_at(2))


def areas(*texts: str) -> tuple[Rectangle, ...]:
    """The areas of the band after these events."""
    return rectangles([entry(n, text) for n, text in enumerate(texts, start=1)], key("band"))


def picture(found: tuple[Rectangle, ...], *, title: str = "Band") -> ET.Element:
    """The picture, parsed: it is well-formed, whatever the texts."""
    return ET.fromstring(draw(found, *ASKED, title=title))  # noqa: S314 - our own drawing


def texts(drawn: ET.Element) -> list[str]:
    """Every text that is shown."""
    return [each.text or "" for each in drawn.iter(f"{SVG}text")]


def seams(drawn: ET.Element) -> list[ET.Element]:
    """The thick lines within the drawn area."""
    lines = [each for each in drawn.iter(f"{SVG}line") if each.get("stroke-width") == "4"]
    return [each for each in lines if float(each.attrib["x1"]) > 100]


def test_it_names_itself_and_says_what_the_record_says_at_the_point_asked() -> None:
    drawn = picture(areas("band 3 from 2012-01-01", "band 4 from 2014-06-01"), title="Band of S1")
    assert drawn.get("role") == "img"
    named = [drawn.find(f".//*[@id='{each}']") for each in drawn.attrib["aria-labelledby"].split()]
    title, description = (each.text or "" for each in named if each is not None)
    assert title == "Band of S1"
    assert "For 1 Jun 2014" in description
    assert "the record says: 4." in description


def test_each_area_has_its_value_in_words_and_the_key_explains_the_letters() -> None:
    shown = texts(picture(areas("band 3 from 2012-01-01", "band 4 from 2014-06-01")))
    assert "A  3" in shown
    assert "B  4" in shown
    assert shown[-4:] == ["A", "3", "B", "4"]


def test_a_correction_is_a_thick_seam_and_is_called_one() -> None:
    drawn = picture(areas("band 3 from 2012-01-01", "correction of 1: band 4 from 2012-01-01"))
    assert len(seams(drawn)) == 1
    assert "a correction" in texts(drawn)


def test_a_seam_runs_only_across_the_days_that_read_differently() -> None:
    drawn = picture(
        areas(
            "band 3 from 2012-01-01",
            "band 4 from 2014-06-01",
            "correction of 2: band 5 from 2014-06-01",
        )
    )
    [seam] = seams(drawn)
    [first_day] = [
        float(each.attrib["x"]) for each in drawn.iter(f"{SVG}text") if each.text == "1 Jun 2014"
    ]
    assert abs(float(seam.attrib["x1"]) - first_day) < 0.2


def test_something_new_is_no_thick_seam() -> None:
    assert not seams(picture(areas("band 3 from 2012-01-01", "band 4 from 2014-06-01")))


def test_a_title_or_value_cannot_break_out_of_its_text() -> None:
    hostile = '"><script>alert(1)</script>&\x00\x1b'
    area = Rectangle(
        hostile,
        date(2012, 1, 1),
        None,
        recorded_at(1),
        None,
        entry(1, "a b from 2012-01-01").event_id,
    )
    drawn = picture((area,), title=hostile)
    assert not list(drawn.iter(f"{SVG}script"))
    assert "<script>alert(1)</script>&\N{REPLACEMENT CHARACTER}" in (
        drawn.findtext(f"{SVG}title") or ""
    )


def test_it_is_drawn_where_there_is_no_value_at_all() -> None:
    assert "no value" in (picture(()).findtext(f"{SVG}desc") or "")


def test_both_ends_of_the_calendar_can_be_drawn() -> None:
    area = Rectangle(
        "3", date.min, date.max, recorded_at(1), None, entry(1, "a b from 2012-01-01").event_id
    )
    last = datetime.max.replace(tzinfo=UTC)
    ET.fromstring(draw((area,), date.max, last, title="Band"))  # noqa: S314 - our own drawing


def test_a_second_knowledge_time_has_a_line_of_its_own() -> None:
    found = areas("band 3 from 2012-01-01", "band 4 from 2014-06-01")
    alone = draw(found, *ASKED, title="Band")
    compared = draw(found, *ASKED, title="Band", compared_with=recorded_at(5))
    assert compared.count("stroke-dasharray") == alone.count("stroke-dasharray") + 1


def test_instants_are_told_as_londons_clocks_show_them() -> None:
    assert instant_text(datetime(2014, 6, 10, 22, 59, tzinfo=UTC)) == "10 Jun 2014, 23:59"
