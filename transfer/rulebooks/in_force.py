"""A rulebook as it binds the procedures on record: what the decisions of every kind ask of it.

The kinds say what they need (`RulesOfExercise`, `RulesOfAppeals`, `RulesOfConsultation`); one
object answers them all, because one edition binds an exercise with its appeals and consultation.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterBegun
from transfer.core.matter.kind import Kind
from transfer.core.matter.reckoning import Reckoning
from transfer.core.refusals import Failure, Refused
from transfer.core.words import (
    Basis,
    Destination,
    Effect,
    Facet,
    Happening,
    Mechanism,
    MilestoneRole,
    OfferStatus,
    Route,
    WindowKind,
)
from transfer.procedures.consultation.rules import OfferStands
from transfer.procedures.exercise.exercise_facts import ExerciseOpened
from transfer.procedures.exercise.facts import Draw, Evidence
from transfer.procedures.exercise.rules import Choice, Facets, Given, OnePerson
from transfer.rulebooks.conditions import Case
from transfer.rulebooks.deciding import (
    Decision,
    allocate,
    case_of,
    decide,
    left_out_by,
    why_not_covered,
)
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.procedure import GateFact, Guarded, Offer, Requirement
from transfer.rulebooks.terms import TermsOfExercise

BY_PANEL = "panel"
"""The route of a panel's decision, where no path of the edition says whom panels join."""

_WAITS: Mapping[str, str] = {
    "issue-letters": "letters",
    "confirm": "confirmation",
    "move": "transfer",
    "dissolve": "dissolution",
}
"""The steps of an exercise whose approval an edition may ask for, as its `[steps]` names them."""

_STANDS = {
    OfferStatus.NOT_ON_OFFER: "off",
    OfferStatus.REFERRED_TO_CONCILIATION: "off: referred to conciliation",
    OfferStatus.CONDITIONAL: "conditional on ratification",
    OfferStatus.ON_OFFER: "on",
}


class BindingRules(TermsOfExercise):
    """A rulebook with the values given to it, as decisions ask it.

    `office_of_one`: the office has said that one person may approve what they proposed themselves.
    """

    office_of_one: bool = False

    # --- every kind --------------------------------------------------------------------------

    @property
    def edition_digest(self) -> str:
        """The SHA-256 of the edition's text."""
        return self.rulebook.digest()

    @property
    def mechanism(self) -> Mechanism:
        """What kind of move it is in law."""
        return self.rulebook.mechanism

    def waits(self, step: str) -> bool:
        """Whether a step waits for an administrator's approval by the edition."""
        named = _WAITS.get(step)
        return named is not None and getattr(self.rulebook.steps, named) == "administrator"

    def reckoning(self, name: str) -> tuple[Reckoning, Basis]:
        """How the window of that name is counted, and by which clause."""
        clause = self.window(name).length_clause
        return Reckoning(length=self.period(clause)), self.basis(clause)

    # --- exercises ---------------------------------------------------------------------------

    @property
    def panel_route(self) -> Route:
        """The route of a panel's decision."""
        path = self.rulebook.panel_path if self.rulebook.paths else None
        return BY_PANEL if path is None else path.routes[0]

    @property
    def transfers(self) -> tuple[str, ...]:
        """The days of transfer, of each transferor or of all."""
        found = (m.name for m in self.rulebook.milestones if m.role is MilestoneRole.TRANSFER)
        return tuple(dict.fromkeys(found))

    def routes_of(self, path: str) -> tuple[Route, ...]:
        """The routes whose people's letters go out together."""
        for each in self.rulebook.ways:
            if each.id == path:
                return each.routes
        raise Refused(f"{self.edition} has no path '{path}'")

    def path_of(self, route: Route) -> str:
        """The path of a route."""
        return self.rulebook.path_of(route).id

    def transferor_of(self, facets: Facets) -> str | None:
        """The name of the transferor whose somebody in that position is; `None`: none's."""
        book = self.rulebook
        by = Facet.EMPLOYER if book.parties is None else book.parties.by
        whose = book.whose({by: facets.get(by)})
        return None if whose is None else whose.name

    def case_for(self, person: OnePerson) -> Case:
        """A person's case, as the edition's conditions see it."""
        facets = {facet.value: value for facet, value in person.facets.items()}
        return case_of(self, facets=facets, evidence=person.evidence, on=person.on)

    def why_not_covered(self, person: OnePerson) -> str | None:
        """Which rule of the scope leaves somebody out, in its words; `None`: covered."""
        return why_not_covered(self, self.case_for(person))

    def left_out_by(self, person: OnePerson) -> Failure | None:
        """The rule of the scope that leaves somebody out, with its clause; `None`: covered."""
        return left_out_by(self, self.case_for(person))

    @property
    def why_so_in_law(self) -> tuple[Basis, ...]:
        """Why it is this kind of move in law: the clause that says so, and each it rests on."""
        by = self.rulebook.mechanism_clause
        return tuple(map(self.basis, (by, *self.rulebook.clause(by).rests_on)))

    @property
    def unread_instrument(self) -> str | None:
        """The clause of the instrument that would settle it and that nobody has read."""
        return self.rulebook.require_exercise().unread

    def choose(self, person: OnePerson, seed: str) -> Choice:
        """Where somebody goes by the edition's table; raises `Refused` where no route decides."""
        case = self.case_for(person)
        return self.as_choice(decide(self, case, staff_number=person.staff_number, seed=seed))

    @property
    def has_limited_places(self) -> bool:
        """Whether everybody has to be looked at together before anybody is proposed."""
        return any(each.places is not None for each in self.rulebook.transferees.values())

    def allocate(
        self, people: Mapping[str, OnePerson], seed: str, taken: Mapping[Destination, int]
    ) -> Mapping[str, Choice | Refused]:
        """Where everybody goes, where places are limited; `taken` are those given before."""
        cases = {number: self.case_for(person) for number, person in people.items()}
        found = allocate(self, cases, seed=seed, taken=taken)
        return {
            number: each if isinstance(each, Refused) else self.as_choice(each)
            for number, each in found.items()
        }

    def as_choice(self, decision: Decision) -> Choice:
        """What the edition's table came to, as a decision takes it."""
        drawn = decision.drawn
        draw = drawn and Draw(
            seed=drawn.seed, drawn=drawn.digest, between=drawn.among, outcome=drawn.outcome
        )
        return Choice(
            route=decision.route,
            destination=decision.to,
            reason=decision.because,
            evidence=Evidence(matched=decision.matched, saw=dict(decision.saw), draw=draw),
            basis=self.basis(*decision.clauses),
        )

    def changes(self, to: Destination, person: OnePerson) -> Facets:
        """Exactly what a move changes; raises `Refused` where the person is no transferor's."""
        book = self.rulebook
        transferor = book.whose(person.facets)
        if transferor is None:
            by = Facet.EMPLOYER if book.parties is None else book.parties.by
            held = person.facets.get(by) or "nobody"
            who = f"employed by {held}" if by is Facet.EMPLOYER else f"of the {by} {held}"
            raise Refused(
                f"{who} on {person.on}, which is not a transferor",
                clause=self.clause_for("transfer"),
            )
        return book.changes(to, transferor, person.evidence)

    def given_by_move(
        self, to: Destination, route: Route | None, on: date, transferor: str | None
    ) -> tuple[Given, ...]:
        """The terms that a move gives from its day on.

        A protection of some length begins on the day of the move; the first day without it is the
        corresponding date, so that its last day is the safe one, the day before.
        """
        found = []
        for grant in self.rulebook.grants:
            by_route = not grant.routes or route in grant.routes
            if not by_route or (grant.to and to not in grant.to):
                continue
            until, clauses = grant.until, [grant.clause]
            if grant.length is not None:
                clauses.append(grant.length.clause)
                length = self.period(grant.length.clause, transferor)
                until = length.due_after(on, self.calendar)
            found.append(Given(grant.term, grant.value, until, self.basis(*clauses)))
        return tuple(found)

    @property
    def documents_asked_for(self) -> tuple[str, ...]:
        """The documents that some step waits for, the liability information as it was given, and
        those that hold what it asks for, as the edition calls them."""
        duty = self.rulebook.liability_information
        asked = [title for gate in self.rulebook.gates for title in gate.documents]
        return tuple(dict.fromkeys([*asked, *([duty.title, *duty.documents] if duty else [])]))

    def gate(
        self,
        before: str,
        *,
        is_consulted_on: bool,
        appeals_open: int = 0,
        documents: Collection[str] | None = (),
    ) -> tuple[Failure, ...]:
        """What the edition wants on record before a step, and is not. `documents` are those on
        file; `None` takes them to be there."""
        failures = []
        for gate in self.rulebook.gates:
            if gate.before is not Guarded(before):
                continue
            clause = gate.clause or self.clause_for("consultation")
            if GateFact.CONSULTATION_BEGUN in gate.facts and not is_consulted_on:
                failures.append(Failure(f"no consultation was begun before {before}", clause))
            if GateFact.APPEALS_DETERMINED in gate.facts and appeals_open:
                failures.append(Failure(f"{appeals_open} appeals await their panel", clause))
            lacking = () if documents is None else gate.documents
            failures += [
                Failure(f"{title} is not on file: register it, then file-document", clause)
                for title in lacking
                if title not in (documents or ())
            ]
        return tuple(failures)

    # --- appeals -----------------------------------------------------------------------------

    def panel(self, transferor: str | None) -> Reckoning:
        """How long a panel has for somebody of a transferor."""
        window = self.window_of(WindowKind.APPEAL)
        if window.panel_clause is None:
            raise AssertionError("an appeal has a panel: the edition was checked for that")
        return Reckoning(length=self.period(window.panel_clause, transferor))

    # --- consultations -----------------------------------------------------------------------

    def effect_of(self, happening: Happening) -> Effect:
        """What a happening is to the consultation; `Refused` where the edition knows none such."""
        return self.rulebook.happening(happening).effect

    def offers_after(self, happening: Happening, document: str) -> tuple[OfferStands, ...]:
        """Every offer that stands otherwise once something has happened, by a document; without
        one (blank), by what the edition cites."""
        return tuple(
            self._stands(offer, standing.status, standing.clause, document)
            for offer in self.rulebook.offers
            for standing in offer.standings
            if standing.after == happening
        )

    def has_happening(self, name: str) -> bool:
        """Whether the edition has a happening of that name."""
        return any(each.id == name for each in self.rulebook.happenings)

    def happening_of(self, effect: Effect) -> Happening | None:
        """The first happening of the edition that has this effect, if there is one."""
        found = (each.id for each in self.rulebook.happenings if each.effect is effect)
        return next(found, None)

    def offers_as(
        self, status: OfferStatus, document: str, term: str | None = None
    ) -> tuple[OfferStands, ...]:
        """Every offer, or the one of that term, as it stands with that status.

        Without a term those alone that the edition says can stand so. The case of a term does not
        matter. Raises `Refused` for a term that is no offer of the edition.
        """
        clauses = {
            offer.term: standing.clause
            for offer in self.rulebook.offers
            for standing in offer.standings
            if standing.status is status
        }
        named = clauses if term is None else (term,)
        wanted = {each.casefold() for each in named}
        found = [each for each in self.rulebook.offers if each.term.casefold() in wanted]
        if term is not None and not found:
            known = ", ".join(offer.term for offer in self.rulebook.offers) or "none"
            raise Refused(f"{self.edition} has no offer '{term}': it has {known}")
        return tuple(
            self._stands(offer, status, clauses.get(offer.term, offer.clause), document)
            for offer in found
        )

    def _stands(self, offer: Offer, status: OfferStatus, clause: str, document: str) -> OfferStands:
        basis = self.basis(clause)
        if document:
            basis = basis.model_copy(update={"document": document})
        return OfferStands(
            term=offer.term,
            status=status,
            value=_in_words(offer, status),
            basis=basis,
            until=offer.until,
            holds_without_endorsement=offer.requires is Requirement.NOTHING_FURTHER,
            employed_on=None if offer.employed_on is None else self.day(offer.employed_on),
        )

    def offers_moved_with(self, transfer_on: date) -> tuple[OfferStands, ...]:
        """The offers whose day of employment moves once the transfer falls on a day.

        The day that the edition takes to have moved must come before the transfer; else it stays.
        """
        return tuple(
            OfferStands(
                term=offer.term,
                status=OfferStatus.ON_OFFER,
                value=_in_words(offer, OfferStatus.ON_OFFER),
                basis=self.basis(moved_by, offer.clause),
                until=offer.until,
                holds_without_endorsement=offer.requires is Requirement.NOTHING_FURTHER,
                employed_on=self.day(moved_by),
            )
            for offer in self.rulebook.offers
            if (moved_by := offer.employed_on_moved_by) is not None
            and self.knows(moved_by)
            and self.day(moved_by) < transfer_on
        )


def _in_words(offer: Offer, status: OfferStatus) -> str:
    if offer.requires is Requirement.NOTHING_FURTHER:
        return f"guaranteed: {offer.condition}"
    if status is OfferStatus.ON_OFFER:
        return f"on: {offer.title}"
    return _STANDS[status]


def binding(terms: TermsOfExercise, *, office_of_one: bool = False) -> BindingRules:
    """The rules that something is begun under."""
    return BindingRules(
        rulebook=terms.rulebook,
        calendar_edition=terms.calendar_edition,
        given=terms.given,
        office_of_one=office_of_one,
    )


class RulesOnRecord:
    """Finds the rules that bind a matter on record (`RulesFor`).

    `by_digest` finds an edition by the SHA-256 of its text.
    """

    def __init__(
        self, by_digest: Callable[[str], Rulebook | None], *, office_of_one: bool = False
    ) -> None:
        self._by_digest = by_digest
        self._office_of_one = office_of_one

    def __call__(self, _kind: Kind, begun: MatterBegun, root: MatterBegun) -> BindingRules:
        """The rules as the first facts pin them: edition, values and calendar.

        Raises `Refused` where the text that it was opened under is neither the program's nor kept
        in the record.
        """
        edition = self._by_digest(begun.digest)
        if edition is None:
            raise Refused(
                f"{begun.matter} was opened under a text of {begun.edition} that is not "
                "in this record: restore the table rulebook_editions from the backup of its day"
            )
        giving = begun if isinstance(begun, BegunUnderEdition) else root
        values = giving.values if isinstance(giving, BegunUnderEdition | ExerciseOpened) else ()
        terms = edition.with_given(values, calendar=begun.calendar)
        return binding(terms, office_of_one=self._office_of_one)
