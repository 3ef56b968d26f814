"""What every answer is made of, and why something is on record.

An answer is defined once, beside its question; the API, the command line and the pages serialise
it. What a read model or the log found is handed to it as it is: fields go by their names.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypedDict, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from projections.position.answers import Member
from transfer.core.dating.clocks import Clock
from transfer.core.dating.instants import Instant
from transfer.core.refusals import NotOnRecord
from transfer.questions.attested import AttestedLog


def absent(value: object) -> bool:
    """Whether a part has nothing to say, and is left out of the answer."""
    return not value


class Answer(BaseModel):
    """An answer or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


def people_shown(part: object) -> Iterator[str]:
    """The staff numbers of everybody whom an answer, or a part of one, names as `staff_number`."""
    match part:
        case BaseModel() | Member():
            for name, value in _fields_of(part).items():
                if name == "staff_number" and isinstance(value, str):
                    yield value
                else:
                    yield from people_shown(value)
        case Mapping():
            yield from people_shown(tuple(part.values()))
        case tuple() | list():
            for each in part:
                yield from people_shown(each)
        case _:
            pass


A = TypeVar("A", bound=BaseModel | Sequence[BaseModel])


def without(content: A, people: Collection[str]) -> A:
    """The answer without the parts that are about one of these people.

    Raises `NotOnRecord` where the whole of it is about one of them.
    """
    if not people:
        return content
    left = _without(content, people)
    if left is None:
        raise NotOnRecord("no such person or procedure on record")
    return cast(A, left)


def _without(part: object, people: Collection[str]) -> object:
    """The part that is left; `None` where it is about one of these people."""
    match part:
        case BaseModel() | Member():
            fields = _fields_of(part)
            if fields.get("staff_number") in people:
                return None
            left = {name: _without(value, people) for name, value in fields.items()}
            changed = {name: value for name, value in left.items() if value is not fields[name]}
            # A member of the workforce has no part that names anybody else.
            return part.model_copy(update=changed) if isinstance(part, BaseModel) else part
        case Mapping():
            kept = {name: _without(value, people) for name, value in part.items()}
            return {n: kept[n] for n, was in part.items() if kept[n] is not None or was is None}
        case tuple() | list():
            left_of = ((was, _without(was, people)) for was in part)
            return tuple(kept for was, kept in left_of if kept is not None or was is None)
        case _:
            return part


def _fields_of(part: BaseModel | Member) -> dict[str, object]:
    names = type(part).model_fields if isinstance(part, BaseModel) else ("staff_number",)
    return {name: getattr(part, name) for name in names}


TITLE_OF = "title_of"
"""The name, in the context of a serialisation, of what tells the title of a document by its id."""

ASSERTED = "asserted"
"""The same of what tells about an assertion that something rests on (`RestsOn`)."""


class Cites(Answer):
    """An answer that names a `document`: serialised, it has its `document_title` besides, where
    the register has that document."""

    @model_serializer(mode="wrap")
    def _titled(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, object]:
        shown: dict[str, object] = serialize(self)
        document = shown.get("document")
        if document is not None and info.context is not None:
            title = info.context[TITLE_OF](document)
            if title is not None:
                shown["document_title"] = title
        refs = shown.get("assertions")
        if isinstance(refs, list | tuple) and refs and info.context is not None:
            found = (info.context[ASSERTED](ref) for ref in refs)
            shown["asserted"] = [each.model_dump(mode="json") for each in found if each]
        return shown

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Its fields, as they are declared, and not what the serialisation returns."""
        declared = {key: value for key, value in core_schema.items() if key != "serialization"}
        return handler(cast(CoreSchema, declared))


class Asserted(Cites):
    """What one party asserts of a contested fact, and how that stands.

    `value` is the day, the amount or the text that it comes to, where it comes to one. `party` is
    left out where it is a member of staff whom the answer is not about, and `statement` where it is
    in somebody's own words, which are theirs. `asserted_on` is when the party said so,
    `known_since` since when the office knows, `since` from when the assertion has its status.
    """

    assertion: str
    party: str | None = Field(None, exclude_if=absent)
    side: str
    value: str | None
    value_kind: str | None
    statement: str | None = Field(None, exclude_if=absent)
    status: str
    since: date
    asserted_on: date
    known_since: date
    disputed_by: tuple[str, ...] = Field((), exclude_if=absent)
    clarified: str | None = Field(None, exclude_if=absent)
    superseded_by: str | None = Field(None, exclude_if=absent)
    document: str | None
    document_title: str | None = Field(None, exclude_if=absent)


class RestsOn(Asserted):
    """An assertion that something rests on, with the question, what `others` assert beside it, and
    all of it in a sentence."""

    question: str
    says: str
    others: tuple[Asserted, ...]


class BasisShown(Cites):
    """Why: rulebook edition, clause and document; every assumption that it rests on, if any.

    `assertions` names what one side asserts and it rests on; `asserted` shows each, as it stood at
    the instant of the answer, with what others assert. `document` is the id of a document in the
    register, whose title then stands beside it, or, in older records, a text."""

    rulebook: str | None
    clause: str | None
    document: str | None
    document_title: str | None = Field(None, exclude_if=absent)
    confidence: str | None = Field(None, exclude_if=absent)
    assumptions: tuple[str, ...] = Field((), exclude_if=absent)
    assertions: tuple[str, ...] = Field((), exclude_if=absent)
    asserted: tuple[RestsOn, ...] = Field((), exclude_if=absent)


class Clocked(Answer):
    """An answer by one of the two clocks.

    By the attested one, instants are those of that clock; `known_to_log_at` is how far the log
    itself was read, since a history that is imported later changes what that clock says.
    """

    clock: Clock = Clock.LOG
    known_to_log_at: Instant | None = Field(None, exclude_if=absent)


class ByClock(TypedDict):
    """The fields of `Clocked`."""

    clock: Clock
    known_to_log_at: datetime | None


def by_clock(log: AttestedLog | None) -> ByClock:
    """Clock fields of an answer; `None` means the log's clock."""
    if log is None:
        return {"clock": Clock.LOG, "known_to_log_at": None}
    return {"clock": Clock.ATTESTED, "known_to_log_at": log.known_to_log_at}
