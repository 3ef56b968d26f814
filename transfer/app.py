"""The composition root: the one place where the parts of the program are put together.

The clock is read here, and ids are made here; everything else is given them.

    Record      the log, the vault, the office and the projections over one database
    http_service_of     the front that the API answers from
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import uuid_utils
from psycopg.rows import TupleRow

from deploy.data_folder import DataFolder
from deploy.embedded import Engines
from deploy.key_files import KeyFile
from deploy.migrate import migrate
from projections.deadlines.deadlines import DeadlinesProjection
from projections.exercise.steps import ExerciseOutcomeProjection
from projections.keeping_up.runner import Projection, Runner
from projections.links_and_objections.projection import LinksAndObjectionsProjection
from projections.position.projection import PositionProjection
from projections.rebuilding.rebuild import Progress as RebuildProgress
from projections.rebuilding.rebuild import fill_what_is_empty
from transfer.access.identity import EmbeddedIdentity, Identity
from transfer.access.last_seen import LastSeen
from transfer.api.http_service import Check, Figure, HttpService, london_day
from transfer.backups.noting import settle_erasures
from transfer.commands.due_steps import DueSteps
from transfer.commands.exercises import Exercises
from transfer.commands.matter_worlds import RulesFor, Worlds
from transfer.commands.matters import Matters
from transfer.commands.office import Office
from transfer.commands.records_in_matters import RecordsInMatters
from transfer.core.refusals import Conflict, Malformed
from transfer.database_url import connecting
from transfer.erasures import NAME as ERASED
from transfer.erasures import Erasures
from transfer.keys import (
    Keys,
    Place,
    adopt_key,
    key_plain_hashes,
    keys_from,
    knows_keys,
    opening,
    require_key,
)
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.log.clock_watch import TOLERANCE, ClockWatch
from transfer.log.envelope import RehearsalMark
from transfer.log.leading import Lead
from transfer.log.measures import Distribution
from transfer.log.restorations import Restoration, read_restorations
from transfer.notices.addresses import AddressBook
from transfer.notices.kept import KeptNotices
from transfer.notices.outbox import Outbox
from transfer.notices.owed import NoticeKind
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.rulebooks.in_force import RulesOnRecord
from transfer.settings import ANY_KIND, ProcessRole, Settings, environment_name, templates_in
from transfer.vault import Vault

if TYPE_CHECKING:
    from transfer.access.outside import CodeFlow
    from transfer.notices.couriers import Courier
    from transfer.notices.sending import Sending
    from workflows.dispatcher import Compared, Swept

_logger = logging.getLogger(__name__)

VERSION = version("transfer")

_VAULT_KEY, _IDENTITY_KEY = "vault", "identity"
_POSITION_HELPER = "transfer.position_helper"


def clock() -> datetime:
    """This machine's time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where a clock is read


def new_id() -> UUID:
    """An id that nobody else has, later ones above earlier ones."""
    return UUID(int=uuid_utils.uuid7().int)


@dataclass(frozen=True, slots=True)
class Record:
    """One database's record, opened: what commands, queries and projections need."""

    log: Log[Fact]
    vault: Vault
    office: Office
    worlds: Worlds
    projections: tuple[Projection, ...]
    runner: Runner
    database_url: str = field(repr=False)
    keys: Keys

    @property
    def notices(self) -> KeptNotices:
        """The notices that are sent outside, and what became of them."""
        return KeptNotices(self.log.connection, self.keys.notices)

    @property
    def matters(self) -> Matters:
        """The acts of every kind of procedure."""
        return Matters(self.office, self.worlds)

    @property
    def due(self) -> DueSteps:
        """The steps of every kind of procedure."""
        return DueSteps(self.office, self.worlds)

    @property
    def exercises(self) -> Exercises:
        """What takes more than one act in an exercise."""
        return Exercises(self.office, self.matters, self.worlds)

    def catch_up(self, report: Callable[[RebuildProgress], None] = lambda _: None) -> None:
        """Bring every projection to the end of the log, the quick way where it has seen nothing.

        Raises `ProjectionStoppedError` for the first that cannot, once the others are there.
        """
        fill_what_is_empty(self.log, self.database_url, projections_of(self.log), report=report)
        self.runner.catch_up()


def keys_of(database_url: str, folder: DataFolder) -> Keys:
    """The keys of a migrated record, from its secret: made in the data folder for a new record,
    unless a setting names the file that has it.

    Raises `KeyRefused` where the record is under another key than the one found, or it is lost, and
    `KeyFileRefused` where the file named cannot be used; nothing is made or written then.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        with opening(connection):
            require_vault_key(connection, folder)
            keys = keys_from(folder.secret(_VAULT_KEY))
            adopt_key(connection, keys.vault, _vault_place(folder))
        key_plain_hashes(connection, keys.requests)
    return keys


def require_vault_key(connection: psycopg.Connection[TupleRow], folder: DataFolder) -> None:
    """Raise `KeyRefused` where a migrated record is under another key than the one found."""
    require_key(connection, folder.found_secret(_VAULT_KEY), _vault_place(folder))


def vault_key(folder: DataFolder) -> tuple[bytes | None, str]:
    """The vault key found, if any, and where it was looked for.

    Raises `KeyFileRefused` where a setting names a file for it that cannot be used.
    """
    return folder.found_secret(_VAULT_KEY), str(folder.secret_path(_VAULT_KEY))


def _vault_place(folder: DataFolder) -> Place:
    return Place(folder.secret_place(_VAULT_KEY), is_named=not folder.keeps(_VAULT_KEY))


def migrate_record(database_url: str, folder: DataFolder) -> list[int]:
    """Bring a record's tables up to this program, unless the key found is not the record's.

    Returns the numbers of the migrations applied. Raises as `keys_of` and `migrate` do; under a
    wrong key nothing is written.
    """
    # A file that is named and cannot be used, before there is a record too.
    vault_key(folder)
    with psycopg.connect(
        connecting(database_url, "transfer migrate"), autocommit=True
    ) as connection:
        if knows_keys(connection):
            require_vault_key(connection, folder)
    return migrate(database_url)


def erasures_beside(folder: DataFolder) -> Path:
    """The list of erased people beside the keys of a data folder (`transfer.erasures`)."""
    return folder.part("keys") / ERASED


def erasure_lists(
    folder: DataFolder, archive: Path | None, erased: Path | None = None
) -> tuple[Path, ...]:
    """Every list into which an erasure is written: beside the keys of the data folder, where a
    setting says (`erased`), and in the archive."""
    archived = None if archive is None or not archive.is_dir() else archive / ERASED
    return (erasures_beside(folder), *(each for each in (erased, archived) if each is not None))


def settle_erasures_of(record: Record, folder: DataFolder, settings: Settings) -> int:
    """Make a record and the lists of erased people agree; how many people were erased again."""
    files = erasure_lists(folder, settings.archive, settings.erased)
    with record.log.connection() as connection:
        return settle_erasures(connection, record.keys.vault, files)


def identity_key(folder: DataFolder) -> bytes:
    """The key that signs the tokens of the embedded identity, and the pages' sessions."""
    return folder.secret(_IDENTITY_KEY)


def projections_of(log: Log[Fact]) -> tuple[Projection, ...]:
    """Every read model of the program, empty-handed."""
    return (
        PositionProjection(log.read_many, log.known, helpers_begin_at=_POSITION_HELPER),
        DeadlinesProjection(log.read_many, log.known),
        ExerciseOutcomeProjection(),
        LinksAndObjectionsProjection(),
    )


def require_whole(record: Record) -> None:
    """Refuse a rehearsal that was broken off: half of one must not be taken for the whole.

    Raises `Conflict`. A rehearsal's clock is stopped as the last thing that it does.
    """
    mark = record.log.rehearsal()
    if mark is not None and mark.clock_stopped_at is None:
        raise Conflict(
            f"the rehearsal of {mark.edition} in this folder was broken off before its end: remove "
            "the folder and rehearse again"
        )


@contextlib.contextmanager
def open_record(
    database_url: str,
    folder: DataFolder,
    *,
    pool_size: int = 8,
    known: KnownFacts = KNOWN,
    rules: RulesFor | None = None,
    office_of_one: bool = False,
    clock_tolerance: timedelta = TOLERANCE,
    archive: Path | None = None,
    erased: Path | None = None,
    name: str = "transfer",
) -> Iterator[Record]:
    """The record in a migrated database, its personal data under the folder's key.

    `known` are the kinds of procedure that are run on it, `rules` finds what binds a matter: the
    editions on record, unless others are given. `office_of_one`, `clock_tolerance`, `archive` and
    `erased` are settings, and explained there. `name` is what the server knows its connections by.

    Raises `KeyRefused` where the folder has not the key that the record is under.
    """
    database_url = connecting(database_url, name)
    keys = keys_of(database_url, folder)
    with contextlib.closing(
        open_log(database_url, pool_size=pool_size, known=known, request_key=keys.requests)
    ) as log:
        log.clock_watch = ClockWatch(log.clock, clock, clock_tolerance)
        erasures = Erasures(keys.vault, erasure_lists(folder, archive, erased))
        vault = Vault(log.connection, keys.vault, note_erased=erasures.note)
        vault.index_names()
        projections = projections_of(log)
        office = Office(log, vault)
        on_record = RulesOnRecord(office.editions.by_digest, office_of_one=office_of_one)
        worlds = Worlds(office, rules or on_record)
        # The commands on a record know no procedure; what follows there is handed to them.
        office.reconsiders = RecordsInMatters(office, worlds)
        yield Record(
            log=log,
            vault=vault,
            office=office,
            worlds=worlds,
            projections=projections,
            runner=Runner(log, projections),
            database_url=database_url,
            keys=keys,
        )


def embedded_identity(folder: DataFolder, settings: Settings) -> EmbeddedIdentity:
    """The identity of a service that has no outside provider."""
    return EmbeddedIdentity(identity_key(folder), clock, audience=settings.identity_audience)


def identity_of(settings: Settings, folder: DataFolder) -> Identity:
    """Whoever the settings say can tell who is calling.

    Raises `Malformed` where an outside provider, or its keys, cannot be read.
    """
    if settings.identity_issuer is None:
        return embedded_identity(folder, settings)
    # Here, because most commands ask no provider and its library is slow to load.
    from transfer.access.outside import OutsideIdentity

    return OutsideIdentity(
        settings.identity_issuer,
        settings.identity_jwks,
        clock,
        audience=settings.identity_audience,
    )


def code_flow_of(settings: Settings, identity: Identity) -> "CodeFlow | None":
    """How people sign in at the outside provider; `None` where they do not.

    Raises `Malformed` where the provider cannot be read, or does not offer it.
    """
    if (
        settings.identity_issuer is None
        or settings.identity_client_id is None
        or settings.identity_redirect_uri is None
    ):
        return None
    from transfer.access.outside import CodeFlow, OutsideIdentity, discover

    if not isinstance(identity, OutsideIdentity):
        raise TypeError("an outside provider's tokens are checked by its own keys")
    secret = settings.identity_client_secret
    return CodeFlow(
        identity,
        discover(settings.identity_issuer),
        clock,
        client_id=settings.identity_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        redirect_uri=settings.identity_redirect_uri,
        scope=settings.identity_scope,
    )


def http_service_of(
    record: Record,
    identity: Identity,
    settings: Settings,
    checks: tuple[Callable[[], Check], ...] = (),
) -> HttpService:
    """The front that the API of one service answers from."""
    return HttpService(
        office=record.office,
        worlds=record.worlds,
        kinds=record.log.known.kinds,
        identity=identity,
        clock=clock,
        new_id=new_id,
        notices=record.notices,
        last_seen=LastSeen(record.keys.last_seen),
        projections=tuple(each.name for each in record.projections),
        needs_projections=settings.role in (ProcessRole.ALL, ProcessRole.PROJECTOR),
        version=VERSION,
        rehearsal=record.log.rehearsal(),
        restorations=restorations_of(record.log),
        checks=checks,
        role=settings.role,
        small_group=settings.small_group,
        near_days=settings.notices_days_before,
        metrics_public=settings.metrics_public,
        has_proxy=settings.proxies is not None,
        max_body_bytes=settings.max_body_bytes,
    )


def restorations_of(log: Log[Fact]) -> tuple[Restoration, ...]:
    """When this record was restored from a backup."""
    with log.connection() as connection:
        return read_restorations(connection)


def sending_of(record: Record, folder: DataFolder, settings: Settings) -> "Sending":
    """What finds and sends the notices of a record.

    Those of a rehearsal or a practice go into the outbox, whatever the settings say: nobody outside
    hears of what never was. Raises `Malformed` where GOV.UK Notify is set wrongly.
    """
    from transfer.notices.sending import Sending

    def now() -> datetime:
        mark = record.log.rehearsal()
        return (mark.clock_stopped_at if mark is not None else None) or clock()

    is_real = record.log.rehearsal() is None
    outbox = settings.notices_outbox or folder.path / "outbox"
    return Sending(
        log=record.log,
        kept=record.notices,
        courier=notify_of(settings) if is_real and settings.has_notify else Outbox(outbox),
        addresses=address_book_of(settings, folder),
        clock=now,
        public_address=settings.public_address or "",
        within=timedelta(days=settings.notices_days_before),
    )


def address_book_of(settings: Settings, folder: DataFolder) -> AddressBook:
    """The address book that the settings name."""
    return AddressBook(settings.notices_addresses or folder.path / "addresses.csv")


def notify_of(settings: Settings) -> "Courier":
    """GOV.UK Notify as the settings have it. Raises `Malformed` where they have it wrongly."""
    # Here, because most commands send nothing and its libraries are slow to load.
    from transfer.notices.govuk_notify import GovukNotify

    given = templates_in(settings.notify_templates or "")
    unknown = sorted(given.keys() - {ANY_KIND, *NoticeKind})
    if unknown:
        raise Malformed(
            f"there is no notice of the kind {unknown[0]}; there are {', '.join(NoticeKind)}",
            field=environment_name("notify_templates"),
        )
    templates = {
        kind: template
        for kind in NoticeKind
        if (template := given.get(kind, given.get(ANY_KIND))) is not None
    }
    return GovukNotify(settings.notify_key(), templates, clock, base=settings.notify_address)


def london_today(rehearsal: RehearsalMark | None) -> date:
    """The date in London on a record's clock, which stands still after a rehearsal."""
    return london_day(clock(), rehearsal)


@dataclass(frozen=True, slots=True)
class RunningProcedures:
    """The worker and the dispatcher at work.

    `died` says why they do not run any more (`None` while they do), cheaply; `checks` look closer.
    `figures` and `distributions` are for /metrics.
    """

    died: Callable[[], str | None]
    checks: tuple[Callable[[], Check], ...]
    figures: tuple[Callable[[], Iterable[Figure]], ...]
    distributions: tuple[Distribution, ...]


@contextlib.asynccontextmanager
async def procedures_of(
    record: Record, engines: Engines, settings: Settings, lead: Lead | None = None
) -> AsyncIterator[RunningProcedures]:
    """Run the workflows' worker on the engines' Temporal, and the dispatcher while `lead` is held.

    Without a `lead` no other process runs one on this record.
    """
    # Here, because most commands need no Temporal and its library is slow to load.
    from transfer import checks
    from transfer.temporal import temporal_of
    from workflows.server_clock import comparing
    from workflows.worker import running

    if engines.temporal_address is None:
        raise ValueError("the procedures need a Temporal server")
    watch = record.log.clock_watch
    note_temporal = watch.note_temporal if watch is not None else lambda _: None
    embedded = engines.temporal_identity is not None
    client = await temporal_of(engines.temporal_address, settings, record.keys, embedded=embedded)
    async with running(
        record.office,
        record.due,
        client,
        temporal_identity=engines.temporal_identity,
        task_queue=settings.temporal_task_queue,
        from_the_start=engines.temporal_is_new,
        lead=lead,
    ) as procedures:

        def died() -> str | None:
            why = procedures.failed()
            if why is None:
                return None
            _logger.error("the procedures have ended", exc_info=why)
            return f"the procedures have stopped: {type(why).__name__}"

        async with comparing(client, clock, note_temporal):
            yield RunningProcedures(
                died,
                (
                    checks.temporal(client, asyncio.get_running_loop()),
                    checks.dispatcher(record.log, procedures.task_queue),
                ),
                (checks.backlog(client, procedures.task_queue, asyncio.get_running_loop()),),
                (procedures.measured,),
            )


def task_queue(record: Record, settings: Settings) -> str:
    """The task queue of a record's procedures, in whichever process they run."""
    from workflows.ids import task_queue_of

    return settings.temporal_task_queue or task_queue_of(record.log.identity())


async def sweep_of(record: Record, address: str, settings: Settings) -> "Swept":
    """Compare what must be waiting by the log with what Temporal runs, and start what is missing.

    Call it on a migrated record that a service runs on. Raises `EngineError` where that Temporal
    does not answer.
    """
    from transfer.temporal import temporal_of
    from workflows.worker import sweep

    embedded = settings.temporal_address is None
    client = await temporal_of(address, settings, record.keys, embedded=embedded)
    return await sweep(record.office, record.due, client, task_queue=settings.temporal_task_queue)


async def compare_of(record: Record, address: str, settings: Settings) -> "Compared":
    """What Temporal runs beside what the log says, with the workflows that the log does not know.

    Changes nothing. As `sweep_of` otherwise.
    """
    from transfer.temporal import temporal_of
    from workflows.worker import dispatcher_of

    embedded = settings.temporal_address is None
    client = await temporal_of(address, settings, record.keys, embedded=embedded)
    queue = settings.temporal_task_queue
    dispatcher = await dispatcher_of(record.office, record.due, client, task_queue=queue)
    return await dispatcher.compare(with_unknown=True)


def open_folder(settings: Settings) -> DataFolder:
    """The data folder of the settings, made if it is missing; its keys where the settings say."""
    return DataFolder.open(Path(settings.data), key_files_of(settings))


def folder_of_keys(settings: Settings) -> DataFolder:
    """The data folder of the settings, to look for keys in it: it is not made here."""
    return DataFolder(settings.data.absolute(), key_files_of(settings))


def key_files_of(settings: Settings) -> dict[str, KeyFile]:
    """The files outside the data folder that hold its keys, by the name of the key."""
    named = {_VAULT_KEY: "vault_key_file", _IDENTITY_KEY: "identity_key_file"}
    return {
        name: KeyFile(path.absolute(), environment_name(setting))
        for name, setting in named.items()
        if (path := getattr(settings, setting)) is not None
    }
