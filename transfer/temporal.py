"""The way to Temporal as the settings have it: address, namespace, TLS and API key."""

import asyncio
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError, TLSConfig

from deploy.processes import EngineError
from deploy.temporal_server import NAMESPACE
from transfer.core.refusals import Malformed
from transfer.keys import Keys
from transfer.settings import Settings, environment_name
from workflows.worker import connect, has_namespace

_CONNECT_SECONDS = 10


async def temporal_of(address: str, settings: Settings, keys: Keys, *, embedded: bool) -> Client:
    """A client of the Temporal at an address; namespace, TLS and API key are for one from outside.

    What it gives Temporal to keep is sealed under the record's keys.

    Raises `EngineError` where nobody answers, or not as the settings say, or where there is no such
    namespace; `Malformed` where a file of the settings cannot be read.
    """
    namespace = NAMESPACE if embedded else settings.temporal_namespace
    tls = False if embedded else tls_of(settings)
    api_key = None if embedded else api_key_of(settings)
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            client = await connect(
                address, key=keys.payloads, namespace=namespace, tls=tls, api_key=api_key
            )
            has_it = await has_namespace(client)
    except (RuntimeError, RPCError, TimeoutError) as error:
        why = str(error) or f"no answer within {_CONNECT_SECONDS} seconds"
        raise EngineError(_no_answer(address, why, has_tls=tls is not False)) from error
    if not has_it:
        raise EngineError(
            f"the Temporal server at {address} has no namespace {namespace}. Make it (temporal "
            f"operator namespace create -n {namespace}), or name another with TEMPORAL_NAMESPACE."
        )
    return client


def tls_of(settings: Settings) -> TLSConfig | bool:
    """How TLS is spoken with the settings' Temporal; `False` where it is not.

    Raises `Malformed` where a file of it cannot be read.
    """
    if not settings.has_temporal_tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_content(settings, "temporal_tls_server_ca_cert_path"),
        client_cert=_content(settings, "temporal_tls_client_cert_path"),
        client_private_key=_content(settings, "temporal_tls_client_key_path"),
        domain=settings.temporal_tls_server_name,
    )


def api_key_of(settings: Settings) -> str | None:
    """The API key for the settings' Temporal. Raises `Malformed` where its file has none."""
    if settings.temporal_api_key is not None:
        return settings.temporal_api_key.get_secret_value()
    content = _content(settings, "temporal_api_key_file")
    if content is None:
        return None
    key = content.decode("ascii", errors="replace").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise Malformed(
            "the file holds no API key of one line", field=environment_name("temporal_api_key_file")
        )
    return key


def _content(settings: Settings, name: str) -> bytes | None:
    path: Path | None = getattr(settings, name)
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        variable = environment_name(name)
        raise Malformed(
            f"the file {path} of {variable} cannot be read: {error.strerror}", field=variable
        ) from None


def _no_answer(address: str, why: str, *, has_tls: bool) -> str:
    said = f"no Temporal server answers at {address}: {why}"
    if "certificate" in why.lower():
        return (
            f"{said}\nOne side does not accept the other's certificate: see "
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_NAME for the server's, and "
            "TEMPORAL_TLS_CLIENT_CERT_PATH for the one of this program."
        )
    if has_tls:
        return f"{said}\nTLS is spoken with it, as the settings say."
    return said
