"""The settings: each documented, each checked, the command line before the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from transfer.cli.serve import _help
from transfer.core.refusals import Malformed
from transfer.settings import (
    Settings,
    describe_settings,
    environment_name,
    load_settings,
    templates_in,
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(environment_name(name), raising=False)


def test_every_setting_is_documented_where_users_look() -> None:
    described = describe_settings()
    assert len(described) == len(Settings.model_fields)
    shown = _help()
    for name, _, meaning in described:
        assert len(meaning) > 20, name
        assert meaning.endswith("."), name
        assert name in shown
        assert meaning in shown


def test_the_defaults() -> None:
    settings = load_settings()
    assert (settings.data, settings.host, settings.port) == (Path(".transfer"), "127.0.0.1", 8000)
    assert settings.database_url is None
    assert not settings.metrics_public


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSFER_DATA", "/srv/one")
    monkeypatch.setenv("TRANSFER_PORT", "81")
    assert load_settings().data == Path("/srv/one")
    settings = load_settings(data=Path("/srv/two"), port=0)
    assert (settings.data, settings.port) == (Path("/srv/two"), 0)


def test_the_names_that_platforms_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/x")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    settings = load_settings()
    assert settings.database_url == "postgresql://db/x"
    assert settings.temporal_address == "temporal:7233"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("TRANSFER_DATA", "")
    assert load_settings().database_url is None
    assert load_settings().data == Path(".transfer")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRANSFER_PORT", "many"),
        ("TRANSFER_PORT", "65536"),
        ("TRANSFER_METRICS_PUBLIC", "perhaps"),
        ("TRANSFER_MAX_BODY_BYTES", "1"),
        ("TRANSFER_IDENTITY_ISSUER", "http://id.example"),
        ("TRANSFER_IDENTITY_JWKS", "jwks.json"),
        ("TRANSFER_IDENTITY_CLIENT_ID", "pages"),
        ("TRANSFER_IDENTITY_CLIENT_SECRET", "secret"),
        ("TRANSFER_IDENTITY_REDIRECT_URI", "https://hr.example/sign-in/return"),
        ("TEMPORAL_ADDRESS", "temporal"),
        ("TEMPORAL_ADDRESS", "http://temporal:7233"),
        ("TEMPORAL_ADDRESS", "127.0.0.1:99999"),
        ("TRANSFER_PROXIES", "*"),
        ("TRANSFER_PROXIES", "10.0.0.0/8,proxy.example"),
        ("TRANSFER_PROXIES", "10.0.0.1/8"),
        ("TEMPORAL_TLS", "perhaps"),
        ("TEMPORAL_TLS", "true"),
        ("TEMPORAL_TLS_SERVER_NAME", "temporal.example"),
        ("TEMPORAL_API_KEY", "key"),
        ("TRANSFER_PUBLIC_ADDRESS", "http://transfer.example"),
        ("TRANSFER_PUBLIC_ADDRESS", "https://transfer.example/?a=b"),
        ("TRANSFER_NOTICES_DAYS_BEFORE", "-1"),
        ("TRANSFER_NOTIFY_API_KEY", "secret"),
        ("TRANSFER_NOTIFY_TEMPLATES", "letter=1"),
        ("TRANSFER_NOTIFY_ADDRESS", "http://notify.example"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Malformed, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRANSFER_IDENTITY_CLIENT_ID", "pages"),
        ("TRANSFER_IDENTITY_CLIENT_SECRET", "secret"),
        ("TRANSFER_IDENTITY_REDIRECT_URI", "https://hr.example/sign-in/return"),
        ("TRANSFER_IDENTITY_REDIRECT_URI", "http://hr.example/sign-in/return"),
        ("TRANSFER_IDENTITY_REDIRECT_URI", "https://hr.example/"),
        ("TRANSFER_IDENTITY_REDIRECT_URI", "https://hr.example/sign-in/return?x=1"),
    ],
)
def test_signing_in_at_a_provider_needs_both_a_client_and_a_way_back(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("TRANSFER_IDENTITY_ISSUER", "https://id.example")
    assert load_settings().identity_issuer == "https://id.example"
    monkeypatch.setenv(name, value)
    with pytest.raises(Malformed, match=name):
        load_settings()


def test_a_providers_settings_are_whole_and_its_secret_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRANSFER_IDENTITY_ISSUER", "http://127.0.0.1:8080")
    monkeypatch.setenv("TRANSFER_IDENTITY_CLIENT_ID", "pages")
    monkeypatch.setenv("TRANSFER_IDENTITY_CLIENT_SECRET", "hush")
    monkeypatch.setenv("TRANSFER_IDENTITY_REDIRECT_URI", "http://localhost:8000/sign-in/return")
    settings = load_settings()
    assert settings.identity_client_secret is not None
    assert settings.identity_client_secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "needs"),
    [
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "cert", "TEMPORAL_TLS_CLIENT_KEY_PATH"),
        ("TEMPORAL_TLS_CLIENT_KEY_PATH", "key", "TEMPORAL_TLS_CLIENT_CERT_PATH"),
        ("TEMPORAL_API_KEY_FILE", "file", "not both"),
        ("TEMPORAL_TLS", "false", "TEMPORAL_API_KEY is for TLS"),
    ],
)
def test_temporals_settings_are_whole_and_an_api_key_goes_by_tls_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, needs: str
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    assert not load_settings().has_temporal_tls
    monkeypatch.setenv("TEMPORAL_API_KEY", "hush")
    assert load_settings().has_temporal_tls
    assert "hush" not in repr(load_settings())
    monkeypatch.setenv(name, value)
    with pytest.raises(Malformed, match=needs) as refused:
        load_settings()
    assert refused.value.field.startswith("TEMPORAL_")
    assert "hush" not in str(refused.value)


def test_a_temporal_of_ones_own_beside_a_shared_database_has_to_be_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_settings().require_own_temporal()
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/x")
    with pytest.raises(Malformed, match="TRANSFER_ALLOW_EMBEDDED_TEMPORAL=true") as refused:
        load_settings().require_own_temporal()
    assert refused.value.field == "TEMPORAL_ADDRESS"
    monkeypatch.setenv("TRANSFER_ALLOW_EMBEDDED_TEMPORAL", "true")
    load_settings().require_own_temporal()
    monkeypatch.delenv("TRANSFER_ALLOW_EMBEDDED_TEMPORAL")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    load_settings().require_own_temporal()


_ID = "26785a09-ab16-4eb0-8407-a37497a57506"
_KEY = f"name-{_ID}-{_ID}"


def test_notify_is_set_whole_and_its_key_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not load_settings().has_notify
    monkeypatch.setenv("TRANSFER_NOTIFY_API_KEY", _KEY)
    with pytest.raises(Malformed, match="TRANSFER_NOTIFY_TEMPLATES"):
        load_settings()
    monkeypatch.setenv("TRANSFER_NOTIFY_TEMPLATES", f"letter={_ID}, any={_ID}")
    with pytest.raises(Malformed, match="TRANSFER_PUBLIC_ADDRESS"):
        load_settings()
    monkeypatch.setenv("TRANSFER_PUBLIC_ADDRESS", "https://transfer.example")
    settings = load_settings()
    assert settings.has_notify
    assert settings.notify_key().get_secret_value() == _KEY
    assert _KEY not in repr(settings)
    file = tmp_path / "key"
    monkeypatch.setenv("TRANSFER_NOTIFY_API_KEY_FILE", str(file))
    with pytest.raises(Malformed, match="not both"):
        load_settings()
    monkeypatch.delenv("TRANSFER_NOTIFY_API_KEY")
    with pytest.raises(Malformed, match="API key cannot be read"):
        load_settings().notify_key()
    file.write_text("canary", encoding="utf-8")
    with pytest.raises(Malformed, match="TRANSFER_NOTIFY_API_KEY_FILE") as refused:
        load_settings().notify_key()
    assert "canary" not in str(refused.value)
    file.write_text(f"{_KEY}\n", encoding="utf-8")
    assert load_settings().notify_key().get_secret_value() == _KEY


@pytest.mark.parametrize("text", ["", "letter", f"letter={_ID},letter={_ID}", f"letter={_ID};"])
def test_templates_are_named_once_each(text: str) -> None:
    with pytest.raises(ValueError, match="each kind once"):
        templates_in(text)
    assert templates_in(f"letter={_ID},any={_ID}") == {"letter": _ID, "any": _ID}
