"""What an edition says of vetting: the table `[vetting]` of its file."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Length, Name, Part, Words


class Follows(StrEnum):
    """What may follow a failure: other work, the same work with some cases left out, or something
    else that lets the person stay."""

    REDEPLOYMENT = "redeployment"
    RESTRICTION = "restriction"
    ADJUSTMENT = "adjustment"


class CountedFrom(StrEnum):
    """From which day the time to appeal may run: the day of the decision, or the day on which it
    reached the person."""

    DECISION = "decision"
    RECEIPT = "receipt"


class Version(Part):
    """One version of what follows a failure. They stand in the file from the oldest to the newest.

    `clause` says what it is; its `known_from` is the day from which it was known. `starts` is the
    clause whose value is the day from which it holds. Where that day is unknown, `not_before` and
    `holds_by` are clauses with days between which it must have begun: before the one it did not
    hold, from the other on it did. `replaces` are the versions that it takes the place of.
    `roles_left` is the clause that lists to which work people could still be redeployed.
    """

    id: Name
    title: Words
    clause: ClauseId
    starts: ClauseId
    not_before: ClauseId | None = None
    holds_by: ClauseId | None = None
    follows: tuple[Follows, ...] = Field(min_length=1)
    replaces: tuple[Name, ...] = ()
    roles_left: ClauseId | None = None


class AppealOfVetting(Part):
    """How somebody appeals against a failure.

    `extended` is the clause with a longer time that was agreed later. `runs_from` are the days from
    which the time may run, where the source does not say from which.
    """

    clause: ClauseId
    length: Length
    extended: Length
    runs_from: tuple[CountedFrom, ...] = Field(min_length=1)


class VettingRules(Part):
    """Who is vetted to which level, and what follows a failure.

    `level` is the clause whose value is the lowest level that will do, `levels` the one that lists
    them from the lowest. `roles` and `work` list who needs it: these roles, in that work. `form` is
    how it is asked for. `recruits` says what somebody is not given who fails at recruitment, and
    `support` what staff are given. `monitoring` is the clause on reports of failures, and
    `characteristics` the one that says which characteristics they go by. `failed` and
    `passed_with_a_hit` are shares: of all who were asked, and of those with a hit who passed.
    """

    level: ClauseId
    levels: ClauseId
    roles: ClauseId
    work: ClauseId
    form: ClauseId
    recruits: ClauseId
    support: ClauseId
    monitoring: ClauseId
    characteristics: ClauseId
    failed: ClauseId
    passed_with_a_hit: ClauseId
    appeal: AppealOfVetting
    versions: tuple[Version, ...] = Field(alias="version", min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        known: set[str] = set()
        for version in self.versions:
            if version.id in known:
                raise ValueError(f"two entries of [[vetting.version]] are called {version.id}")
            for other in version.replaces:
                if other not in known:
                    raise ValueError(
                        f"{version.id} replaces {other}, which does not stand before it"
                    )
            known.add(version.id)
        return self

    def version(self, name: str) -> Version | None:
        """The version of that id."""
        return next((each for each in self.versions if each.id == name), None)
