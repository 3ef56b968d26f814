"""The people that the pages are tested with, recorded at instants of 2013 to 2016.

S10442 went through most of what can happen to a record: a plan that moved, a correction of a
correction, acting up, a term, an annulled mistake. S10007 has two jobs at once. S1 is plain.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
    TermGranted,
)
from transfer.core.streams import staff_stream
from transfer.core.words import Basis, Confidence, Facet
from transfer.log.application import Log
from transfer.log.envelope import Command, event_id_of
from transfer.procedures.facts import Fact

_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

TRUST = "Dorset Probation Trust"
CRC = "Dorset, Devon and Cornwall CRC"
NPS = "NPS South West and South Central"
LETTER = Basis(
    rulebook="tr-2013",
    clause="TR-03",
    document="Letter to Trusts, 13 November 2013",
    confidence=Confidence.SOURCE,
)


def tell_the_story(log: Log[Fact]) -> None:
    """Put everybody on an empty record."""
    teller = _Teller(log)
    teller.tell("S10442", (2013, 11, 1, 9, 0), _registration("S10442"))
    plan = teller.tell(
        "S10442",
        (2014, 1, 9, 12, 30),
        PositionChanged(
            effective_from=date(2014, 4, 1),
            changes={Facet.EMPLOYER: CRC},
            reason="Assigned to the CRC",
            basis=LETTER,
        ),
    )
    teller.tell(
        "S10442",
        (2014, 1, 28, 10, 0),
        EntryCorrected(
            of=plan,
            effective_from=date(2014, 6, 1),
            changes={Facet.EMPLOYER: CRC},
            reason="The transfer date was reset to 1 June 2014",
            basis=Basis(rulebook="tr-2013", clause="TR-03b", confidence=Confidence.SOURCE),
        ),
    )
    teller.tell(
        "S10442",
        (2014, 2, 3, 10, 0),
        PositionChanged(
            effective_from=date(2014, 2, 1),
            effective_to=date(2014, 7, 1),
            changes={Facet.PAID_BAND: "5"},
            reason="Acting up for the senior probation officer",
        ),
    )
    teller.tell(
        "S10442",
        (2014, 6, 2, 9, 15),
        TermGranted(
            term="pay protection",
            value="36 months",
            effective_from=date(2014, 6, 1),
            effective_to=date(2017, 6, 1),
            reason="Transferred",
            basis=Basis(rulebook="tr-2013", clause="TR-20", confidence=Confidence.GENERAL),
        ),
    )
    teller.tell(
        "S10442",
        (2014, 6, 10, 14, 2),
        EntryCorrected(
            of=plan,
            effective_from=date(2014, 6, 1),
            changes={Facet.EMPLOYER: NPS},
            reason="Appeal upheld by the panel of 9 June 2014",
            basis=Basis(document="Panel decision D-17"),
        ),
    )
    mistake = teller.tell(
        "S10442",
        (2014, 9, 1, 16, 40),
        PositionChanged(
            effective_from=date(2014, 9, 1), changes={Facet.FTE: "0.6"}, reason="Part-time"
        ),
    )
    teller.tell(
        "S10442",
        (2014, 9, 2, 8, 5),
        EntryAnnulled(of=mistake, reason="Entered for the wrong person"),
    )
    teller.tell("S10007", (2014, 9, 3, 9, 0), _registration("S10007"))
    teller.tell(
        "S10007",
        (2014, 9, 4, 9, 0),
        PositionChanged(
            effective_from=date(2014, 1, 1),
            assignment="evening-court",
            changes={Facet.EMPLOYER: CRC, Facet.FTE: "0.2"},
            reason="A second job",
        ),
    )
    teller.tell(
        "S1",
        (2016, 3, 1, 9, 0),
        StaffRegistered(staff_number="S1", effective_from=date(2016, 4, 1)),
    )


class _Teller:
    def __init__(self, log: Log[Fact]) -> None:
        self._log = log
        log.clock.simulate()
        self._versions: dict[str, int] = {}
        self._told = 0

    def tell(self, staff: str, when: tuple[int, int, int, int, int], fact: Fact) -> UUID:
        """One command of one fact; answers its event's id."""
        stream = staff_stream(staff)
        self._told += 1
        at = datetime(*when, tzinfo=UTC)
        command = Command(uuid5(_NAMESPACE, str(self._told)), "HR operations", b"", at=at)
        version = self._versions.get(stream, 0)
        self._log.append([(stream, version, fact)], command)
        self._versions[stream] = version + 1
        return event_id_of(command.command_id, 0)


def _registration(staff: str) -> StaffRegistered:
    return StaffRegistered(
        staff_number=staff,
        effective_from=date(2009, 4, 1),
        position={
            Facet.EMPLOYER: TRUST,
            Facet.UNIT: "Bournemouth",
            Facet.ROLE: "Probation officer",
            Facet.BAND: "4",
            Facet.PAID_BAND: "4",
            Facet.FTE: "1" if staff == "S10442" else "0.8",
            Facet.LINE_MANAGER: "S10001",
        },
        basis=Basis(document="Staff return of 30 October 2013"),
    )
