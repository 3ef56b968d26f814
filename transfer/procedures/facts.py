"""The union of every fact, and the stored names of the record's own, with how old versions load.

What they mean to a program, with the kinds of procedure that it has, is asked of `KnownFacts`
(`known_facts.py`), and nowhere else.

A stored name is a literal and stays for ever; a fact whose shape changes takes the next number,
and the old name gets an upcaster here and a golden file beside the new one's.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from transfer.core import documents as d
from transfer.core import duties as u
from transfer.core.matter.facts import MatterFact
from transfer.core.record import entry_objections as o
from transfer.core.record import links as i
from transfer.core.record import staff as s
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.names import StaffNamed

Fact = (
    s.StaffFact
    | i.IdentityFact
    | o.ObjectionFact
    | EvidenceReturned
    | d.DocumentFact
    | u.DutyFact
    | MatterFact
)

STORED_NAMES: Mapping[type[Fact], str] = MappingProxyType(
    {
        s.StaffRegistered: "staff-registered.v1",
        s.PositionChanged: "position-changed.v1",
        s.TermGranted: "term-granted.v1",
        s.TermVaried: "term-varied.v1",
        s.TermEnded: "term-ended.v1",
        s.EntryCorrected: "entry-corrected.v1",
        s.EntryAnnulled: "entry-annulled.v1",
        s.StaffLeft: "staff-left.v1",
        StaffNamed: "staff-named.v1",
        i.IdentityLinked: "identity-linked.v1",
        i.IdentityUnlinked: "identity-unlinked.v1",
        o.EntryObjectedTo: "entry-objected-to.v1",
        o.EntryObjectionWithdrawn: "entry-objection-withdrawn.v1",
        o.EntryObjectionAnswered: "entry-objection-answered.v1",
        EvidenceReturned: "evidence-returned.v1",
        d.DocumentRegistered: "document-registered.v1",
        d.DocumentCorrected: "document-corrected.v1",
        u.DutyDelegated: "duty-delegated.v1",
        u.DutyTakenBack: "duty-taken-back.v1",
        u.DutyExcused: "duty-excused.v1",
        u.ExcuseWithdrawn: "excuse-withdrawn.v1",
    }
)

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
"""Turns an old stored shape into the next name and shape."""

UPCASTERS: Mapping[str, Upcaster] = MappingProxyType({})


def brought_up_to_date(
    name: str, shape: dict[str, Any], upcasters: Mapping[str, Upcaster]
) -> tuple[str, dict[str, Any]]:
    """An old stored shape, version by version, until it is the one that the program knows."""
    while name in upcasters:
        name, shape = upcasters[name](shape)
    return name, shape


ENTRY_FACTS: tuple[type[Fact], ...] = (
    s.StaffRegistered,
    s.PositionChanged,
    s.TermGranted,
    s.TermVaried,
    s.TermEnded,
    s.EntryCorrected,
    s.EntryAnnulled,
    s.StaffLeft,
    StaffNamed,
)
"""The entries of the record: facts that state dated values or a name, or correct or annul one."""
