"""Bank holidays of England and Wales, 2012 to 2027, in editions.

Which days are bank holidays is itself something that was known at one time and not at another:
19 September 2022 became one by a proclamation nine days before. So the days are kept as a table
of what the statute alone gives (the Banking and Financial Dealings Act 1971, Schedule 1, with
Good Friday and Christmas Day at common law, the proclaimed New Year's Day and early May holiday,
and substitute days where one falls on a weekend), and as a list of announcements that
changed it. An edition is the table with the announcements made by its day.

The editions so far cover the same years: what one gives for a year far ahead is what the rule gave
then, not what had been published, and a later edition may change it. After an edition's last year
its holidays are computed (`computed_holidays.py`), and a deadline counted with them says so.

An edition, once a deadline has pinned it, is never edited: a change is a new edition. A test
holds the content of each by its hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from transfer.core.words import Confidence

FIRST_YEAR = 2012
LAST_YEAR = 2027
"""The last year of the editions so far; one that knows a later year says so itself."""

BY_STATUTE: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        2012: ("01-02", "04-06", "04-09", "05-07", "06-04", "06-05", "08-27", "12-25", "12-26"),
        2013: ("01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"),
        2014: ("01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"),
        2015: ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"),
        2016: ("01-01", "03-25", "03-28", "05-02", "05-30", "08-29", "12-26", "12-27"),
        2017: ("01-02", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"),
        2018: ("01-01", "03-30", "04-02", "05-07", "05-28", "08-27", "12-25", "12-26"),
        2019: ("01-01", "04-19", "04-22", "05-06", "05-27", "08-26", "12-25", "12-26"),
        2020: ("01-01", "04-10", "04-13", "05-04", "05-25", "08-31", "12-25", "12-28"),
        2021: ("01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"),
        2022: ("01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-26", "12-27"),
        2023: ("01-02", "04-07", "04-10", "05-01", "05-29", "08-28", "12-25", "12-26"),
        2024: ("01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"),
        2025: ("01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"),
        2026: ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"),
        2027: ("01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"),
    }
)
"""Month and day by year. 2012 already has the Diamond Jubilee's days (spring holiday moved to
4 June, 5 June added), which were announced in 2010, before any edition here."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The bank holidays of England and Wales as they were known from a day on.

    `days` ends with `last_year`; what comes after it is computed, and is not proclaimed yet.
    """

    id: str
    known_from: date
    because: str
    confidence: Confidence
    days: frozenset[date]
    last_year: int = LAST_YEAR


@dataclass(frozen=True, slots=True)
class _Announcement:
    edition: str
    known_from: date
    because: str
    confidence: Confidence
    adds: tuple[date, ...] = ()
    removes: tuple[date, ...] = ()
    last_year: int = LAST_YEAR


_ANNOUNCEMENTS: tuple[_Announcement, ...] = (
    _Announcement(
        "ew-2012-01",
        date(2012, 1, 1),
        "the first edition: the statute's days, with the Diamond Jubilee announced in 2010",
        Confidence.SOURCE,
    ),
    _Announcement(
        "ew-2013-11",
        date(2013, 11, 1),
        "the same days as before; the edition that the assignment of 2013 started with",
        Confidence.SOURCE,
    ),
    _Announcement(
        "ew-2019-06",
        date(2019, 6, 7),
        "early May holiday of 2020 moved from Monday 4 to Friday 8 May, 75 years after VE Day; "
        "reported on 8 June 2019, the day before it by general knowledge",
        Confidence.GENERAL,
        adds=(date(2020, 5, 8),),
        removes=(date(2020, 5, 4),),
    ),
    _Announcement(
        "ew-2020-11",
        date(2020, 11, 12),
        "Platinum Jubilee: spring holiday of 2022 moved to Thursday 2 June, Friday 3 June added",
        Confidence.SOURCE,
        adds=(date(2022, 6, 2), date(2022, 6, 3)),
        removes=(date(2022, 5, 30),),
    ),
    _Announcement(
        "ew-2022-09",
        date(2022, 9, 10),
        "the day of the state funeral, approved at the Accession Council of 10 September 2022; "
        "that it would be Monday 19 September was expected that day and confirmed soon after",
        Confidence.SOURCE,
        adds=(date(2022, 9, 19),),
    ),
    _Announcement(
        "ew-2022-11",
        date(2022, 11, 6),
        "coronation: Monday 8 May 2023 added",
        Confidence.SOURCE,
        adds=(date(2023, 5, 8),),
    ),
    _Announcement(
        "ew-2026",
        date(2026, 1, 1),
        "the same days as before, checked against the government's published list to 2027",
        Confidence.SOURCE,
    ),
)


def _build() -> Mapping[str, Edition]:
    days = {
        date.fromisoformat(f"{year}-{day}") for year, listed in BY_STATUTE.items() for day in listed
    }
    editions: dict[str, Edition] = {}
    for announced in _ANNOUNCEMENTS:
        days = (days - set(announced.removes)) | set(announced.adds)
        editions[announced.edition] = Edition(
            id=announced.edition,
            known_from=announced.known_from,
            because=announced.because,
            confidence=announced.confidence,
            days=frozenset(day for day in days if day.year <= announced.last_year),
            last_year=announced.last_year,
        )
    return MappingProxyType(editions)


EDITIONS: Mapping[str, Edition] = _build()
"""Every edition by its id, oldest first."""

LATEST_EDITION = tuple(EDITIONS)[-1]
