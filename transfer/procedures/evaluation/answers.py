"""What the evaluation of a job can be asked: descriptions, panels, outcome, appeals, reviews."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Seen
from transfer.core.words import AppealOutcome, AssertionRef, Basis, Frozen
from transfer.procedures.evaluation import facts as f
from transfer.procedures.evaluation.decisions import required
from transfer.procedures.evaluation.edition import ReviewRules
from transfer.procedures.evaluation.job import (
    Holder,
    Job,
    bases,
    begun_of,
    job_of,
    outcome_of,
    part_of,
)


class DescriptionShown(Frozen):
    """A description of the job, as it was stated last.

    It holds from `effective_from`, `None` where nobody documented that; HR knew that since
    `known_since`. `known_at_panel` is whether it knew it by the day of the last panel; `None`
    where none has sat. `is_evaluated`: the outcome is of this one.
    """

    description: str
    effective_from: date | None
    known_since: date
    document: str | None
    implemented_from: date | None
    known_at_panel: bool | None
    is_evaluated: bool


class DescriptionsShown(Frozen):
    """The descriptions of a job, the oldest first; `holds` is the one that held on the day asked
    about, as far as days are known. `changed_on` are the days on which one took another's place."""

    job: str
    panel_on: date | None
    holds: str | None
    changed_on: tuple[date, ...]
    descriptions: tuple[DescriptionShown, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class PanelNeeds(Frozen):
    """Something that a panel has to have: at least how many, how many there were, and whether that
    is met."""

    requirement: str
    least: int
    there: int
    is_met: bool
    basis: Basis


class PanelShown(Frozen):
    """A panel, and whether it was as it has to be; `counts`: its outcome counts by itself."""

    panel: str
    sat_on: date
    description: str
    for_set: str
    counts: bool
    needs: tuple[PanelNeeds, ...]


class PanelsShown(Frozen):
    """Every panel that sat, in the order in which they did."""

    panels: tuple[PanelShown, ...]
    basis: tuple[Basis, ...]


class DayAsserted(Frozen):
    """From which day a higher band counts, by who says so, and on which assertions that rests."""

    said_by: str
    effective_from: date
    known_since: date
    assertions: tuple[AssertionRef, ...]


class OutcomeShown(Frozen):
    """The band that was found in the end, and from when it counts by each side.

    `evaluated_as_to_be`: the description that was evaluated did not hold yet on the day of the
    panel; `None` where its day is not known. `published` is the band that a source gives for the
    job in 2016, and `differs` whether the outcome is another; both `None` where none does.
    `on_appeal`: the band was found on appeal.
    """

    job: str
    begun_by: f.BegunBy
    scheme: str
    before: str
    band: str
    found_on: date
    description: str
    evaluated_as_to_be: bool | None
    on_appeal: bool
    published: str | None
    differs: bool | None
    counts_from: tuple[DayAsserted, ...]
    is_contested: bool
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class AccountShown(Frozen):
    """One account of who may appeal; neither is merged into the other."""

    title: str
    says: str
    basis: Basis


class UnionAppeal(Frozen):
    """A collective appeal; `in_time` is `None` where the time to appeal is not known."""

    body: str
    lodged_on: date
    in_time: bool | None


class AppealsShown(Frozen):
    """Appeals against the outcome: by unions for everybody, and how many people for themselves.

    `last_day` is until when; `None` where the time is not known (`not_known`). `accounts` are the
    accounts of who may, while they are contested.
    """

    last_day: date | None
    not_known: tuple[NotKnown, ...]
    accounts: tuple[AccountShown, ...]
    collective: tuple[UnionAppeal, ...]
    outcome: AppealOutcome | None
    individual: int
    individual_accepted: int
    individual_refused: int
    individual_unanswered: int
    basis: tuple[Basis, ...]


class ReviewShown(Frozen):
    """A review in its turn; `group` is that of the list, where one is known and has the job."""

    turn: int
    job: str
    description: str
    group: str | None
    implemented_from: date
    due_on: date
    days_overdue: int
    basis: Basis


class ReviewsShown(Frozen):
    """Which reviews are overdue on the day asked about, over all jobs that are evaluated under the
    edition, in the order in which they come.

    `by_list`: a list of groups was known when it was asked. `longest` is the most days that a
    review of each group is overdue, `none` of jobs that no list names. `of_this_job` are the turns
    of the job that was asked about, `not_due` how many reviews are not due yet, `held` how many
    were held.
    """

    by_list: bool
    overdue: tuple[ReviewShown, ...]
    longest: dict[str, int]
    of_this_job: tuple[int, ...]
    not_due: int
    held: int
    basis: tuple[Basis, ...]


class SetShown(Frozen):
    """A set in which the job stands; `paused_since` where the work on it stands still."""

    of_set: str
    title: str
    paused_since: date | None
    not_known: tuple[NotKnown, ...]
    basis: Basis


class SetsShown(Frozen):
    """The sets in which a job stands; `goes_on`: a panel can sit for one of them."""

    sets: tuple[SetShown, ...]
    goes_on: bool


class ReservationsShown(Frozen):
    """How many people had reserved their rights by the day of signing, and how many later.

    A number: whether somebody did is answered of them alone.
    """

    sign_by: date | None
    by_then: int
    later: int
    basis: tuple[Basis, ...]


# --- descriptions, panels, outcome ---------------------------------------------------------------


def descriptions(asked: Asked) -> DescriptionsShown:
    """Which descriptions there are, from when each holds, and since when HR knew. Source: E3-07."""
    begun, found, rules = begun_of(asked), job_of(asked), by_edition(asked)
    dating = part_of(asked).back_dating
    panel_on = max((each.happened_on for each in found.panels.values()), default=None)
    names = dict.fromkeys(each.description for each in found.descriptions)
    stated = [each for each in map(found.description, names) if each is not None]
    stated.sort(key=lambda each: each.effective_from or date.max)
    dated = [each.effective_from for each in stated if each.effective_from is not None]
    holding = [
        each
        for each in stated
        if each.effective_from is not None and each.effective_from <= asked.on
    ]
    return DescriptionsShown(
        job=begun.job,
        panel_on=panel_on,
        holds=holding[-1].description if holding else None,
        changed_on=tuple(dated[1:]),
        descriptions=tuple(_description(found, each, panel_on) for each in stated),
        not_known=(not_known(rules, dating.day),) if len(dated) < len(stated) else (),
        basis=(rules.basis(dating.clause),),
    )


def _description(
    found: Job, each: f.JobDescriptionStated, panel_on: date | None
) -> DescriptionShown:
    known_since = each.learned_on or each.happened_on
    implemented = found.implemented.get(each.description)
    is_known = each.effective_from is not None
    return DescriptionShown(
        description=each.description,
        effective_from=each.effective_from,
        known_since=known_since,
        document=each.made.document or None,
        implemented_from=None if implemented is None else implemented.effective_from,
        known_at_panel=None if panel_on is None else is_known and known_since <= panel_on,
        is_evaluated=found.evaluated is not None
        and found.evaluated.description == each.description,
    )


def panels(asked: Asked) -> PanelsShown:
    """Who sat, against what a panel has to have. Source: JE-01."""
    begun_of(asked)
    rules, wanted = by_edition(asked), part_of(asked).panel
    return PanelsShown(
        panels=tuple(
            PanelShown(
                panel=each.panel,
                sat_on=each.happened_on,
                description=each.description,
                for_set=each.for_set,
                counts=not each.fails,
                needs=tuple(
                    PanelNeeds(
                        requirement=rules.clause(clause).title,
                        least=least,
                        there=there,
                        is_met=there >= least,
                        basis=rules.basis(clause),
                    )
                    for clause, least, there in required(rules, wanted, each)
                ),
            )
            for each in job_of(asked).panels.values()
        ),
        basis=(rules.basis(wanted.clause),),
    )


def outcome(asked: Asked) -> OutcomeShown:
    """Which band was found, of what, and from when it counts. Sources: E3-04, E3-05, E3-07."""
    evaluated, band = outcome_of(asked)
    begun, found, rules, part = begun_of(asked), job_of(asked), by_edition(asked), part_of(asked)
    panel, stated = found.panels[evaluated.panel], found.description(evaluated.description)
    holds_from = None if stated is None else stated.effective_from
    published = [each for each in part.outcomes if each.job.casefold() == begun.job.casefold()]
    named = str(rules.value(published[0].band)) if published else None
    said = days_asserted(found)
    days = {each.effective_from for each in said}
    clauses = [part.evaluated, part.back_dating.clause, *(each.band for each in published)]
    return OutcomeShown(
        job=begun.job,
        begun_by=begun.begun_by,
        scheme=begun.scheme,
        before=begun.band,
        band=band,
        found_on=evaluated.happened_on,
        description=evaluated.description,
        evaluated_as_to_be=None if holds_from is None else holds_from > panel.happened_on,
        on_appeal=found.determined is not None and found.determined.band == band,
        published=named,
        differs=None if named is None else named != band,
        counts_from=said,
        is_contested=len(days) > 1,
        not_known=() if len(days) == 1 else (not_known(rules, part.back_dating.day),),
        basis=tuple(map(rules.basis, clauses)),
    )


def days_asserted(found: Job) -> tuple[DayAsserted, ...]:
    """From which day a higher band counts, by who says so."""
    return tuple(
        DayAsserted(
            said_by=by,
            effective_from=each.effective_from,
            known_since=each.learned_on or each.happened_on,
            assertions=each.basis.assertions,
        )
        for by, each in bases(found).items()
        if each.effective_from is not None
    )


# --- appeals and reserved rights -----------------------------------------------------------------

APPEALED, ACCEPTED, REFUSED = "appealed", "accepted", "refused"


def sees_appeal(state: State) -> Seen | None:
    """What became of somebody's own appeal, in one word."""
    mine: Holder = state.mine.substance
    if mine.appeal is None:
        return None
    if mine.answered is None:
        return APPEALED
    return ACCEPTED if mine.answered.accepted else REFUSED


def appeals(asked: Asked) -> AppealsShown:
    """Who appeals, until when that was possible, and who may. Sources: E3-04, JE-02."""
    evaluated, _ = outcome_of(asked)
    found, rules, part = job_of(asked), by_edition(asked), part_of(asked).appeal
    last, limit = evaluated.appeal_by.on, part.limit.clause
    own = [*asked.seen.values()]
    return AppealsShown(
        last_day=last,
        not_known=(not_known(rules, limit),) if last is None else (),
        accounts=tuple(
            AccountShown(
                title=rules.clause(clause).title,
                says=rules.clause(clause).text,
                basis=rules.basis(clause),
            )
            for clause in (part.collective, part.individual)
        ),
        collective=tuple(
            UnionAppeal(body=each.body, lodged_on=each.happened_on, in_time=each.in_time)
            for each in found.appeals
        ),
        outcome=None if found.determined is None else found.determined.outcome,
        individual=len(own),
        individual_accepted=own.count(ACCEPTED),
        individual_refused=own.count(REFUSED),
        individual_unanswered=own.count(APPEALED),
        basis=(rules.basis(limit),),
    )


def sees_reserved(state: State) -> Seen | None:
    """On which day somebody reserved their rights."""
    mine: Holder = state.mine.substance
    return None if mine.reserved is None else mine.reserved.happened_on.isoformat()


def reservations(asked: Asked) -> ReservationsShown:
    """How many had reserved their rights by the day of signing. Source: E3-07."""
    begun_of(asked)
    sign_by = job_of(asked).sign_by
    days = [date.fromisoformat(str(each)) for each in asked.seen.values()]
    later = [each for each in days if sign_by is not None and each > sign_by]
    return ReservationsShown(
        sign_by=sign_by,
        by_then=len(days) - len(later),
        later=len(later),
        basis=(by_edition(asked).basis(part_of(asked).back_dating.clause),),
    )


# --- reviews and sets ----------------------------------------------------------------------------


def sees_reviews(state: State) -> Seen | None:
    """What there is to review of one job: of each description from when it was implemented, when
    the review is due, and when it was held."""
    found: Job = state.whole.substance
    if found.begun is None:
        return None
    return {
        "job": found.begun.job,
        "edition": found.begun.edition,
        "reviews": [
            {
                "description": each.description,
                "implemented_from": each.effective_from,
                "due_on": each.review_by.on,
                "is_held": each.description in found.reviewed,
            }
            for each in found.implemented.values()
        ],
    }


NO_GROUP = "none"
"""Under which the reviews stand of jobs that no list names."""


class _Review(NamedTuple):
    job: str
    description: str
    implemented_from: date
    due_on: date
    is_held: bool


def reviews(asked: Asked) -> ReviewsShown:
    """Which reviews are overdue, over all jobs, in which order. Sources: E3-06, CN-10."""
    begun, rules, part = begun_of(asked), by_edition(asked), part_of(asked).review
    groups = _groups(rules, part, asked.known_on)
    found = list(_reviews(asked, rules.edition))
    due = [each for each in found if not each.is_held and each.due_on < asked.on]
    order = {each.id: n for n, each in enumerate(part.groups)}
    clauses = {each.id: each.jobs for each in part.groups}

    def turn(review: _Review) -> tuple[int, date, str]:
        group = groups.get(review.job.casefold())
        return len(order) if group is None else order[group], review.due_on, review.job

    overdue = []
    for n, review in enumerate(sorted(due, key=turn), start=1):
        group = groups.get(review.job.casefold())
        overdue.append(
            ReviewShown(
                turn=n,
                job=review.job,
                description=review.description,
                group=group,
                implemented_from=review.implemented_from,
                due_on=review.due_on,
                days_overdue=(asked.on - review.due_on).days,
                basis=rules.basis(part.otherwise if group is None else clauses[group]),
            )
        )
    longest: dict[str, int] = {}
    for each in overdue:
        of = each.group or NO_GROUP
        longest[of] = max(each.days_overdue, longest.get(of, 0))
    held = sum(each.is_held for each in found)
    return ReviewsShown(
        by_list=bool(groups),
        overdue=tuple(overdue),
        longest=longest,
        of_this_job=tuple(each.turn for each in overdue if each.job == begun.job),
        not_due=len(found) - held - len(due),
        held=held,
        basis=tuple(map(rules.basis, (part.clause, part.due.clause, part.otherwise))),
    )


def _groups(rules: RulesOfEdition, part: ReviewRules, known_on: date) -> dict[str, str]:
    """The group of each job, by the lists that were known on a day."""
    found: dict[str, str] = {}
    for each in part.groups:
        known_from = rules.clause(each.jobs).known_from
        if known_from is None or known_from <= known_on:
            found |= {job.casefold(): each.id for job in rules.texts(each.jobs)}
    return found


def _reviews(asked: Asked, edition: str) -> Iterator[_Review]:
    for seen in asked.of_kind.values():
        if isinstance(seen, dict) and seen["edition"] == edition:
            for each in seen["reviews"]:
                yield _Review(job=seen["job"], **each)


def sets(asked: Asked) -> SetsShown:
    """In which sets the job stands, and which of them are paused. Source: JE-05."""
    begun_of(asked)
    found, rules, part = job_of(asked), by_edition(asked), part_of(asked)
    stands_in = [each for each in part.sets if each.id in found.sets]
    return SetsShown(
        sets=tuple(
            SetShown(
                of_set=each.id,
                title=each.title,
                paused_since=found.paused.get(each.id),
                not_known=tuple(_unknown(rules, [] if each.schedule is None else [each.schedule])),
                basis=rules.basis(each.clause),
            )
            for each in stands_in
        ),
        goes_on=not stands_in or any(each.id not in found.paused for each in stands_in),
    )


def _unknown(rules: RulesOfEdition, clauses: Iterable[str]) -> Iterator[NotKnown]:
    for clause in clauses:
        if not rules.knows(clause):
            yield not_known(rules, clause)
