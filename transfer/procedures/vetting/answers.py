"""What somebody's vetting can be asked about: who needs it, the time to appeal, which version of
the policy governed, and under which one they were moved."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import AppealOutcome, Basis, Facet, Frozen
from transfer.procedures.vetting import facts as f
from transfer.procedures.vetting.decisions import Vetting, vetting_of
from transfer.procedures.vetting.edition import CountedFrom, Follows, Version, VettingRules
from transfer.procedures.vetting.versions import Holds, Policy, VersionOn, policy_on


class Requirement(Frozen):
    """What is asked of somebody, and what to expect.

    `lowest_level` is the lowest that will do. `is_supported`: were they to fail, a review, support
    with an appeal and other work would be owed; not to a recruit. `share_that_failed` is of all who
    were asked, `share_passed_with_a_hit` of those with an entry on the police computer or with a
    credit agency.
    """

    level: str
    lowest_level: str
    role: str
    work: str
    recruit: bool
    is_supported: bool
    share_that_failed: Decimal
    share_passed_with_a_hit: Decimal
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class ReadingShown(Frozen):
    """One reading of the time to appeal, and whether the appeal kept it; `None`: none has come."""

    counted_from: CountedFrom
    clause: str
    in_working_days: bool
    last_day: date
    in_time: bool | None


class AppealTime(Frozen):
    """Until when somebody may appeal, by every reading, and which of them the appeal kept.

    `in_time` is whether it was in time: `None` where the readings differ or the number of a longer
    time is unknown, and where no appeal has come.
    """

    decided_on: date
    received_on: date | None
    lodged_on: date | None
    in_time: bool | None
    readings: tuple[ReadingShown, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class VersionShown(Frozen):
    """A version of the policy on a day, and what may follow a failure under it."""

    version: str
    title: str
    holds: Holds
    announced_on: date | None
    starts_on: date | None
    follows: tuple[Follows, ...]


class GoverningVersion(Frozen):
    """Which version of the policy governed on a day, as known when it is asked.

    `governing` is that version; `None` where it is not known, and then `may_govern` are those that
    may have. `contested` are versions in force whose account contradicts theirs. `announced` are
    those that were announced by then and were not in force, or may not have been. `follows` is what
    may follow a failure under those that govern or may govern.
    """

    governing: str | None
    may_govern: tuple[str, ...]
    contested: tuple[str, ...]
    announced: tuple[str, ...]
    follows: tuple[Follows, ...]
    versions: tuple[VersionShown, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class MovedUnder(Frozen):
    """Whether somebody was moved after a failure, and under which version of the policy.

    `moved`: they were redeployed; `moved_on` from which day, `to` to what. `version` is the one
    that the move rests on. `announced_since` are versions that were announced after it, by the day
    of the knowledge; `could_stay_under` those of them under which they would have stayed.
    `among_roles_left` is whether they went to work that was named as all that was left; `None`
    where the version names none. `put_right`: they went back since.
    """

    failed_on: date
    moved: bool
    moved_on: date | None
    to: dict[Facet, str]
    version: str | None
    version_title: str | None
    among_roles_left: bool | None
    announced_since: tuple[str, ...]
    could_stay_under: tuple[str, ...]
    appeal: AppealOutcome | None
    put_right: bool
    restricted_to: str | None
    basis: tuple[Basis, ...]


def requirement(asked: Asked) -> Requirement:
    """What is asked of somebody."""
    rules = by_edition(asked)
    part, found = rules.part(VettingRules), _begun(asked)
    clauses = (
        *(part.level, part.roles, part.work, part.form),
        part.recruits if found.recruit else part.support,
        *(part.failed, part.passed_with_a_hit),
    )
    return Requirement(
        level=found.level,
        lowest_level=str(rules.value(part.level)),
        role=found.role,
        work=found.work,
        recruit=found.recruit,
        is_supported=not found.recruit,
        share_that_failed=rules.decimal(part.failed),
        share_passed_with_a_hit=rules.decimal(part.passed_with_a_hit),
        not_known=tuple(_unknown(rules, part.characteristics)),
        basis=tuple(map(rules.basis, (*clauses, part.monitoring))),
    )


def appeal_time(asked: Asked) -> AppealTime:
    """Until when they may appeal, and whether that was in time."""
    rules, found = by_edition(asked), vetting_of(asked)
    rule, failed = rules.part(VettingRules).appeal, _failed(asked)
    came = found.appeal
    kept = None if came is None else {*came.in_time_by}
    return AppealTime(
        decided_on=failed.happened_on,
        received_on=None if found.received is None else found.received.happened_on,
        lodged_on=None if came is None else came.happened_on,
        in_time=None if came is None else _in_time(rules, came),
        readings=tuple(
            ReadingShown(
                counted_from=each.counted_from,
                clause=each.clause,
                in_working_days=each.in_working_days,
                last_day=each.last_day,
                in_time=None if kept is None else each in kept,
            )
            for each in found.readings
        ),
        not_known=tuple(_unknown(rules, rule.extended.clause)),
        basis=(rules.basis(rule.clause), rules.basis(rule.length.clause)),
    )


def _in_time(rules: RulesOfEdition, came: f.VettingAppealLodged) -> bool | None:
    if not came.late_by:
        return True
    extended = rules.part(VettingRules).appeal.extended.clause
    return None if came.in_time_by or not rules.knows(extended) else False


def governing_version(asked: Asked) -> GoverningVersion:
    """Which version governed."""
    rules, found = by_edition(asked), vetting_of(asked)
    _begun(asked)
    policy = policy_on(rules, found.took_effect, asked.on, asked.known_on)
    governing = policy.governing
    permitted = {what for each in policy.may_govern for what in each.follows}
    shown = (*policy.may_govern, *policy.contested)
    return GoverningVersion(
        governing=None if governing is None else governing.id,
        may_govern=tuple(each.id for each in policy.may_govern),
        contested=tuple(each.id for each in policy.contested),
        announced=tuple(
            each.version.id
            for each in policy.versions
            if each.holds in (Holds.NOT_YET, Holds.NOT_KNOWN)
        ),
        follows=tuple(what for what in Follows if what in permitted),
        versions=tuple(map(_version_shown, policy.versions)),
        not_known=tuple(_unknown_starts(rules, policy)),
        basis=tuple(rules.basis(each.clause) for each in shown),
    )


def _version_shown(found: VersionOn) -> VersionShown:
    return VersionShown(
        version=found.version.id,
        title=found.version.title,
        holds=found.holds,
        announced_on=found.announced_on,
        starts_on=found.starts_on,
        follows=found.version.follows,
    )


def _unknown_starts(rules: RulesOfEdition, policy: Policy) -> Iterator[NotKnown]:
    for each in policy.versions:
        if each.starts_on is None:
            yield from _unknown(rules, each.version.starts)


def moved_under(asked: Asked) -> MovedUnder:
    """Under which version they were moved."""
    rules, found, failed = by_edition(asked), vetting_of(asked), _failed(asked)
    part, moved = rules.part(VettingRules), found.redeployed
    version = None if moved is None else part.version(moved.version)
    since = () if moved is None else announced_since(rules, moved.happened_on, asked.known_on)
    restricted = found.restricted
    if restricted is not None and restricted.follows in found.put_right:
        restricted = None
    clauses = [part.support] if version is None else [version.clause]
    return MovedUnder(
        failed_on=failed.happened_on,
        moved=moved is not None,
        moved_on=None if moved is None else moved.effective_from,
        to={} if moved is None else moved.changes,
        version=None if version is None else version.id,
        version_title=None if version is None else version.title,
        among_roles_left=None if moved is None else _among_roles_left(rules, version, moved),
        announced_since=tuple(each.id for each in since),
        could_stay_under=tuple(
            each.id for each in since if Follows.REDEPLOYMENT not in each.follows
        ),
        appeal=None if found.determined is None else found.determined.outcome,
        put_right=Follows.REDEPLOYMENT in found.put_right,
        restricted_to=None if restricted is None else restricted.what,
        basis=tuple(map(rules.basis, (*clauses, *(each.clause for each in since)))),
    )


def announced_since(rules: RulesOfEdition, moved_on: date, known_on: date) -> tuple[Version, ...]:
    """The versions that were announced after a day, up to another."""
    return tuple(
        version
        for version in rules.part(VettingRules).versions
        if (announced := rules.clause(version.clause).known_from) is not None
        and moved_on < announced <= known_on
    )


def _among_roles_left(
    rules: RulesOfEdition, version: Version | None, moved: f.VettingRedeployed
) -> bool | None:
    if version is None or version.roles_left is None or not rules.knows(version.roles_left):
        return None
    left = {each.casefold() for each in rules.texts(version.roles_left)}
    return any(value.casefold() in left for value in moved.changes.values())


def _begun(asked: Asked) -> f.VettingAsked:
    found: Vetting = vetting_of(asked)
    if found.asked is None:
        raise Refused("no vetting had been asked for by that day")
    return found.asked


def _failed(asked: Asked) -> f.VettingFailed:
    _begun(asked)
    found = vetting_of(asked).failed
    if found is None:
        raise Refused("they had not failed by that day")
    return found


def _unknown(rules: RulesOfEdition, clause: str) -> Iterator[NotKnown]:
    if not rules.knows(clause):
        yield not_known(rules, clause)
