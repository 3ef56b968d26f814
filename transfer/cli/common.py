"""What every command has in common: its options, how it reaches the record, how it tells.

Exit codes: 0 done, 1 refused or refuted, 2 usage or input/output. With `--json` standard output is
one JSON document; what a person is told while they wait goes to standard error, and only on a
terminal.
"""

import contextlib
import getpass
import json
import re
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, get_args, overload

import typer
from pydantic import BaseModel

from transfer.core.dating.clocks import Clock
from transfer.core.words import AssignmentName
from transfer.settings import Settings, load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.data_folder import DataFolder
    from deploy.embedded import Engines, TemporalKind
    from projections.rebuilding.rebuild import Progress
    from transfer.app import Record
    from transfer.log.envelope import RehearsalMark
    from transfer.log.restorations import Restoration
    from transfer.questions.answer import Clocked

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The data folder. Without it: TRANSFER_DATA, else .transfer in the working directory.",
    ),
]

Effective = Annotated[
    str | None,
    typer.Option(
        "--effective",
        metavar="DATE",
        help="The day asked about, as 2014-06-01 or 1/6/2014 [default: today in London].",
    ),
]

Known = Annotated[
    str | None,
    typer.Option(
        "--known",
        metavar="INSTANT",
        help="What the record said then: RFC 3339 with an offset, or a date as of --effective: the "
        "end of that day in London [default: all that is on record].",
    ),
]

Assignment = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which of people's concurrent jobs [default: every one]."),
]

ByClock = Annotated[
    Clock,
    typer.Option(
        "--clock",
        help="By which clock --known is meant: this record's own, or the attested one, by which "
        "what an older system recorded was known when that one claims.",
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

T = TypeVar("T")

_MOST_SHOWN = 200
_ASSIGNMENT = re.compile(get_args(AssignmentName)[1].pattern)
_NO_ASSIGNMENT = "a name has lower-case letters, digits and hyphens, 32 at most, as main"

# Connections to the database: of one command, and of one that runs the procedures as well.
_FEW, _FOR_PROCEDURES = 8, 20

REFUSED = 1
USAGE = 2


def settings_for(data: Path | None) -> Settings:
    """The settings of this command."""
    return load_settings(data=data)


def user() -> str:
    """Who runs this command, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A user without a name, as containers have them.
        return "unnamed user"


# --- reaching the record -----------------------------------------------------------------------


@contextlib.contextmanager
def at_work(
    settings: Settings, purpose: str, *, catch_up: bool = True, begins: bool = False
) -> Iterator["Record"]:
    """The record of a data folder: through the service that runs on it, or alone.

    Only a command that `begins` a record makes one where there is none.

    Alone, the folder is held, PostgreSQL started and migrated, and all of it stopped afterwards.
    Raises `FolderInUse`, `EngineError`, `SchemaRefused`, `OSError`.
    """
    with _reached(settings, purpose, catch_up=catch_up, begins=begins) as (record, _):
        yield record


@contextlib.contextmanager
def at_work_with_temporal(
    settings: Settings, purpose: str
) -> Iterator[tuple["Record", "Engines | None"]]:
    """As `at_work`; alone, Temporal is started too, and the engines are answered. `None`: a service
    is running, and runs the procedures."""
    with _reached(settings, purpose, temporal="service") as reached:
        yield reached


@contextlib.contextmanager
def _reached(
    settings: Settings,
    purpose: str,
    *,
    catch_up: bool = True,
    begins: bool = False,
    temporal: "TemporalKind" = "none",
) -> Iterator[tuple["Record", "Engines | None"]]:
    # Here, because `transfer --help` and `transfer token` need none of it and start at once.
    from deploy.embedded import start_engines
    from transfer.app import migrate_record, open_folder, open_record, require_whole
    from transfer.core.refusals import Malformed

    with contextlib.ExitStack() as stack:
        waiting = stack.enter_context(progress())
        if not (begins or settings.database_url or (Path(settings.data) / "postgres").exists()):
            raise Malformed(
                f"there is no record in {settings.data}: begin one with transfer serve or "
                "transfer import, or name another folder",
                field="--data",
            )
        folder = open_folder(settings)
        running = folder.running()
        engines: Engines | None = None
        if running is not None:
            database_url = running.database_url
        else:
            starts_temporal = temporal != "none" and settings.temporal_address is None
            if starts_temporal:
                settings.require_own_temporal()
            if settings.database_url is None or starts_temporal:
                stack.enter_context(folder.hold(purpose))
            engines = stack.enter_context(
                start_engines(
                    folder,
                    temporal=temporal,
                    database_url=settings.database_url,
                    temporal_address=settings.temporal_address if temporal != "none" else None,
                    report=waiting,
                )
            )
            database_url = engines.database_url
            migrate_record(database_url, folder)
        record = stack.enter_context(
            open_record(
                database_url,
                folder,
                pool_size=_FEW if temporal == "none" else _FOR_PROCEDURES,
                office_of_one=settings.office_of_one,
                clock_tolerance=settings.clock_tolerance,
                archive=settings.archive,
                erased=settings.erased,
                name=purpose,
            )
        )
        require_whole(record)
        watch = record.log.clock_watch
        if watch is not None and (ahead := watch.log_ahead(watch.compare())) is not None:
            warn(f"transfer: {ahead}")
        if catch_up:
            waiting("catching up")
            record.catch_up(lambda done: waiting(how_far(done)))
        waiting("")
        yield record, engines


def today(record: "Record") -> date:
    """The day in London on the record's clock, which stands still in a rehearsed record and in a
    practice."""
    from transfer.app import london_today

    return london_today(record.log.rehearsal())


# --- what is asked -----------------------------------------------------------------------------


@overload
def a_day(text: str, option: str) -> date: ...
@overload
def a_day(text: str | None, option: str) -> date | None: ...
def a_day(text: str | None, option: str) -> date | None:
    """The date that an option or argument names: ISO, or day first.

    Raises `Malformed` with the option's name.
    """
    from transfer.core.dating.typed import typed_day

    return None if text is None else _typed(typed_day, text, option)


def an_instant(text: str | None, option: str) -> datetime | None:
    """An instant with an offset, or a date: the end of that day in London. `None`: all there is.

    Raises `Malformed` with the option's name.
    """
    from transfer.core.dating.typed import typed_instant

    return None if text is None else _typed(typed_instant, text, option)


@contextlib.contextmanager
def naming_options(option: str | None = None) -> Iterator[None]:
    """Raises what is `Malformed` about a field again, about the option that gave it: the one named,
    else the option that is called as the field is."""
    from transfer.core.refusals import Malformed

    try:
        yield
    except Malformed as malformed:
        reason = malformed.reason.removeprefix(f"{malformed.field}: ")
        field = option or f"--{malformed.field.replace('_', '-')}"
        raise Malformed(reason, field=field, clause=malformed.clause) from None


def _typed(read: Callable[[str], T], text: str, option: str) -> T:
    from transfer.core.refusals import Malformed

    try:
        return read(text)
    except ValueError as error:
        raise Malformed(str(error), field=option) from None


def an_assignment(name: str) -> str:
    """The name of an assignment; raises `Malformed` for what cannot be one."""
    from transfer.core.refusals import Malformed

    if _ASSIGNMENT.fullmatch(name) is None:
        raise Malformed(_NO_ASSIGNMENT, field="--assignment")
    return name


def number_on_record(record: "Record", typed: str) -> str:
    """A staff number as the record spells it, whatever its case on the command line.

    One that nobody has is answered as it was typed. Raises `NotOnRecord` for what cannot be one,
    `Malformed` where two people differ in case alone and neither is meant exactly.
    """
    from transfer.api.http_service import known_number
    from transfer.core.refusals import Malformed

    number = known_number(typed)
    found = sorted(record.office.spellings([number]))
    if number in found:
        return number
    if len(found) > 1:
        raise Malformed(f"{typed}: which of {' and '.join(found)} is meant?", field="STAFF")
    return found[0] if found else number


# --- telling -----------------------------------------------------------------------------------


def say(text: str = "") -> None:
    """A line on standard output."""
    typer.echo(text)


def warn(text: str) -> None:
    """A line on standard error."""
    typer.echo(text, err=True)


def say_json(
    content: object,
    rehearsed: "RehearsalMark | None" = None,
    *,
    citing: Mapping[str, object] | None = None,
    lost: "Restoration | None" = None,
) -> None:
    """The one JSON document; one from a rehearsed record, or of what a restoration has `lost`, says
    so first of all. `citing` tells the titles of the documents that it cites
    (`transfer.questions.documents.citing`)."""
    if isinstance(content, BaseModel):
        context = None if citing is None else {**citing}
        content = json.loads(content.model_dump_json(context=context))
    if lost is not None and isinstance(content, dict):
        point = lost.known_at and lost.known_at.isoformat()
        restored = {"record_restored_at": lost.restored_at.isoformat(), "record_restored_to": point}
        content = restored | content
    if rehearsed is not None and isinstance(content, dict):
        content = {"rehearsed": rehearsed.edition, **content}
    say(json.dumps(content, indent=2, ensure_ascii=False))


def say_rehearsed(rehearsed: "RehearsalMark | None") -> None:
    """The line with which every answer from a rehearsed record begins."""
    if rehearsed is not None:
        say(f"REHEARSED ({rehearsed.edition}): simulated, and no evidence of anything.")


def what_is_lost(record: "Record", known_at: datetime) -> "Restoration | None":
    """The restoration that lost something which an answer as known at an instant rests on; `None`
    where none did, and for a record on simulated time, whose instants may come again."""
    from transfer.app import restorations_of
    from transfer.log.restorations import what_hides

    if record.log.rehearsal() is not None:
        return None
    return what_hides(restorations_of(record.log), known_at)


def say_restored(lost: "Restoration | None") -> None:
    """The line with which an answer begins where a restoration lost something of it."""
    if lost is not None:
        say_wrapped(f"RESTORED: {lost.in_words()}. This answer may have said more.")


def value_told(value: str | None) -> str:
    """A value, or that there is none."""
    return "no value" if value is None else value


def days_told(start: date, end: date | None) -> str:
    """The days of a period; "until" a date means that it ends before it."""
    return f"from {start}" if end is None else f"from {start} until {end}"


def said_of_clock(answer: "Clocked") -> str:
    """What is added where an answer is by the attested clock, for its instants are too."""
    from transfer.core.dating.instants import print_instant

    if answer.known_to_log_at is None:
        return ""
    horizon = print_instant(answer.known_to_log_at)
    return f" by the attested clock, from what was on record at {horizon}"


def say_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table: drawn on a terminal, plain columns anywhere else."""
    if sys.stdout.isatty():
        from rich.table import Table

        table = Table(title=title, title_justify="left", header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(_shown(cell) for cell in row))
        _console().print(table)
        return
    say(title)
    shown = [[_shown(cell) for cell in row] for row in [columns, *rows]]
    widths = [max(len(row[n]) for row in shown) for n in range(len(columns))]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
    say()


_WIDTH = 80
_LABEL = 12


def say_wrapped(text: str, indent: str = "") -> None:
    """A text in lines of 80 columns at most, those after the first under its own indent."""
    for line in _wrapped(text, _WIDTH, indent):
        say(line)


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    # An id has hyphens, and is not to be taken apart at them.
    lines = textwrap.wrap(_shown(text), width, subsequent_indent=indent, break_on_hyphens=False)
    return lines or [""]


def say_labelled(label: str, text: str) -> None:
    """A label and what it is about, the text in a column of its own."""
    head = f"   {_shown(label)}".ljust(_LABEL + 3)
    if len(head) > _LABEL + 3:
        say_wrapped(head, indent="   ")
        head = " " * (_LABEL + 3)
    for n, line in enumerate(_wrapped(text, _WIDTH - len(head))):
        say(f"{head if n == 0 else ' ' * len(head)}{line}".rstrip())


def say_first(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first of many rows, as a table, and how many there are besides."""
    say_table(title, columns, rows[:_MOST_SHOWN])
    if len(rows) > _MOST_SHOWN:
        say(f"… and {len(rows) - _MOST_SHOWN:,} more: --json has all of them.")


@contextlib.contextmanager
def tidied_up() -> Iterator[None]:
    """SIGTERM ends the block as an interrupt does, so that it removes what it has begun."""

    def leave(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once: what follows is the tidying up
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells on standard error, if that is a terminal, what is being waited for."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:

        def tell(what: str) -> None:
            status.update(what)
            if not what:
                status.stop()

        yield tell


def how_far(done: "Progress") -> str:
    """How far a rebuild is, how fast, and how long it will take."""
    said = f"{done.projection}: {done.stage.value}, {done.events:,} of {done.until:,} events"
    if done.events and done.seconds and done.events < done.until:
        rate = done.events / done.seconds
        minutes, seconds = divmod(round((done.until - done.events) / rate), 60)
        said += f", {rate:,.0f} a second, {minutes} min {seconds} s left"
    return said


def _console() -> "Console":
    from rich.console import Console

    return Console(markup=False, highlight=False)


def _shown(cell: str) -> str:
    # A value is whatever somebody recorded: it does not get to drive the terminal.
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cell)


def folder_of(settings: Settings) -> "DataFolder":
    """The data folder, made if it is missing."""
    from transfer.app import open_folder

    return open_folder(settings)
