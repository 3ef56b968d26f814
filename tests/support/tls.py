"""TLS in front of a server that speaks none: certificates of its own, and what passes by."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL = _FROM + timedelta(days=36_500)


class Authority:
    """Somebody who signs certificates; `certificate` is the file by which they are believed."""

    def __init__(self, place: Path, name: str) -> None:
        self._place = place
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(self._name, self._key, is_authority=True)
        self.certificate = place / f"{name}.pem"
        self.certificate.write_bytes(made.public_bytes(Encoding.PEM))

    def sign(self, name: str, *dns_names: str) -> tuple[Path, Path]:
        """The files of a new certificate, for 127.0.0.1 too, and of its private key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._builder(subject, key, dns_names)
        files = self._place / f"{name}.crt", self._place / f"{name}.key"
        files[0].write_bytes(made.public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        dns_names: tuple[str, ...] = (),
        *,
        is_authority: bool = False,
    ) -> x509.Certificate:
        names: list[x509.GeneralName] = [x509.DNSName(each) for each in dns_names]
        if not dns_names:
            names.append(x509.IPAddress(IPv4Address("127.0.0.1")))
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_FROM)
            .not_valid_after(_UNTIL)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, SHA256())
        )


@dataclass
class Proxy:
    """A TLS proxy at `address`; `seen` is what clients sent through it, decrypted."""

    address: str
    seen: bytearray = field(default_factory=bytearray)


@asynccontextmanager
async def tls_in_front_of(
    address: str, certificate: tuple[Path, Path], *, clients: Authority | None = None
) -> AsyncIterator[Proxy]:
    """A proxy that takes TLS and passes on what is in it.

    With `clients` it takes those alone that show a certificate of that authority.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.set_alpn_protocols(["h2"])  # gRPC speaks with nobody who does not offer it
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients.certificate)
    host, port = address.split(":")
    proxy = Proxy("")
    passing: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection(host, int(port))
            for each in (_pass(reader, back, proxy.seen), _pass(there, writer, bytearray())):
                task = asyncio.create_task(each)
                passing.add(task)
                task.add_done_callback(passing.discard)

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        for task in tuple(passing):
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray
) -> None:
    try:
        while piece := await reader.read(65_536):
            seen += piece
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
