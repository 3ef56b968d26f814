"""What is sent: the bodies of the writes, and how they are read.

The body is JSON whatever its Content-Type says. Unknown fields, a field given twice, a NUL in any
string, a number where a string belongs and a date that is not `YYYY-MM-DD` are 422, each named by
its field.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Request, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from transfer.access.identity import Caller
from transfer.api.http.duplicate_keys import TWICE, given_twice
from transfer.api.http.problems import STALE_VERSION, TOO_LARGE, Problem, malformed
from transfer.api.http_service import HttpService
from transfer.commands.acts.given import MOST_ASSERTIONS
from transfer.commands.grounds import require
from transfer.commands.matter_worlds import Loaded
from transfer.commands.matters import Asking, Matters
from transfer.commands.office import Act, Office, key_id
from transfer.commands.record import Entered, warnings_after
from transfer.core.dating.instants import Day, Instant
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import (
    Annulment,
    Change,
    Correction,
    Leaving,
    Naming,
    Registration,
    TermSet,
)
from transfer.core.record.leaving import Later
from transfer.core.refusals import Malformed, Refusal, StaleVersion
from transfer.core.streams import take_apart
from transfer.core.texts import is_blank
from transfer.core.words import (
    MAIN,
    AssertionRef,
    AssignmentName,
    Basis,
    Facet,
    StaffNumber,
)
from transfer.questions.answer import Answer, absent
from transfer.questions.procedures import ToSettle, duties_opened

B = TypeVar("B", bound=BaseModel)

_DRAINED_BYTES = 64 * 1024 * 1024
"""How much is read and dropped of what a body has above the limit."""

_LARGE_BYTES = 256 * 1024
_LONGEST_KEY = 255
_IF_MATCH = re.compile(r'\*|([0-9]{1,18})|"([0-9]{1,18})"', re.ASCII)
_EVENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a string may not contain NUL")
    return text


def _not_blank(text: str) -> str:
    if is_blank(text):
        raise ValueError("is blank: say why")
    return text


def _event_id(text: object) -> object:
    if isinstance(text, str) and _EVENT_ID.fullmatch(text) is None:
        raise ValueError("not an event id")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
Words = Annotated[str, StringConstraints(min_length=1), AfterValidator(_without_nul)]
Reason = Annotated[
    str,
    AfterValidator(_without_nul),
    AfterValidator(_not_blank),
    Field(examples=["As the contract of employment says"]),
]
EventId = Annotated[
    UUID,
    BeforeValidator(_event_id),
    Field(examples=["0198c5a0-7b1e-7c3a-9f5e-2f6f3f1d9a10"]),
]
Values = dict[Facet, Text | None]


class Written(Answer):
    """What a write answers: its first event, and the stream's version after that event.

    `recorded_at` can be used as `known_at`: an answer at that instant includes the whole command
    and nothing after it. `warnings` are sentences about what was recorded, where there are any: a
    change that ends the employer alone, later entries that employ the person again, a line manager
    who is not employed on the day, an employer that no edition knows by that name or code.
    """

    staff_number: str
    event_id: UUID
    version: int
    recorded_at: Instant
    warnings: tuple[str, ...] = Field((), exclude_if=absent)
    to_settle: tuple[ToSettle, ...] = Field(
        (),
        exclude_if=absent,
        description="Decisions in procedures that would state something else by now.",
    )


class Sent(BaseModel):
    """A body or a part of one: closed to fields that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BasisGiven(Sent):
    """Why: the rulebook edition, the clause and the document that an entry rests on, and what one
    side asserts and others do not (`assertion:ID/NAME`)."""

    rulebook: Text | None = None
    clause: Text | None = None
    document: Text | None = None
    assertions: tuple[AssertionRef, ...] = Field(
        (), max_length=MOST_ASSERTIONS, examples=[["assertion:vlo-back-pay/unions"]]
    )

    def given(self) -> Basis:
        """The same in the record's words."""
        return Basis(
            rulebook=self.rulebook,
            clause=self.clause,
            document=self.document,
            assertions=self.assertions,
        )


class Settled(Sent):
    """An entry that may collide with what was decided in procedures since: `later` says at once
    what becomes of such a decision, by its id. The rest is to be settled by an act of its own."""

    later: dict[EventId, Settlement] = Field(
        default_factory=dict,
        description="By the decision: it `stands`, is made again (`redo`) or goes back (`review`).",
    )


class RegistrationGiven(Sent):
    """Begins a person's record. The name is personal data: encrypted, and in no event."""

    staff_number: StaffNumber = Field(examples=["S10442"])
    name: Words = Field(examples=["A. Example"])
    effective_from: Day
    continuous_service_from: Day | None = Field(
        None, description="Not after `effective_from`; on record as the term of that name."
    )
    position: Values = Field(
        description="Facet values, standing from `effective_from`.",
        examples=[{"employer": "London Probation Trust", "band": "4", "fte": "1"}],
    )
    assignment: AssignmentName = MAIN
    basis: BasisGiven | None = None

    def registration(self) -> Registration:
        """The same in the record's words; the name is not among them."""
        return Registration(**_stated(self, without="name"))


class ChangeGiven(Settled):
    """Changes facets of one assignment: standing without `effective_to`, else temporary.

    The day of `effective_to` is excluded. `null` ends a facet from its day. An `employer` of `null`
    says that nobody employs the person in this assignment any more: from that day it is in no head
    count and no list, whatever else is on record of it; the answer then has `warnings`.
    """

    effective_from: Day
    effective_to: Day | None = None
    changes: Values = Field(examples=[{"paid_band": "5"}])
    reason: Reason = Field(examples=["Acting up"])
    assignment: AssignmentName = MAIN
    basis: BasisGiven | None = None

    def entry(self) -> Change:
        """The same in the record's words."""
        return Change(**_stated(self, without="later"))


class NameGiven(Sent):
    """Another name that the person goes by from a day. It is personal data: encrypted, in no event.

    `reason` and `basis` are on the event: write no name into them.
    """

    name: Words = Field(examples=["B. Example"])
    effective_from: Day
    reason: Reason = Field(examples=["Married"])
    basis: BasisGiven | None = None

    def entry(self) -> Naming:
        """The same in the record's words; the name is not among them."""
        return Naming(**_stated(self, without="name"))


class LeavingGiven(Sent):
    """Somebody leaves an assignment: from `effective_from` on all of it has ended.

    The last day in post is the day before. `later` says what becomes of entries on record that
    would employ the person on or after that day: `annul` takes them back (one that began before is
    cut short), `keep` lets them stand. Where there are any, the call is refused without it.
    """

    effective_from: Day
    reason: Text = Field(examples=["Resigned"])
    assignment: AssignmentName = MAIN
    later: Later | None = None
    basis: BasisGiven | None = None

    def entry(self) -> Leaving:
        """The same in the record's words."""
        return Leaving(**_stated(self, without="later"))


class TermGiven(Settled):
    """Grants a term, varies one that is held, or (`value` null) ends it.

    Values are kept as they are; that of `continuous_service_from` is a date, `YYYY-MM-DD`.
    """

    term: Words = Field(examples=["pay-protection"])
    value: Text | None = Field(examples=["band 4, to 31 May 2017"])
    effective_from: Day
    effective_to: Day | None = None
    reason: Reason
    basis: BasisGiven | None = None

    def entry(self) -> TermSet:
        """The same in the record's words."""
        return TermSet(**_stated(self, without="later"))


class CorrectionGiven(Settled):
    """Replaces the whole content of an entry, or annuls it.

    Either `annul: true`, or the content: `effective_from`, `effective_to` where it is temporary,
    and `changes`, or `term` with its `value`. The two together are 422, except that the correction
    of a registration may give both facets and the term `continuous_service_from` (which it keeps
    unless it names it).

    The correction of a name gives `effective_from` and `name` alone.

    Nothing of the old content stays: facets that `changes` leaves out disappear from the entry,
    `changes: {}` leaves it without any, and an entry about facets may become one about a term, or
    the other way round. The assignment is `main` unless given.
    """

    of: EventId
    reason: Reason
    basis: BasisGiven | None = None
    annul: StrictBool = Field(False, examples=[True])
    effective_from: Day | None = None
    effective_to: Day | None = None
    changes: Values | None = None
    term: Words | None = None
    value: Text | None = None
    name: Words | None = None
    assignment: AssignmentName = MAIN

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> Self:
        content = self.model_fields_set - {"of", "reason", "basis", "annul", "later"}
        if self.annul:
            if content:
                raise ValueError(f"an annulment takes no {', '.join(sorted(content))}")
            return self
        if self.effective_from is None:
            raise ValueError("give effective_from and the whole new content, or annul: true")
        if self.name is not None:
            if beside := content - {"effective_from", "name"}:
                raise ValueError(f"the correction of a name takes no {', '.join(sorted(beside))}")
            return self
        if (self.term is not None) != ("value" in content):
            raise ValueError("term and value go together")
        if self.changes is None and self.term is None:
            raise ValueError("give changes, or term and value, or name, or annul: true")
        return self

    def entry(self) -> Correction | Annulment | Naming:
        """The same in the record's words; a name is not among them."""
        basis = self.basis.given() if self.basis else None
        if self.effective_from is None:
            return Annulment(of=self.of, reason=self.reason, basis=basis)
        if self.name is not None:
            return Naming(
                effective_from=self.effective_from, of=self.of, reason=self.reason, basis=basis
            )
        return Correction(
            of=self.of,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            assignment=self.assignment,
            changes=self.changes or {},
            terms={} if self.term is None else {self.term: self.value},
            reason=self.reason,
            basis=basis,
        )


def _stated(
    body: RegistrationGiven | ChangeGiven | TermGiven | NameGiven | LeavingGiven,
    without: str = "",
) -> dict[str, Any]:
    """The fields of a body by their names, its basis in the record's words."""
    stated = {name: value for name, value in body if name != without}
    return stated | {"basis": body.basis.given() if body.basis else None}


# --- reading a write ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted(Generic[B]):
    """A write as it came in: its body, and what its headers ask."""

    body: B
    command_id: UUID
    repeatable: bool
    expected_version: int | None
    must_exist: bool
    request: str


def submitted(
    service: HttpService, model: type[B], *, most_bytes: int = 0
) -> Callable[[Request], Awaitable[Submitted[B]]]:
    """The dependency that reads a write. Raises `Problem` and `Malformed`.

    It must come after the one that lets the caller in: nothing of a stranger's is read.
    `most_bytes`: how large the body may be, where that is above the service's limit.
    """

    async def read(request: Request) -> Submitted[B]:
        raw = await body_of(request, max(most_bytes, service.max_body_bytes))
        if len(raw) < _LARGE_BYTES:
            return understand(request, raw)
        # Reading a large body must not hold up everybody else.
        return await run_in_threadpool(understand, request, raw)

    def understand(request: Request, raw: bytes) -> Submitted[B]:
        try:
            body = model.model_validate_json(raw)
        except ValidationError as error:
            raise malformed(error) from None
        twice = given_twice(raw)
        if twice is not None:
            raise Malformed(TWICE, field=twice)
        caller: Caller = request.state.caller
        key = _idempotency_key(request)
        version, must_exist = _if_match(request)
        return Submitted(
            body=body,
            command_id=service.new_id() if key is None else key_id("http", caller.subject, key),
            repeatable=key is not None,
            expected_version=version,
            must_exist=must_exist,
            request="" if key is None else _canonical(request, raw),
        )

    return read


async def body_of(request: Request, most: int) -> bytes:
    """The body of a request; `Problem` where it has more than `most` bytes."""
    declared = request.headers.get("content-length", "")
    too_large = declared.isdigit() and int(declared) > most
    kept = bytearray()
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        too_large = too_large or read > most
        if not too_large:
            kept += chunk
        elif read > most + _DRAINED_BYTES:
            # So far it was read only for the caller to get the answer and not a broken connection.
            break
    if too_large:
        raise Problem(TOO_LARGE, f"The body may have {most} bytes at most.")
    return bytes(kept)


def _canonical(request: Request, raw: bytes) -> str:
    """What was asked, whatever the order of its fields and the blanks between them."""
    body: Any = from_json(raw)
    content = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f"{request.method} {request.url.path}\n{content}"


def _idempotency_key(request: Request) -> str | None:
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    try:
        # Headers are bytes; what is not ASCII is UTF-8 to every client of today.
        key = given[0].encode("latin-1").decode()
    except UnicodeDecodeError:
        key = ""
    if len(given) > 1 or not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise Malformed(
            f"give one key of 1 to {_LONGEST_KEY} printable characters", field="Idempotency-Key"
        )
    return key


def _if_match(request: Request) -> tuple[int | None, bool]:
    """The version that the caller relies on, and whether the person must be on record."""
    given = request.headers.getlist("if-match")
    if not given:
        return None, False
    match = _IF_MATCH.fullmatch(given[0].strip()) if len(given) == 1 else None
    if match is None:
        raise Malformed('give one version, as "3", or *', field="If-Match")
    version = match[1] or match[2]
    return (None if version is None else int(version)), True


# --- making it -------------------------------------------------------------------------------


def make(
    service: HttpService,
    caller: Caller,
    sent: Submitted[Any],
    record: Callable[[Act], Entered],
    *,
    upon: str | None = None,
) -> Response:
    """Record a write, and answer what it wrote; see `entered`."""
    return answered(service, *made(service, caller, sent, record, upon=upon))


def made(
    service: HttpService,
    caller: Caller,
    sent: Submitted[Any],
    record: Callable[[Act], Entered],
    *,
    upon: str | None = None,
) -> tuple[Entered, Written]:
    """Record a write, and settle what is settled with it; see `entered`."""
    done = entered(service, caller, sent, record, upon=upon)
    opened = opened_by(service.office, done)
    warnings = _warnings(service, sent.body, done)
    if isinstance(sent.body, Settled) and sent.body.later:
        warnings += settle_at_once(service, caller, sent, opened)
    return done, Written(
        staff_number=done.staff_number,
        event_id=done.event_id,
        version=done.version,
        recorded_at=done.recorded_at,
        warnings=warnings,
        to_settle=opened,
    )


def opened_by(office: Office, done: Entered) -> tuple[ToSettle, ...]:
    """What has to be settled in procedures because of a write."""
    if done.receipt is None or len(done.receipt.events) == 1:
        return ()
    return tuple(duties_opened(office, [done.receipt]))


def settle_at_once(
    service: HttpService,
    caller: Caller,
    sent: Submitted[Any],
    opened: Iterable[ToSettle],
) -> tuple[str, ...]:
    """Settle what the caller has said of it with the entry, each by a command of its own.

    Answers a warning for a decision about which this entry leaves nothing to settle.
    """
    left = dict(sent.body.later)
    act = Act(by=caller.subject, command_id=sent.command_id, request=sent.request)
    asking = Asking(caller.subject, service.today(), frozenset({"admin"}))
    matters = Matters(service.office, service.worlds)
    for duty in opened:
        how = left.pop(duty.duty, None)
        if how is None:
            continue
        receipt = matters.settle(
            act.part("later", str(duty.duty)),
            asking,
            duty.procedure,
            duty.duty,
            how,
            reason=sent.body.reason,
            person=duty.staff_number,
        )
        if receipt is not None:
            service.acknowledge(receipt.recorded_at)
    return tuple(f"Nothing is to be settled about {decision} (later)." for decision in left)


def entered(
    service: HttpService,
    caller: Caller,
    sent: Submitted[Any],
    record: Callable[[Act], Entered],
    *,
    upon: str | None = None,
) -> Entered:
    """Record a write, and let every later read of this service see it.

    `upon` is the person that it presupposes. Of two deliveries of one command that come at the
    same time, the one that comes second is told what the first was, even where by then it would
    be refused.
    """
    act = Act(
        by=caller.subject,
        command_id=sent.command_id,
        expected_version=sent.expected_version,
        request=sent.request,
    )
    basis = getattr(sent.body, "basis", None)
    try:
        if isinstance(basis, BasisGiven):
            require(service.worlds, Loaded(), basis.assertions, field="basis.assertions")
        done = record(act)
        if done.already and sent.repeatable:
            first = service.office.first_answer(act)
            if first is not None:
                done = Entered.from_receipt(done.staff_number, first)
    except Refusal as refusal:
        first = service.office.first_answer(act) if sent.repeatable else None
        if first is None:
            if upon is not None and isinstance(refusal, StaleVersion):
                # Nobody there at all is the better answer.
                service.office.person(upon).require_registered()
            raise
        done = Entered.from_receipt(take_apart(first.events[0][0])[1], first)
    service.acknowledge(done.recorded_at)
    return done


def answered(service: HttpService, done: Entered, content: Written) -> Response:
    """The answer to a write."""
    return service.answer(
        content, status=200 if done.already else 201, headers={"ETag": f'"{done.version}"'}
    )


def _warnings(service: HttpService, body: object, entered: Entered) -> tuple[str, ...]:
    if isinstance(body, RegistrationGiven):
        return warnings_after(service.office, entered, body.registration())
    if isinstance(body, ChangeGiven | CorrectionGiven):
        return warnings_after(service.office, entered, body.entry())
    return ()


def require_there(service: HttpService, sent: Submitted[Any], staff_number: str) -> None:
    """Refuse `If-Match: *` for a person who is not on record yet (RFC 9110, 13.1.1)."""
    if not sent.must_exist or sent.expected_version is not None:
        return
    if service.office.person(staff_number).version == 0:
        raise Problem(STALE_VERSION, "If-Match: * names a record that there is not.")
