"""What is given with an act: the fields that every act takes, and those that its declaration needs.

A body is a plain pydantic model made from the declaration, so that the API's description, its
checks and the command line's options say the same.
"""

import re
from collections.abc import Mapping
from datetime import date
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model, field_validator
from pydantic.fields import FieldInfo

from transfer.commands.plans import Supplied
from transfer.core.dating.instants import Day
from transfer.core.matter.common import Why
from transfer.core.matter.kind import Act, Kind
from transfer.core.matter.words import Named, Over, Settlement
from transfer.core.words import AssertionRef, StaffNumber

Words = Annotated[str, StringConstraints(min_length=1)]

BEGIN = "begin"
"""The act with which a matter begins, as it is offered: its kind may call it by another name."""

MOST_PEOPLE = 50_000
"""People whom one act over many may name."""

MOST_ASSERTIONS = 20
"""Assertions that one act may rest on."""


class ActGiven(BaseModel):
    """What every act takes beside what it needs itself.

    `happened_on` is the day on which it happened (today unless given, never later), `learned_on`
    the day on which the office learned of it, `reason` why, `document` what shows it: the id of a
    registered document or a text. `rests_on` names what one side asserts and the act goes by:
    every answer that rests on the act says so. `later` settles duties that the act opens, at once:
    by the decision that each is about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    happened_on: Day | None = Field(
        None, description="The day on which it happened; today, if left out"
    )
    learned_on: Day | None = Field(None, description="The day on which the office learned of it")
    reason: Why | None = Field(None, description="Why", examples=["asked for by letter"])
    document: Why | None = Field(None, description="What shows it: a registered document, or text")
    rests_on: tuple[AssertionRef, ...] = Field(
        (),
        max_length=MOST_ASSERTIONS,
        description="Only where it is contested: the assertions of one side that the act goes by, "
        "each as assertion:ID/NAME",
        examples=[["assertion:vlo-back-pay/unions"]],
    )
    later: Mapping[UUID, Settlement] = Field(
        default_factory=dict,
        description="What becomes of decisions that would state something else by now",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, given: Any) -> Any:
        if _has_nul(given):
            raise ValueError("a string may not contain NUL")
        return given


class ValueGiven(BaseModel):
    """A value that no source gives, and the document that it comes from.

    `transferor` where it is one transferor's alone; `overriding` is why it departs from a source of
    the rulebook. Without a document it is assumed: a practised record alone takes that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: Words = Field(description="The id of the clause in its edition.")
    value: Words = Field(examples=["10wd"])
    document: Words | None = Field(None, examples=["London Trust's circular of 2 December 2013"])
    transferor: Words | None = None
    overriding: Words | None = None


class UnderEdition(ActGiven):
    """What the beginning under a rulebook takes besides: which edition, and values for what it
    leaves open. `assume: "suggested"` takes those that the edition proposes; a practised record
    alone takes that."""

    rulebook: Annotated[Words, Named.EDITION] = Field(examples=["tr-2013"])
    values: tuple[ValueGiven, ...] = ()
    assume: Annotated[str, StringConstraints(pattern="^suggested$")] | None = None

    @property
    def values_asked(self) -> tuple[Supplied, ...]:
        """The values, as `plans.terms_asked` takes them."""
        return tuple(
            (each.clause, each.value, each.document, each.transferor, each.overriding)
            for each in self.values
        )


class Selection(BaseModel):
    """Some of an exercise's people: those to whom everything applies that is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: Annotated[str | None, Named.GROUP] = Field(None, examples=["LDN-sifted-1"])
    route: Annotated[str | None, Named.ROUTE] = None
    destination: Annotated[str | None, Named.DESTINATION] = Field(None, examples=["NPS"])
    transferor: Annotated[str | None, Named.TRANSFEROR] = None


class ForPeople(ActGiven):
    """An act for one person, or for many, by their numbers."""

    staff_number: StaffNumber | None = Field(None, examples=["S10442"])
    staff_numbers: tuple[StaffNumber, ...] | None = Field(None, max_length=MOST_PEOPLE)


class ForPerson(ForPeople):
    """An act for one person, or for many: by their numbers, or as a stated selection."""

    selection: Selection | None = None


class ForPersonOrAll(ForPerson):
    """An act for everybody, unless people are named."""


EXAMPLES: Mapping[str, object] = {
    "a_year": "28000.00",
    "account": "The bodies met and did not agree.",
    "agreement": "National agreement on staff transfer",
    "answer": "accept",
    "assertion": "unions",
    "band": "4",
    "because": "it was about a warning",
    "before": "6m",
    "bodies": ["NNC"],
    "body": "NNC",
    "claim": "unfair-dismissal",
    "clause": "4.2",
    "counts": True,
    "counts_from": "2016-10-03",
    "criterion": "everybody whom the edition's scope covers",
    "destination": "NPS",
    "document": "Letter of 13 November 2013",
    "effective_between": ["2014-01-01", "2014-12-31"],
    "effective_from": "2026-12-01",
    "establishment": "HMP Moorland",
    "estate": "male closed",
    "event_on": "2026-10-15",
    "exercise": "tr-2013",
    "follows": "redeployment",
    "ground": "regraded",
    "grounds": "the caseload was counted on the wrong day",
    "group": "LDN-sifted-1",
    "happening": "endorsement-refused",
    "id": "ET-2201234-2014",
    "inputs": {},
    "interest": "line-manager",
    "key_workers": 92,
    "known_between": ["2014-01-01", None],
    "letter": "assignment",
    "letters_on": "2013-11-27",
    "level": "NPPV2",
    "may_sit": True,
    "measures": "Staff keep their place of work.",
    "members": [{"subject": "judge-1"}],
    "milestone": "transfer",
    "month": "2020-10-01",
    "months": 36,
    "notified_on": "2026-10-20",
    "offer": "voluntary_redundancy",
    "on": "2013-11-20",
    "outcome": "upheld",
    "paid": "2100.00",
    "panel": "the appeals panel of 6 January",
    "parties": [
        {"side": "claimant", "known_by": "staff-number", "party": "S10442"},
        {"side": "respondent", "known_by": "organisation", "party": "London Probation Trust"},
    ],
    "party": "Napo",
    "path": "sifted",
    "people": ["S10442"],
    "point": "3",
    "post": "probation officer, Liverpool",
    "presented_on": "2026-12-01",
    "prisoners": 600,
    "procedure": "exercise:tr-2013",
    "purpose": "to endorse the agreement",
    "question": "Will anybody have to move their place of work?",
    "reason": "agreed with the unions",
    "reference": "WP-2021-4711",
    "received_on": "2026-11-10",
    "representative": "rep-4711",
    "representatives": ["S10442"],
    "respondent": "Secretary of State for Justice",
    "respondents": ["Secretary of State for Justice"],
    "result": "accepted",
    "rulebook": "tr-2013",
    "salary": "31000.00",
    "scope": ["everything"],
    "seed": "tr-2013",
    "side": "union",
    "staff_number": "S10442",
    "statement": "The job description last changed on 4 July 2019.",
    "status": "on-offer",
    "step": "issue-letters",
    "subject": "judge-1",
    "subjects": ["judge-1"],
    "superseded_by": "employer",
    "title": "Guidance on the Application of the Sifting Criteria",
    "told_to": "transferor",
    "transferor": "London Probation Trust",
    "unions": ["Napo"],
    "until": "2014-01-10",
    "value": "2019-07-04",
    "what": "risk-assessments",
    "version": "policy-2021",
    "window": "appeal",
    "work": "offender management",
    "admitted_because": "on leave for the whole of the window",
    "agreed_by": "head of unit",
    "began": "2020-04-06",
    "cohort": "C",
    "effective_to": "2026-12-15",
    "full_hours": "150",
    "hours": "60",
    "leave": "special-leave",
    "option": "remain",
    "scheme": "surplus-band-4",
    "stated_in": "notice of options, version 2",
    "withdrawn_on": "2026-12-15",
    "said_by": "staff member",
    "employer": "Merseyside CRC",
    "first_dismissal_on": "2026-06-30",
    "began_on": "2026-05-14",
    "last_day": "2015-08-31",
    "paid_on": "2015-09-15",
    "proposed_on": "2026-03-01",
    "service_from": "2000-06-01",
    "service_said_by": "employer",
    "weeks_a_year": "4.5",
    "weeks_pay": "600.00",
    "cases": ["LDN-204471", "LDN-204472"],
    "handover": "H1",
    "held_by": "London CRC",
    "manager": "S10443",
    "accepted": True,
    "due_on": "2026-12-01",
    "later_agreement": "agreement of 1 June 2021",
    "meeting": "Probation Service Joint Negotiating Committee",
    "owner": "employer",
    "promise": "pay-manual",
    "complaint": "the letter on the assignment",
    "policy": "london-2013",
    "decided_by": ["hr_process_owner"],
    "issued_by": "S10443",
    "process": "conduct and discipline",
    "between": ["East Surrey", "West Surrey"],
    "owed_for": "particulars-changed",
    "meeting_on": "2013-11-20",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "looked_at": ["home postcode"],
    "plan": "reorganisation",
    "subject_matter": "the trading standards team",
    "target_on": "2027-04-01",
    "asked_by": "Napo",
    "asked_of": "the new provider",
    "concerned": 9,
    "employees": 60,
    "failed": "the old provider",
    "item": "measures",
    "regime": "tupe",
    "transfer_on": "2026-12-01",
    "transferee": "the new provider",
    "transferring": 25,
    "leaves_on": "2026-10-20",
    "new_employer_known_on": "2026-10-05",
    "because_of_transfer": True,
    "detriment": "the base moves by forty miles",
    "cause": "transfer",
    "made_on": "2026-10-20",
    "pension_right": "old age",
    "begun_by": "organisation",
    "chaired_by": "E1",
    "description": "of 2019",
    "for_set": "unification",
    "for_unions": ["U1"],
    "found": "Band 4",
    "goes_by": "unions",
    "job": "victim liaison officer",
    "longer_because": "agreed with the unions",
    "of_set": "unification",
    "paid_from": "2023-06-01",
    "sat": ["E1", "E2", "U1"],
    "senior_in_the_chair": True,
    "sets": ["unification"],
    "sign_by": "2023-05-31",
    "trained": ["E1", "E2"],
    "benchmark": 90,
    "in_post": 95,
    "answers_for": "staff and caseload",
    "company": "C17",
    "mechanism": "share-sale",
    "office": "director of probation",
    "as_at": "2014-04-30",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "delivery": 1,
    "draft": 1,
    "given_to": "the new provider",
    "remarks": "pay points to be asked for",
    "via": "the programme office",
    "authority": "the programme director, letter of 20 May 2014",
    "cut_off_on": "2026-11-16",
    "made_by": "Secretary of State for Justice",
    "transferees": ["London CRC"],
    "whom": "S10442",
    "becomes": "pay",
    "can_work": False,
    "leave_now": "special-leave",
}
"""An example of each field, for the API's description; by act, or by the model of what an act
needs, where one name means two things."""

_EXAMPLES_OF: Mapping[tuple[str, str], object] = {
    ("note-proposal", "dismissals"): 100,
    ("record-owner", "owner"): "MTCnovo",
    ("state-band-3", "trained"): 95,
    ("refuse-handover", "reason"): "a full caseload",
    ("add-promise", "title"): "a manual on pay",
    ("note-answer", "body"): "Napo",
    ("give-training", "what"): "two days on the new duties",
    ("assert-day", "said_by"): "unions",
    ("discharge-owed", "what"): "training",
    ("record-outcome", "panel"): "of March 2023",
    ("record-panel", "panel"): "of March 2023",
    ("confirm", "decided_by"): "line manager",
    ("decide-further", "decided_by"): "assistant chief officer",
    ("delegate", "decided_by"): "assistant chief officer",
    ("confirm", "outcome"): "not-upheld",
    ("decide-further", "outcome"): "upheld",
    ("note-representations", "outcome"): "rejected",
    ("move-milestone", "to"): "2014-06-01",
    ("decide-by-panel", "to"): "NPS",
    ("determine", "to"): "NPS",
    ("determine", "outcome"): "upheld",
    ("refer", "to"): "ACAS",
    ("begin", "ground"): "detriment",
    ("begin", "subject"): "contract",
    ("lodge-appeal", "to"): "the chief executive",
    ("record-meeting", "outcome"): "no agreement",
    ("take-step", "step"): "audit",
    ("end", "outcome"): "It goes to East Surrey.",
    ("end", "how"): "award",
    ("lodge", "against"): "exercise:tr-2013",
    ("Agreeing", "parties"): ["Napo", "UNISON"],
    ("count-review", "what"): "review",
    ("note-review", "what"): "review",
    ("settle", "duty"): "018f3c5e-7d4a-7b1e-9f00-0a1b2c3d4e5f",
    ("settle", "decision"): "redo",
    ("join", "staff_number"): "S10442",
    ("restrict", "what"): "only cases that are not on ViSOR",
    ("tell", "what"): "outsourcing",
    ("discharge-duty", "what"): "meaningful-work",
    ("make", "version"): 2,
    ("pay-month", "goes_by"): "days",
    ("pay-month", "month"): "2020-04-01",
    ("pay-month", "paid"): "80.00",
    ("settle-payment", "month"): "2020-04-01",
    ("correct-leave", "effective_from"): "2020-04-06",
    ("correct-leave", "effective_to"): "2020-04-13",
    ("record-leave", "effective_from"): "2020-04-06",
    ("record-leave", "effective_to"): "2020-04-20",
    ("give", "items"): ["identity-and-age"],
    ("note-special", "because"): "the provider collapsed",
    ("clarify", "statement"): "It counts from the day on which the duties changed.",
    ("dispute", "statement"): "The description was changed before.",
}


def body_of(kind: Kind, act: Act[Any]) -> type[ActGiven]:
    """The body that a declared act takes: made once."""
    key = (kind.name, act.name, act.asked, act.over, act.or_person, kind.lies_with_person)
    made = _MADE.get(key)
    if made is None:
        made = _MADE[key] = _make(kind, act)
    return made


_MADE: dict[tuple[object, ...], type[ActGiven]] = {}


def _make(kind: Kind, act: Act[Any]) -> type[ActGiven]:
    base: type[ActGiven] = ActGiven
    if act.over is Over.PERSON and not kind.lies_with_person:
        base = ForPerson
    elif act.or_person and not kind.lies_with_person:
        base = ForPersonOrAll
    made: Any = create_model(
        name_of(kind.name, act.name),
        __base__=(base, act.asked),  # with the rules that the declaration has of its fields
        __doc__=act.asked.__doc__ or act.says,
        __module__=__name__,
        **fields_of(act),
    )
    return cast("type[ActGiven]", made)


def fields_of(act: Act[Any]) -> dict[str, Any]:
    """What an act asks for itself, as the fields of a body."""
    return {name: _strict(_shown(act, name), info) for name, info in act.asked.model_fields.items()}


def _shown(act: Act[Any], field: str) -> object:
    """The example of a field: that of what the act needs, where acts of one name need others."""
    return _EXAMPLES_OF.get((act.asked.__name__, field), example_of(act.name, field))


def name_of(kind: str, act: str) -> str:
    """The name of a body in the API's description, e.g. `ExerciseMoveMilestone`."""
    return "".join(part.capitalize() for part in re.split("[-_]", f"{kind}-{act}"))


def example_of(act: str, field: str) -> object:
    """An example of a field of an act's body; `None` where there is none."""
    return _EXAMPLES_OF.get((act, field), EXAMPLES.get(field))


_MORE: Mapping[str, Mapping[str, object]] = {
    "set-scope": {"criterion": EXAMPLES["criterion"]},
    "decide-by-panel": {"panel": "the local panel of 20 November"},
    "issue-letters": {"group": "LDN-sifted-1"},
    "open-cases": {"manager": "S10442"},
    "preview-letters": {"group": "LDN-sifted-1"},
    "determine": {"to": "NPS", "panel": EXAMPLES["panel"]},
    "reply": {"answer": "Nobody will."},
    "propose-redeployment": {"unit": "Court", "role": "Court duty officer"},
    "set-dates": {"effective_between": ["2014-01-01", "2015-03-31"]},
    "assert": {"party": "Napo", "side": "union", "value": "2019-07-04"},
    "dispute": {"party": "Napo", "side": "union"},
    "AssertionBegin": {"people": ["S10442"]},
    "AgreementBegin": {"known_as": "pay-2018"},
    "ChoiceBegin": {"scheme": "special-circumstances"},
    "RedundancyBegin": {"scheme": "enhanced"},
    "ProtectionBegin": {"ground": "regraded"},
    "StaffListBegin": {"cut_off_on": EXAMPLES["cut_off_on"]},
    "DepartureBegin": {"account": "The place of work is 60 miles away from 1 June."},
    "RepresentationBegin": {"document": "Appointment signed on 27 November 2026"},
}
"""What an example of an act's body shows beside the fields that it needs: of an act, or a body."""

_OF_A_WHOLE = ("issue-letters", "preview-letters", "set-scope", "propose")


def example_body(act: str, body: type[ActGiven]) -> dict[str, object]:
    """A body as an example: the fields that the act needs, and those that it is best shown with."""
    needed = {
        # Of the rulebook the body itself has one that has rules for the kind.
        name: field.examples[0] if name == "rulebook" and field.examples else example_of(act, name)
        for name, field in body.model_fields.items()
        if field.is_required()
    }
    shown = needed | dict(_MORE.get(act, _MORE.get(body.__name__, {})))
    whom = issubclass(body, ForPeople) and not issubclass(body, ForPersonOrAll)
    if whom and act not in _OF_A_WHOLE:
        shown = {"staff_number": EXAMPLES["staff_number"], **shown}
    return shown


def inputs_of(body: ActGiven, needs: type[BaseModel]) -> dict[str, object]:
    """What of a body the act itself needs: what was given, and nothing else."""
    return {
        name: value
        for name, value in body
        if name in needs.model_fields and name in body.model_fields_set and value is not None
    }


def people_of(body: ActGiven) -> tuple[str, ...] | None:
    """Whom a body names, each once; `None` where it names nobody."""
    if not isinstance(body, ForPeople):
        return None
    named = [] if body.staff_number is None else [body.staff_number]
    if body.staff_numbers is not None:
        named += body.staff_numbers
    if not named and body.staff_numbers is None:
        return None
    return tuple(dict.fromkeys(named))


def _strict(example: object, info: FieldInfo) -> tuple[Any, FieldInfo]:
    """A field as a body has it: dates in the form YYYY-MM-DD, an example besides."""
    annotation = _with_days(info.annotation)
    if info.metadata:
        annotation = Annotated[annotation, *info.metadata]
    more: dict[str, Any] = {} if example is None else {"examples": [example]}
    if info.is_required():
        return annotation, Field(**more)
    if info.default_factory is not None:
        return annotation, Field(default_factory=info.default_factory, **more)
    return annotation, Field(info.default, **more)


def _with_days(annotation: Any) -> Any:
    if annotation is date:
        return Day
    parts = get_args(annotation)
    if get_origin(annotation) in (Union, UnionType) and date in parts:
        return Union[tuple(map(_with_days, parts))]  # noqa: UP007 - made of a list
    return annotation


def _has_nul(given: object) -> bool:
    match given:
        case str():
            return "\x00" in given
        case Mapping():
            return any(map(_has_nul, given)) or any(map(_has_nul, given.values()))
        case list() | tuple():
            return any(map(_has_nul, given))
        case _:
            return False


__all__ = [
    "ActGiven",
    "ForPeople",
    "ForPerson",
    "ForPersonOrAll",
    "Selection",
    "body_of",
    "example_of",
    "fields_of",
    "inputs_of",
    "name_of",
    "people_of",
]
