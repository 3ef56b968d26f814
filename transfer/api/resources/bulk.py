"""POST /v1/bulk: entries on many people's records in one act, all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field, StrictBool, ValidationError, WithJsonSchema, model_validator

from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.api.bodies import (
    BasisGiven,
    ChangeGiven,
    CorrectionGiven,
    Reason,
    Sent,
    Submitted,
    TermGiven,
    submitted,
)
from transfer.api.http.openapi import previewed, writes
from transfer.api.http_service import V1, HttpService
from transfer.api.reach import NOT_THERE, within_limits
from transfer.api.resources.previews import (
    EntryQuestion,
    Preview,
    Suppose,
    preview_of,
    would_read_of,
)
from transfer.commands import bulk
from transfer.commands.office import Act, person_of
from transfer.core.dating.instants import Instant
from transfer.core.refusals import ItemRefused, Malformed, NotOnRecord, Refusal, SeveralRefused
from transfer.core.streams import take_apart
from transfer.core.words import StaffNumber
from transfer.log.envelope import Receipt
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.answer import Answer, absent
from transfer.questions.preview import Events, WouldRead

MOST_BYTES = 64 * 1024 * 1024
"""How large a bulk act may be: far above what 100,000 people need."""

_PEOPLE_AT_ONCE = 100


class BulkItem(Sent):
    """One entry: whose record it is on, and one of `change`, `term` and `correction`.

    Each is as it is sent alone; the act's `reason` and `basis` serve where it has none. Who is not
    employed on the day of a change or of a term is refused: they have left, or begin later. With
    `returns: true` a change of `employer` employs a leaver again."""

    staff_number: StaffNumber
    change: ChangeGiven | None = None
    term: TermGiven | None = None
    correction: CorrectionGiven | None = None
    returns: StrictBool = False

    @property
    def body(self) -> ChangeGiven | TermGiven | CorrectionGiven:
        """What is entered."""
        body = self.change or self.term or self.correction
        if body is None:
            raise ValueError("an item without content")
        return body

    @model_validator(mode="after")
    def _is_one_of_the_three(self) -> Self:
        if sum(each is not None for each in (self.change, self.term, self.correction)) != 1:
            raise ValueError("give one of change, term and correction")
        if self.correction is not None and self.correction.name is not None:
            raise ValueError("a name is corrected at /v1/staff/{no}/corrections, one at a time")
        return self


# Read one by one, so that what is wrong with any of them can be told together.
_Unread = Annotated[object, WithJsonSchema({"$ref": "#/components/schemas/BulkItem"})]


_ITEM = {
    "staff_number": "S10442",
    "change": {
        "effective_from": "2014-06-01",
        "changes": {"employer": "National Probation Service"},
        "reason": "Transfer",
    },
}


class BulkAct(Sent):
    """Entries on many people's records: all of them or none, under one instant.

    One person's items are entered in the order given. `reason` and `basis` serve for every item
    that has none of its own."""

    items: list[_Unread] = Field(min_length=1, examples=[[_ITEM]])
    reason: Reason = Field(examples=["Transfer to the National Probation Service"])
    basis: BasisGiven | None = None


class BulkQuestion(EntryQuestion):
    """The query parameters of a bulk act; `limit` and `cursor` are a preview's."""

    limit: int = Field(100, ge=1, le=1000, description="How many people a preview's page has.")
    cursor: str | None = Field(
        None, description="`next_cursor` of the page before; send the same body again."
    )


class ItemWritten(Answer):
    """What one item wrote."""

    index: int
    staff_number: str
    event_id: UUID
    version: int


class BulkWritten(Answer):
    """What a bulk act wrote: an event for each item, in order, all at `recorded_at`.

    `warnings` name line managers who are not employed on the day, where there are any."""

    command_id: UUID
    recorded_at: Instant
    people: int
    items: tuple[ItemWritten, ...]
    warnings: tuple[str, ...] = Field((), exclude_if=absent)


class PreviewCounts(Answer):
    """How much would read differently: people, and entries of each of a preview's lists."""

    people: int = 0
    position: int = 0
    terms: int = 0
    periods: int = 0
    deadlines: int = 0
    notices: int = 0
    protected_pay_ends: int = 0


class BulkPreview(Answer):
    """What a bulk act would change; nothing was written.

    `entries` and `people` are of the whole act. `differing` counts what would read differently of
    everybody, on the first page (no `cursor`); `items` has a page of people, in the order in which
    the act first names them."""

    entries: int
    people: int
    differing: PreviewCounts | None
    items: tuple[Preview, ...]
    next_cursor: str | None


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    act = Depends(submitted(service, BulkAct, most_bytes=MOST_BYTES))
    documented = previewed(writes(BulkAct, BulkWritten, "items-refused"), BulkPreview)

    @router.post("/bulk", **documented)
    def enter_in_bulk(
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[BulkAct], act],
        asked: Annotated[BulkQuestion, Query()],
    ) -> Response:
        """Enter changes, terms and corrections on many people's records: all of them or none, in
        one command with one instant. The body may have 64 MiB.

        An item that is refused refuses the act, and `errors` names such items by their index,
        staff number, field and rule: the first 200 errors, with the count of the rest. To undo it,
        annul its events by another bulk act. `If-Match` is refused: an act over many relies on no
        one version."""
        if sent.must_exist or sent.expected_version is not None:
            raise Malformed("an act over many people has no one version", field="If-Match")
        body = sent.body
        items, refused = read_items(body.items, body.reason, body.basis)
        items = bulk.as_spelled(service.office, items)
        items, out = within_reach(service, caller, items)
        items, resting = bulk.on_grounds(service.worlds, items)
        refused += [*out, *resting]
        if asked.preview:
            found = preview_all(
                partial(would_read_of, service),
                service.office.known,
                items,
                refused,
                limit=asked.limit,
                cursor=asked.cursor,
            )
            return service.answer(found)
        receipt = _enter(service, caller, sent, items, refused)
        service.acknowledge(receipt.recorded_at)
        told = bulk.warnings_of_bulk(service.office, items, receipt.recorded_at)
        return service.answer(written(receipt, len(items), told), status=201)

    return router


def within_reach(
    service: HttpService, caller: Caller, items: list[bulk.Item]
) -> tuple[list[bulk.Item], list[ItemRefused]]:
    """The items about people whom an administrator reaches, and a refusal of each of the others:
    the same whether they are on record or not."""
    if not is_limited(caller.limits):
        return items, []
    reached = within_limits(service, caller, {each.staff_number for each in items})
    out = [
        ItemRefused(each.index, each.staff_number, NotOnRecord(NOT_THERE))
        for each in items
        if each.staff_number not in reached
    ]
    return [each for each in items if each.staff_number in reached], out


def read_items(
    sent: Sequence[object], reason: str | None, basis: BasisGiven | None = None
) -> tuple[list[bulk.Item], list[ItemRefused]]:
    """The items that can be read, and what is wrong with the others.

    `reason` and `basis` serve for every item that has none.
    """
    shared: dict[str, Any] = {} if reason is None else {"reason": reason}
    if basis is not None:
        shared["basis"] = basis.model_dump()
    items: list[bulk.Item] = []
    refused: list[ItemRefused] = []
    for index, unread in enumerate(sent):
        if not isinstance(unread, dict):
            refused.append(ItemRefused(index, "", Malformed("not a JSON object", field="item")))
            continue
        given = {
            name: shared | content if isinstance(content, dict) else content
            for name, content in unread.items()
        }
        try:
            item = BulkItem.model_validate(given)
        except ValidationError as error:
            refused += _malformed(index, unread, error)
        else:
            items.append(bulk.Item(index, item.staff_number, item.body.entry(), item.returns))
    return items, refused


def _malformed(
    index: int, unread: Mapping[str, Any], error: ValidationError
) -> Iterator[ItemRefused]:
    number = unread.get("staff_number")
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        field = ".".join(str(part) for part in each["loc"] if part != "[key]")
        reason = each["msg"].removeprefix("Value error, ")
        known = number if isinstance(number, str) else ""
        yield ItemRefused(index, known, Malformed(reason, field=field or "item"))


def _enter(
    service: HttpService,
    caller: Caller,
    sent: Submitted[BulkAct],
    items: list[bulk.Item],
    refused: list[ItemRefused],
) -> Receipt:
    act = Act(by=caller.subject, command_id=sent.command_id, request=sent.request)
    try:
        return bulk.enter_all(service.office, act, items, refused)
    except Refusal:
        # Of two deliveries at one time, the second is told what the first was.
        first = service.office.first_answer(act) if sent.repeatable else None
        if first is None:
            raise
        return first


def written(receipt: Receipt, entries: int, warnings: tuple[str, ...] = ()) -> BulkWritten:
    """What a bulk act of so many entries answers; what is to be settled because of it is recorded
    after them."""
    items = tuple(
        ItemWritten(
            index=index, staff_number=take_apart(stream)[1], event_id=event_id, version=version
        )
        for index, (stream, version, event_id) in enumerate(receipt.events[:entries])
    )
    return BulkWritten(
        command_id=receipt.command_id,
        recorded_at=receipt.recorded_at,
        people=len({each.staff_number for each in items}),
        items=items,
        warnings=warnings,
    )


# --- preview -----------------------------------------------------------------------------------


def preview_all(
    suppose: Suppose,
    known: KnownFacts,
    items: Sequence[bulk.Item],
    refused: Sequence[ItemRefused],
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> BulkPreview:
    """A page of people (all, without a limit), and on the first page counts of everybody.

    People are looked at some at a time, so that nobody waits for the whole of it. Raises
    `SeveralRefused`, and `Malformed` for a cursor that is none.
    """
    people = list(bulk.by_person(items))
    start = 0 if cursor is None else _place(cursor, len(people))
    end = len(people) if limit is None else start + limit
    of_page = set(people[start:end])
    wanted = items if cursor is None else [i for i in items if i.staff_number in of_page]
    shown: list[Preview] = []
    counts = PreviewCounts()
    failed = list(refused)
    for chunk in bulk.in_chunks(wanted, _PEOPLE_AT_ONCE):
        try:
            found = _suppose(suppose, known, chunk)
        except SeveralRefused as refusal:
            failed += refusal.items
            continue
        for each in map(preview_of, found):
            counts = _counted(counts, each)
            if each.staff_number in of_page:
                shown.append(each)
    if failed:
        raise SeveralRefused(tuple(sorted(failed, key=lambda each: each.index)))
    return BulkPreview(
        entries=len(items),
        people=len(people),
        differing=counts if cursor is None else None,
        items=tuple(shown),
        next_cursor=write_cursor((str(end),)) if end < len(people) else None,
    )


def _suppose(suppose: Suppose, known: KnownFacts, items: Sequence[bulk.Item]) -> list[WouldRead]:
    def decide(events: Mapping[str, Events]) -> dict[str, list[tuple[UUID, Fact]]]:
        people = {number: person_of(number, of, known) for number, of in events.items()}
        # An item's event is known by its index until it is recorded.
        decided = bulk.decide_all(people, items, lambda place: UUID(int=items[place].index))
        found: dict[str, list[tuple[UUID, Fact]]] = {number: [] for number in people}
        for each in decided:
            found[each.item.staff_number].append((each.event_id, each.fact))
        return found

    return suppose(list(bulk.by_person(items)), decide)


def _counted(counts: PreviewCounts, preview: Preview) -> PreviewCounts:
    lists = {
        name: len(getattr(preview, name)) for name in PreviewCounts.model_fields if name != "people"
    }
    differs = any(lists.values())
    more = {name: getattr(counts, name) + count for name, count in lists.items()}
    return PreviewCounts(people=counts.people + differs, **more)


def _place(cursor: str, people: int) -> int:
    (place,) = read_cursor(cursor, 1)
    if not (place.isascii() and place.isdigit() and len(place) < 10 and int(place) < people):
        raise malformed_cursor()
    return int(place)
