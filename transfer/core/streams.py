"""The names of the log's streams: made and taken apart here and nowhere else.

A stream is the ordered facts about one thing: one staff member, one document of the register, one
matter of any kind of procedure (an exercise, the consultation on it), or the care of one duty.
"""

from typing import Literal, cast, get_args
from uuid import UUID

from transfer.core.words import StaffNumber

StreamKind = Literal["staff", "matter", "document", "duty"]

_KINDS: tuple[str, ...] = get_args(StreamKind)


def staff_stream(staff_number: StaffNumber) -> str:
    """The stream of one staff member, e.g. `staff:S10442`."""
    return f"staff:{staff_number}"


def document_stream(document: str) -> str:
    """The stream of one document of the register, e.g. `document:D000017`."""
    return f"document:{document}"


def duty_stream(duty: UUID) -> str:
    """The stream of who takes care of one duty, e.g. `duty:0d5e…`; see `transfer.core.duties`."""
    return f"duty:{duty}"


def matter_stream(matter: str) -> str:
    """The stream of one matter, e.g. `matter:appeal/7` for the matter `appeal:7`."""
    kind, _, name = matter.partition(":")
    return f"matter:{kind}/{name}"


def matter_of(stream: str) -> str | None:
    """The matter whose stream it is; `None` for a stream of anything else."""
    of, name = take_apart(stream)
    return name.replace("/", ":", 1) if of == "matter" else None


def take_apart(stream: str) -> tuple[StreamKind, str]:
    """What kind of thing a stream is about, and its name: `("staff", "S10442")`.

    Raises `ValueError` for a string that none of the functions above makes.
    """
    kind, colon, name = stream.partition(":")
    if kind not in _KINDS or not colon or not name or (kind == "matter" and "/" not in name):
        raise ValueError(f"{stream!r} is not the name of a stream")
    return cast(StreamKind, kind), name
