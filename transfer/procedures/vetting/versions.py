"""Which version of the policy on failures holds on a day, as known on a day.

    not yet    the day is before it begins
    in force   it has begun, and no other has taken its place
    replaced   another one that is in force has taken its place
    not known  it was announced, and no source says whether it held on the day

A version that was not announced yet on the day of the knowledge does not appear. A later agreement
has no effect backwards unless its source says so (CN-8), and a day of which a source gives only the
week, the month or the year is unknown (CN-11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from transfer.core.editions.parts import ClauseId
from transfer.core.editions.rules import RulesOfEdition
from transfer.procedures.vetting.edition import Follows, Version, VettingRules


class Holds(StrEnum):
    """Where a version stands on a day."""

    NOT_YET = "not-yet"
    IN_FORCE = "in-force"
    REPLACED = "replaced"
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class VersionOn:
    """A version on a day: `announced_on` and `starts_on` where those days are known."""

    version: Version
    holds: Holds
    announced_on: date | None
    starts_on: date | None


@dataclass(frozen=True, slots=True)
class Policy:
    """The versions that were known, as they stood on a day.

    `governing` is the one that governed; `None` where several may have. `may_govern` are then those
    several. `contested` are versions in force whose account a governing one contradicts, or the
    other way round.
    """

    versions: tuple[VersionOn, ...]
    may_govern: tuple[Version, ...]
    contested: tuple[Version, ...]

    @property
    def governing(self) -> Version | None:
        """The version that governed, where that is known."""
        return self.may_govern[0] if len(self.may_govern) == 1 else None

    @property
    def not_known(self) -> tuple[VersionOn, ...]:
        """Those of which nobody can say whether they held."""
        return tuple(each for each in self.versions if each.holds is Holds.NOT_KNOWN)

    def permitting(self, what: Follows) -> tuple[Version, ...]:
        """The versions under which that may follow: one that may govern first."""
        return tuple(each for each in (*self.may_govern, *self.contested) if what in each.follows)


def policy_on(
    rules: RulesOfEdition, took_effect: Mapping[str, date], on: date, known_on: date
) -> Policy:
    """The policy on a day, as known on a day; `took_effect` are starts that the record has shown
    since, by the id of the version."""
    part = rules.part(VettingRules)
    found: dict[str, VersionOn] = {}
    for version in part.versions:
        announced = rules.clause(version.clause).known_from
        if version.id not in took_effect and announced is not None and known_on < announced:
            continue
        starts = took_effect.get(version.id) or _day(rules, version.starts)
        holds = _begun(rules, version, starts, on)
        if holds is Holds.IN_FORCE:
            for name in version.replaces:
                if name in found and found[name].holds is Holds.IN_FORCE:
                    before = found[name]
                    found[name] = VersionOn(
                        before.version, Holds.REPLACED, before.announced_on, before.starts_on
                    )
        found[version.id] = VersionOn(version, holds, announced, starts)
    return _policy(rules, tuple(found.values()))


def _policy(rules: RulesOfEdition, versions: tuple[VersionOn, ...]) -> Policy:
    in_force = [each.version for each in versions if each.holds is Holds.IN_FORCE]
    perhaps = [each.version for each in versions if each.holds is Holds.NOT_KNOWN]
    may_govern = (*in_force[-1:], *perhaps)
    contested = tuple(
        each
        for each in in_force
        if each not in may_govern and any(_dispute(rules, each, one) for one in may_govern)
    )
    return Policy(versions, may_govern, contested)


def _begun(rules: RulesOfEdition, version: Version, starts: date | None, on: date) -> Holds:
    if starts is not None:
        return Holds.IN_FORCE if starts <= on else Holds.NOT_YET
    not_before, holds_by = _day(rules, version.not_before), _day(rules, version.holds_by)
    if not_before is not None and on < not_before:
        return Holds.NOT_YET
    if holds_by is not None and on >= holds_by:
        return Holds.IN_FORCE
    return Holds.NOT_KNOWN


def _day(rules: RulesOfEdition, clause: ClauseId | None) -> date | None:
    return rules.day(clause) if clause is not None and rules.knows(clause) else None


def _dispute(rules: RulesOfEdition, one: Version, other: Version) -> bool:
    """Whether the account of one contradicts that of the other."""
    mine, theirs = rules.clause(one.clause), rules.clause(other.clause)
    return mine.disputes == theirs.id or theirs.disputes == mine.id
