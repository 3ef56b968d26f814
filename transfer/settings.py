"""What may be set from outside: environment variables, overridden by the command line.

Every setting says here what it does (a test refuses one that does not), and `transfer serve --help`
prints the list. `DATABASE_URL` and those of `TEMPORAL_` keep the names under which every platform
knows them; all others begin with `TRANSFER_`.
"""

import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from transfer.access.addresses import is_safe_address
from transfer.core.duties import NEAR_DAYS
from transfer.core.refusals import Malformed

DEFAULT_FOLDER = Path(".transfer")

RETURN = "/sign-in/return"
"""The page to which an identity provider sends people back."""

ANY_KIND = "any"
"""In `notify_templates`: the template of every kind of notice that is not named."""

_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_API_KEY = re.compile(rf"(?:.+-)?{_UUID}-{_UUID}")
_TEMPLATE = re.compile(rf"([a-z-]+)=({_UUID})")

_HEALTH_THREADS = 4
_OF_PROCEDURES = 12
"""Connections of a worker: of its eight activities, the dispatcher and its sweep."""
_OTHERS = 4
"""Connections of what keeps the read models up and sends notices; where there is none, to spare."""

_OF_TLS = (
    "temporal_tls_server_ca_cert_path",
    "temporal_tls_client_cert_path",
    "temporal_tls_client_key_path",
    "temporal_tls_server_name",
    "temporal_api_key",
    "temporal_api_key_file",
)
"""Settings of which each says that TLS is spoken with Temporal."""

_NotBlank = Annotated[str, StringConstraints(min_length=1)]


class ProcessRole(StrEnum):
    """What one process of the service does."""

    ALL = "all"
    """Everything, with the engines beneath it where none are named."""

    API = "api"
    """Answers requests: the API and the pages."""

    PROJECTOR = "projector"
    """Keeps the read models up with the record, and sends notices."""

    WORKER = "worker"
    """Runs the procedures: takes their steps, and tells Temporal of the record."""


class LogTo(StrEnum):
    """Where a process writes what it logs."""

    FOLDER = "folder"
    """Into logs/ of the data folder, and warnings to standard error as well."""

    STDOUT = "stdout"
    """To standard output, for the platform to collect."""


class Settings(BaseSettings):
    """The settings of one process. Read once, by the command line."""

    model_config = SettingsConfigDict(
        env_prefix="TRANSFER_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    data: Path = Field(
        DEFAULT_FOLDER,
        description="The data folder: database, keys, logs. Made with mode 0700 if it is missing.",
    )
    role: ProcessRole = Field(
        ProcessRole.ALL,
        description="What this process does: all, or one part of a service of several processes "
        "(api, projector, worker), which needs DATABASE_URL.",
    )
    log_to: LogTo = Field(
        LogTo.FOLDER,
        description="Where the service logs: folder, a file in the data folder with warnings on "
        "standard error, or stdout, every line as JSON on standard output.",
    )
    host: _NotBlank = Field(
        "127.0.0.1", description="The address that the service listens on; 0.0.0.0 for every one."
    )
    port: int = Field(
        8000, ge=0, le=65535, description="The port it listens on; 0 takes any free one."
    )
    database_url: _NotBlank | None = Field(
        None,
        validation_alias="DATABASE_URL",
        repr=False,  # it may hold a password
        description="A PostgreSQL to use instead of the one started under the data folder. Of "
        "several hosts with a comma between two, the one that takes writes.",
    )
    database_connections: int | None = Field(
        None,
        ge=1,
        description="How many connections to the database this process shares among its threads, "
        "at most; left out, as many as its role needs.",
    )
    answering_threads: int = Field(
        24,
        ge=1,
        le=256,
        description="How many requests a process of the role all or api works on at a time.",
    )
    temporal_address: _NotBlank | None = Field(
        None,
        validation_alias="TEMPORAL_ADDRESS",
        description="A Temporal server (host:port) to use instead of the one started under it.",
    )
    temporal_namespace: _NotBlank = Field(
        "default",
        validation_alias="TEMPORAL_NAMESPACE",
        description="The namespace on the server of TEMPORAL_ADDRESS; it must be there already.",
    )
    temporal_task_queue: _NotBlank | None = Field(
        None,
        validation_alias="TEMPORAL_TASK_QUEUE",
        description="The task queue there, of this record alone. Left out, it carries the record's "
        "own identity, so that two records share a namespace without harm.",
    )
    temporal_tls: bool | None = Field(
        None,
        validation_alias="TEMPORAL_TLS",
        description="Speak TLS with that server. Left out, where any other setting of TLS or an "
        "API key is given.",
    )
    temporal_tls_server_ca_cert_path: Path | None = Field(
        None,
        validation_alias="TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        description="A PEM file with the certificates by which that server's own is believed; left "
        "out, those of the system.",
    )
    temporal_tls_client_cert_path: Path | None = Field(
        None,
        validation_alias="TEMPORAL_TLS_CLIENT_CERT_PATH",
        description="A PEM file with the certificate that this program shows to that server. Needs "
        "TEMPORAL_TLS_CLIENT_KEY_PATH.",
    )
    temporal_tls_client_key_path: Path | None = Field(
        None,
        validation_alias="TEMPORAL_TLS_CLIENT_KEY_PATH",
        description="The PEM file with the private key of that certificate.",
    )
    temporal_tls_server_name: _NotBlank | None = Field(
        None,
        validation_alias="TEMPORAL_TLS_SERVER_NAME",
        description="The name in that server's certificate, where it is not that of the address.",
    )
    temporal_api_key: SecretStr | None = Field(
        None,
        validation_alias="TEMPORAL_API_KEY",
        description="An API key for that server, sent with every request, and by TLS alone.",
    )
    temporal_api_key_file: Path | None = Field(
        None,
        validation_alias="TEMPORAL_API_KEY_FILE",
        description="A file that holds that key, instead of the key itself.",
    )
    allow_embedded_temporal: bool = Field(
        False,
        description="Start Temporal under the data folder although the database is one of "
        "DATABASE_URL. Only where no other service uses that database: two would each keep their "
        "own place in it and begin its procedures over and over.",
    )
    vault_key_file: Path | None = Field(
        None,
        description="A file that holds the vault key, such as a mounted secret; left out, "
        "keys/vault in the data folder. Several processes of one service need the same one. It is "
        "never made by the program: see transfer key make.",
    )
    identity_key_file: Path | None = Field(
        None,
        description="A file that holds the secret of tokens and of sign-ins to the pages, "
        "likewise; left out, keys/identity in the data folder.",
    )
    identity_issuer: _NotBlank | None = Field(
        None,
        description="The `iss` of an outside OpenID provider, an https address (plain http for one "
        "on this machine alone). Given, its tokens alone are accepted, and `transfer token` is "
        "refused.",
    )
    identity_jwks: _NotBlank | None = Field(
        None,
        description="The outside provider's public keys (a JWKS), a file or an https address, "
        "where it does not say itself where they are.",
    )
    identity_audience: _NotBlank = Field(
        "transfer", description="The `aud` that a token must name."
    )
    identity_client_id: _NotBlank | None = Field(
        None,
        description="What the provider calls the pages. Given, people sign in there. Needs "
        "TRANSFER_IDENTITY_REDIRECT_URI.",
    )
    identity_client_secret: SecretStr | None = Field(
        None, description="The pages' secret there; left out for a public client."
    )
    identity_redirect_uri: _NotBlank | None = Field(
        None,
        description="Where the provider sends people back to, as it is registered there: the "
        "address of the pages with /sign-in/return.",
    )
    identity_scope: _NotBlank = Field(
        "openid", description="What the pages ask the provider for, with a blank between two."
    )
    office_of_one: bool = Field(
        False,
        description="Let a person approve a step that they proposed, because the office has nobody "
        "else. The record marks each such approval.",
    )
    small_group: int = Field(
        5,
        ge=1,
        description="The smallest group whose number a consulted body, a representative or a "
        "report shows; of a smaller one it reads that there are fewer.",
    )
    metrics_public: bool = Field(
        False, description="Answer /metrics to every address, not to loopback alone."
    )
    max_body_bytes: int = Field(
        1_048_576, ge=1024, description="The largest request body that is read, in bytes."
    )
    connections_per_address: int = Field(
        256,
        ge=0,
        description="How many connections one address may have at a time; 0 for no limit, where a "
        "proxy stands in front.",
    )
    proxies: _NotBlank | None = Field(
        None,
        description="The addresses of proxies in front of the service, or their networks "
        "(10.0.0.0/8), with a comma between two. Who asks, and by https or not, is what they say "
        "(X-Forwarded-For, X-Forwarded-Proto). Left out, a proxy on this machine is believed.",
    )

    public_address: _NotBlank | None = Field(
        None,
        description="The address at which people open the pages, such as https://transfer.example; "
        "links in notices begin with it.",
    )
    notices_outbox: Path | None = Field(
        None,
        description="The folder into which notices are written where no GOV.UK Notify is set; "
        "left out, outbox in the data folder.",
    )
    notices_addresses: Path | None = Field(
        None,
        description="The address book for notices, a CSV file with the columns to,email that "
        "nobody else may read; left out, addresses.csv in the data folder.",
    )
    notices_days_before: int = Field(
        NEAR_DAYS,
        ge=0,
        le=60,
        description="How many days before the last day of a right, or of work in the office, a "
        "notice tells of it, and a duty is listed as near.",
    )
    notify_api_key: SecretStr | None = Field(
        None,
        description="An API key of GOV.UK Notify. Given, notices are sent as e-mails by it. Needs "
        "TRANSFER_NOTIFY_TEMPLATES and TRANSFER_PUBLIC_ADDRESS.",
    )
    notify_api_key_file: Path | None = Field(
        None, description="A file that holds that key, instead of the key itself."
    )
    notify_templates: _NotBlank | None = Field(
        None,
        description="The ids of GOV.UK Notify's templates by kind of notice, as letter=ID with a "
        "comma between two; any=ID is for every other kind.",
    )
    notify_address: _NotBlank = Field(
        "https://api.notifications.service.gov.uk",
        description="The address of GOV.UK Notify's API.",
    )
    otel_endpoint: _NotBlank | None = Field(
        None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Where the spans of requests, of what is recorded and of steps are sent, by "
        "OTLP over HTTP, such as http://collector:4318. Needs the extra transfer[otel].",
    )
    clock_tolerance_seconds: int = Field(
        30,
        ge=1,
        description="By how many seconds the clocks of the database, of Temporal and of this "
        "program may differ; beyond that nothing is recorded.",
    )

    archive: Path | None = Field(
        None,
        description="The folder of backups. Given, the service writes every change of its database "
        "into it as it happens, so that any instant can be restored (transfer restore).",
    )

    erased: Path | None = Field(
        None,
        description="A list of erased people (transfer erase) on a disk that outlives the database "
        "and this process, besides the one in keys/ of the data folder. A restoration, and every "
        "process that starts, erases those again whom it names.",
    )

    @property
    def clock_tolerance(self) -> timedelta:
        """By how much clocks may differ."""
        return timedelta(seconds=self.clock_tolerance_seconds)

    @field_validator("database_url")
    @classmethod
    def _is_of_a_database(cls, url: str | None) -> str | None:
        if url is not None:
            # Here, because most commands know no such address, and its library is slow to load.
            from transfer.database_url import wrong_with

            if (wrong := wrong_with(url)) is not None:
                raise ValueError(wrong)
        return url

    def require_connections(self) -> None:
        """Refuse fewer connections than a service of this role needs. Raises `Malformed`.

        Of a service alone: a command beside it is given the same environment, and no role.
        """
        given, needed = self.database_connections, self._connections_needed
        if given is not None and given < needed:
            raise Malformed(
                f"a process of the role {self.role} with {self.threads} answering threads needs "
                f"{needed} connections, not {given}: give so many, or fewer "
                "TRANSFER_ANSWERING_THREADS",
                field=environment_name("database_connections"),
            )

    @property
    def threads(self) -> int:
        """How many threads of this process answer requests; elsewhere health and figures alone."""
        is_asked = self.role in (ProcessRole.ALL, ProcessRole.API)
        return self.answering_threads if is_asked else _HEALTH_THREADS

    @property
    def connections(self) -> int:
        """How many connections to the database the threads of this process share, at most."""
        return self.database_connections or self._connections_needed

    @property
    def _connections_needed(self) -> int:
        """So many that no thread waits for another one's: a request takes one at a time."""
        runs_procedures = self.role in (ProcessRole.ALL, ProcessRole.WORKER)
        return self.threads + _OTHERS + (_OF_PROCEDURES if runs_procedures else 0)

    @field_validator("temporal_address")
    @classmethod
    def _is_host_and_port(cls, address: str | None) -> str | None:
        host, _, port = (address or "host:1").rpartition(":")
        if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError("give host:port, such as temporal.example:7233")
        return address

    @field_validator("identity_issuer", "identity_redirect_uri", "public_address", "notify_address")
    @classmethod
    def _is_safe(cls, address: str | None) -> str | None:
        if address is not None and not is_safe_address(address):
            raise ValueError("give an https address; plain http is for this machine alone")
        return address

    @field_validator("identity_redirect_uri")
    @classmethod
    def _leads_back(cls, address: str | None) -> str | None:
        if address is not None and urlsplit(address)[2:] != (RETURN, "", ""):
            raise ValueError(f"give the address of the pages with {RETURN}")
        return address

    @field_validator("public_address")
    @classmethod
    def _ends_with_its_path(cls, address: str | None) -> str | None:
        if address is not None and urlsplit(address)[3:] != ("", ""):
            raise ValueError("give the address without a question mark or a number sign")
        return address

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, proxies: str | None) -> str | None:
        for each in (proxies or "127.0.0.1").split(","):
            try:
                ip_network(each.strip())
            except ValueError:
                raise ValueError("give addresses or networks, such as 10.0.0.0/8") from None
        return proxies

    @field_validator("notify_api_key")
    @classmethod
    def _is_api_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and _API_KEY.fullmatch(key.get_secret_value()) is None:
            raise ValueError("an API key of GOV.UK Notify ends in two UUIDs with hyphens between")
        return key

    @field_validator("notify_templates")
    @classmethod
    def _are_templates(cls, templates: str | None) -> str | None:
        if templates is not None:
            templates_in(templates)
        return templates

    @model_validator(mode="after")
    def _archive_is_of_our_own(self) -> Self:
        if self.archive is not None and self.database_url is not None:
            raise ValueError(
                "TRANSFER_ARCHIVE is for the database under the data folder: with DATABASE_URL, "
                "use the archive of the platform that runs it"
            )
        return self

    @model_validator(mode="after")
    def _temporal_is_whole(self) -> Self:
        given = [environment_name(name) for name in _OF_TLS if getattr(self, name) is not None]
        if self.temporal_tls is not None and self.temporal_address is None:
            given.append("TEMPORAL_TLS")
        if given and self.temporal_address is None:
            raise ValueError(f"{given[0]} needs TEMPORAL_ADDRESS")
        if given and self.temporal_tls is False:
            raise ValueError(f"{given[0]} is for TLS, and TEMPORAL_TLS says that there is none")
        if (self.temporal_tls_client_cert_path is None) != (
            self.temporal_tls_client_key_path is None
        ):
            raise ValueError(
                "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH go together"
            )
        if self.temporal_api_key is not None and self.temporal_api_key_file is not None:
            raise ValueError("give TEMPORAL_API_KEY or TEMPORAL_API_KEY_FILE, not both")
        return self

    @property
    def has_temporal_tls(self) -> bool:
        """Whether TLS is spoken with the Temporal of `temporal_address`."""
        if self.temporal_tls is not None:
            return self.temporal_tls
        return any(getattr(self, name) is not None for name in _OF_TLS)

    def require_own_temporal(self) -> None:
        """Refuse a Temporal of our own beside a database that others may use too.

        Raises `Malformed`, which says what to do.
        """
        if (
            self.database_url is not None
            and self.temporal_address is None
            and not self.allow_embedded_temporal
        ):
            raise Malformed(
                "the database is one that another service may use too (DATABASE_URL), and two "
                "services, each with a Temporal of its own, begin each other's procedures again. "
                "Name a Temporal server for both with TEMPORAL_ADDRESS; or, where this service is "
                "the only one on that database, set TRANSFER_ALLOW_EMBEDDED_TEMPORAL=true",
                field="TEMPORAL_ADDRESS",
            )

    @model_validator(mode="after")
    def _notify_is_whole(self) -> Self:
        if self.notify_api_key is not None and self.notify_api_key_file is not None:
            raise ValueError(
                "give TRANSFER_NOTIFY_API_KEY or TRANSFER_NOTIFY_API_KEY_FILE, not both"
            )
        if self.has_notify and self.notify_templates is None:
            raise ValueError("an API key of GOV.UK Notify needs TRANSFER_NOTIFY_TEMPLATES")
        if self.has_notify and self.public_address is None:
            raise ValueError("an API key of GOV.UK Notify needs TRANSFER_PUBLIC_ADDRESS")
        return self

    @property
    def has_notify(self) -> bool:
        """Whether notices are sent by GOV.UK Notify."""
        return self.notify_api_key is not None or self.notify_api_key_file is not None

    def notify_key(self) -> SecretStr:
        """The API key of GOV.UK Notify. Raises `Malformed` where its file has none."""
        if self.notify_api_key is not None:
            return self.notify_api_key
        name = environment_name("notify_api_key_file")
        if self.notify_api_key_file is None:
            raise Malformed("no API key of GOV.UK Notify is set", field=name)
        try:
            key = self.notify_api_key_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise Malformed(f"the file of the API key cannot be read: {why}", field=name) from None
        if _API_KEY.fullmatch(key) is None:
            raise Malformed("the file holds no API key of GOV.UK Notify", field=name)
        return SecretStr(key)

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if self.identity_issuer is None:
            for name in ("jwks", "client_id", "client_secret", "redirect_uri"):
                if getattr(self, f"identity_{name}") is not None:
                    variable = environment_name(f"identity_{name}")
                    raise ValueError(f"{variable} needs TRANSFER_IDENTITY_ISSUER")
        if (self.identity_client_id is None) != (self.identity_redirect_uri is None):
            raise ValueError(
                "TRANSFER_IDENTITY_CLIENT_ID and TRANSFER_IDENTITY_REDIRECT_URI go together"
            )
        if self.identity_client_secret is not None and self.identity_client_id is None:
            raise ValueError("TRANSFER_IDENTITY_CLIENT_SECRET needs TRANSFER_IDENTITY_CLIENT_ID")
        return self


def templates_in(text: str) -> dict[str, str]:
    """The ids of templates by kind of notice. Raises `ValueError` for a text that says none."""
    found: dict[str, str] = {}
    for part in text.split(","):
        match = _TEMPLATE.fullmatch(part.strip())
        if match is None or match[1] in found:
            raise ValueError("give each kind once, as letter=ID,any=ID, where ID is a UUID")
        found[match[1]] = match[2]
    return found


def environment_name(field: str) -> str:
    """The environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"TRANSFER_{field.upper()}"


def load_settings(
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    role: str | None = None,
) -> Settings:
    """The settings of this process; what is given here goes before the environment.

    Raises `Malformed` for a value that does not fit, naming the option, or the variable.
    """
    # Any: pydantic checks the values, and takes options of its own beside the fields.
    given: dict[str, Any] = {"data": data, "host": host, "port": port, "role": role}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = str(first["loc"][0]) if first["loc"] else _first_named(first["msg"])
        known = environment_name(place) if place in Settings.model_fields else place
        if given.get(place) is not None:
            known = f"--{place}"
        raise Malformed(first["msg"].removeprefix("Value error, "), field=known) from error


def _first_named(message: str) -> str:
    """The variable that a message about several settings names first."""
    known = {environment_name(name) for name in Settings.model_fields}
    return next(found[0] for found in re.finditer(r"[A-Z_]+", message) if found[0] in known)


def describe_settings() -> list[tuple[str, str, str]]:
    """Every setting: its variable, its default ("" if none), and what it does."""
    return [
        (
            environment_name(name),
            "" if field.default is None else str(field.default),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
