"""Liability information as a scenario asks it: alike from folds and from the read models.

A scenario's people have neither a name nor a date of birth, so what is kept apart from the entries
is not asked of them.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import cast

from transfer.commands.acts.doing import Tools
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.calendars import end_of_day_london
from transfer.core.streams import matter_stream
from transfer.core.words import MAIN, Facet
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.procedures.exercise.plan import plan_of
from transfer.procedures.liability_information.edition import LiabilityInformation
from transfer.questions.attested import folded_position
from transfer.questions.liability import (
    Becomes,
    PersonsInformation,
    SendBy,
    given_until,
    information_of,
)
from transfer.questions.liability_information import days_of_giving, filed_in, on_that_day
from transfer.rulebooks.in_force import BindingRules
from transfer.scenarios.answers import Shown
from transfer.scenarios.file import NOTHING


def in_memory(tools: Tools, matter: str, on: date, known_on: date) -> dict[str, PersonsInformation]:
    """The information about everybody who moves, by number, folded from the facts of a log."""
    rules = cast(BindingRules, tools.worlds.rules_of(Loaded(), matter))
    duty = rules.rulebook.liability_information
    if duty is None:
        return {}
    filed = filed_in(tools.office.log.read(matter_stream(matter)))
    known_at = end_of_day_london(known_on)
    found = {}
    for number in tools.worlds.people_with(matter):
        own = participation_of(tools.matters.state(matter, number))
        if not _moves(own):
            continue
        first = folded_position(tools.office.log, {}, number, on, known_at)
        names = [job.assignment for job in first.at_once] or [MAIN]
        jobs = {
            name: folded_position(tools.office.log, {}, number, on, known_at, name).position
            for name in names
        }
        person = on_that_day(
            rules,
            number,
            {name: facets for name, facets in jobs.items() if Facet.EMPLOYER in facets},
            transferor=own.transferor,
            to=own.destination,
            terms=first.terms,
        )
        found[number] = information_of(person, duty, filed, rules.rulebook)
    return found


def days_in_memory(tools: Tools, matter: str, on: date) -> tuple[tuple[SendBy, ...], date | None]:
    """By when it is given, and until when information as at a day may be."""
    rules = cast(BindingRules, tools.worlds.rules_of(Loaded(), matter))
    duty = rules.rulebook.liability_information
    if duty is None:
        return (), None
    days = days_of_giving(duty, rules, plan_of(tools.matters.state(matter)))
    return days, given_until(duty, rules, on)


def _moves(own: Participation) -> bool:
    """Whether somebody goes over, or has gone (`liability_information.moves`)."""
    if own.transfer is not None:
        return True
    stays = own.objection is not None or own.ending is not None or own.passed_by is not None
    return own.scope is not None and not stays


def shown(
    duty: LiabilityInformation | None,
    people: Iterable[PersonsInformation],
    days: Iterable[SendBy],
    given_until: date | None,
) -> Shown:
    """The answer as a scenario compares it: of the exercise, and of each person in `people`."""
    told = [_without_personal(each, duty) for each in people]
    employed = [each for each in told if each.is_employed]
    missing = Counter(datum for each in employed for datum in each.missing)
    first = next(iter(days), None)
    return {
        "clause": first.clause if first else NOTHING,
        "last_day": first.last_day if first else NOTHING,
        "safe_last_day": first.safe_last_day if first else NOTHING,
        "given_until": given_until,
        "people": len(employed),
        "complete": sum(not each.missing for each in employed),
        "others": sum(not each.is_employed and each.since is not Becomes.GONE for each in told),
        "missing": dict(missing),
        "of_each": {each.staff_number: _person(each) for each in told},
    }


def _without_personal(
    person: PersonsInformation, duty: LiabilityInformation | None
) -> PersonsInformation:
    data = () if duty is None else duty.data()
    apart = {datum.id for _, datum in data if datum.personal is not None}
    left = tuple(each for each in person.missing if each not in apart)
    return person.model_copy(update={"missing": left})


def _person(person: PersonsInformation) -> Shown:
    held = {
        each.datum: [each.document]
        if each.document
        else [
            value.value if len(each.values) == 1 else f"{value.assignment}: {value.value}"
            for value in each.values
        ]
        for each in person.data
    }
    return {
        "employed": person.is_employed,
        "transferee": person.transferee or NOTHING,
        "missing": list(person.missing),
        "held": held,
        "became": person.since.value if person.since else NOTHING,
        "changes": {
            each.datum: {"was": list(each.was), "now": list(each.now)} for each in person.changes
        },
    }
