"""The way to a Temporal from outside: TLS, certificates of both sides, and an API key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.processes import EngineError
from tests.support.tls import Authority, Proxy, tls_in_front_of
from transfer.core.refusals import Malformed
from transfer.keys import keys_from
from transfer.settings import Settings
from transfer.temporal import api_key_of, temporal_of, tls_of

pytestmark = pytest.mark.engines

KEYS = keys_from(bytes(32))

API_KEY = "a" * 40
SENT = bytes.fromhex("18c6318c63")
"""Five bytes of any run of the letter a in a header of HTTP/2: its code is 00011 (RFC 7541, B)."""


async def connect(address: str, **given: Any) -> str:
    """Connect as the settings say, and answer the namespace reached."""
    settings = Settings(temporal_address=address, **given)
    client = await temporal_of(address, settings, KEYS, embedded=False)
    return client.namespace


def has_api_key(proxy: Proxy) -> bool:
    """Whether the key has come by in a header."""
    return any((SENT[at:] + SENT[:at]) * 4 in proxy.seen for at in range(len(SENT)))


async def test_a_server_is_reached_by_tls_as_the_settings_say(
    folder: DataFolder, tmp_path: Path
) -> None:
    ours, others = Authority(tmp_path, "ours"), Authority(tmp_path, "others")
    by_address, by_name = ours.sign("server"), ours.sign("named", "temporal.example")
    client_cert, client_key = ours.sign("client")
    trusted = {"temporal_tls_server_ca_cert_path": ours.certificate}
    shown = {
        "temporal_tls_client_cert_path": client_cert,
        "temporal_tls_client_key_path": client_key,
    }
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="service", database_url="unused") as engines,
    ):
        assert engines.temporal_address is not None
        real = engines.temporal_address
        assert await connect(real, temporal_tls=False) == "default"
        with pytest.raises(EngineError, match="TLS is spoken with it"):
            await connect(real, temporal_tls=True)

        async with tls_in_front_of(real, by_address) as proxy:
            assert await connect(proxy.address, **trusted) == "default"
            assert not has_api_key(proxy)
            assert await connect(proxy.address, temporal_api_key=API_KEY, **trusted) == "default"
            assert has_api_key(proxy)
            with pytest.raises(EngineError, match="no Temporal server answers"):
                await connect(proxy.address)
            for wrong in ({"temporal_tls": True}, {"temporal_api_key": API_KEY}):
                with pytest.raises(EngineError, match="TEMPORAL_TLS_SERVER_CA_CERT_PATH"):
                    await connect(proxy.address, **wrong)
            with pytest.raises(EngineError, match="TEMPORAL_TLS_SERVER_CA_CERT_PATH"):
                await connect(proxy.address, temporal_tls_server_ca_cert_path=others.certificate)
            with pytest.raises(EngineError, match="no namespace elsewhere"):
                await connect(proxy.address, temporal_namespace="elsewhere", **trusted)

        async with tls_in_front_of(real, by_name) as proxy:
            with pytest.raises(EngineError, match="TEMPORAL_TLS_SERVER_NAME"):
                await connect(proxy.address, **trusted)
            named = {"temporal_tls_server_name": "temporal.example"}
            assert await connect(proxy.address, **trusted, **named) == "default"

        async with tls_in_front_of(real, by_address, clients=ours) as proxy:
            assert await connect(proxy.address, **trusted, **shown) == "default"
            with pytest.raises(EngineError, match="no Temporal server answers"):
                await connect(proxy.address, **trusted)


def test_what_the_settings_name_is_read_or_refused(tmp_path: Path) -> None:
    def settings(**given: Any) -> Settings:
        return Settings(temporal_address="temporal:7233", **given)

    assert (tls_of(settings()), api_key_of(settings())) == (False, None)
    file = tmp_path / "file"
    for name in ("server_ca_cert", "client_cert"):
        given: dict[str, Any] = {f"temporal_tls_{name}_path": file}
        if name == "client_cert":
            given["temporal_tls_client_key_path"] = file
        with pytest.raises(Malformed, match=f"TEMPORAL_TLS_{name.upper()}_PATH.*No such file"):
            tls_of(settings(**given))
    with pytest.raises(Malformed, match="of TEMPORAL_API_KEY_FILE cannot be read"):
        api_key_of(settings(temporal_api_key_file=file))
    for content in ("", "\n", "one\ntwo", "schlüssel"):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(Malformed, match="holds no API key"):
            api_key_of(settings(temporal_api_key_file=file))
    file.write_text(f"{API_KEY}\n", encoding="utf-8")
    assert api_key_of(settings(temporal_api_key_file=file)) == API_KEY
    assert API_KEY not in repr(settings(temporal_api_key=API_KEY))
