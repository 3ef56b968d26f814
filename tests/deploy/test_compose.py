"""The compose file and the image: each role is there, ports, paths, secrets and settings agree."""

import json
import re
from typing import Any

from tests.deploy.files import (
    COMPOSE,
    DEPLOY,
    PORT,
    ROLES,
    SETTINGS,
    compose,
    project_version,
)

DOCKERFILE = (DEPLOY / "container" / "Dockerfile").read_text(encoding="utf-8")


def own() -> dict[str, dict[str, Any]]:
    """The services that run this program."""
    return {
        name: each
        for name, each in compose()["services"].items()
        if each["image"].startswith("transfer:")
    }


def test_each_role_is_there_twice_and_waits_for_the_tables() -> None:
    services = own()
    assert set(services) == ROLES | {"migrate"}
    assert services["migrate"]["command"] == ["migrate"]
    for role in ROLES:
        each = services[role]
        assert each["environment"]["TRANSFER_ROLE"] == role
        assert each["deploy"]["replicas"] == 2
        assert each["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert f":{PORT}/health/ready" in each["healthcheck"]["test"][-1]


def test_they_are_settings_that_there_are_and_one_image() -> None:
    for each in own().values():
        assert set(each["environment"]) <= SETTINGS
        assert each["image"] == f"transfer:{project_version()}"
        assert each["pull_policy"] == "build"


def test_each_secret_is_a_file_that_is_not_in_the_checkout() -> None:
    ignored = (COMPOSE.parent / ".gitignore").read_text(encoding="utf-8").split()
    assert {"secrets/", ".env"} <= set(ignored)
    for name, secret in compose()["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    for name, each in compose()["services"].items():
        for variable, value in each.get("environment", {}).items():
            if re.search(r"PASSWORD|PWD|SECRET|KEY", variable):
                # A file, or a variable that has no default.
                assert value.startswith("/run/secrets/") or re.fullmatch(
                    r"\$\{\w+:\?.+\}", value
                ), (
                    name,
                    variable,
                )
            given = re.findall(r"/run/secrets/([\w-]+)", value)
            assert set(given) <= set(each.get("secrets", ())), (name, variable)
        assert set(each.get("secrets", ())) <= set(compose()["secrets"])


def test_the_program_is_held_to_its_folders() -> None:
    places = {"/var/lib/transfer", "/tmp"}  # noqa: S108 - in the container
    for each in own().values():
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
        assert {mount.partition(":")[0] for mount in each["tmpfs"]} == places
    assert "ENV" in DOCKERFILE
    assert re.search(r"TRANSFER_DATA=(/var/lib/transfer/\w+)", DOCKERFILE)
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def test_the_list_of_erased_people_is_on_a_volume_that_the_program_may_write_to() -> None:
    services = own()
    for role in ROLES:
        folder = services[role]["environment"]["TRANSFER_ERASED"].rpartition("/")[0]
        assert f"erased:{folder}" in services[role]["volumes"]
        # A new volume takes the owner of the image's folder.
        assert re.search(rf" {folder}(\s|$)", DOCKERFILE)


def test_the_image_is_of_what_is_in_it() -> None:
    variables = set(re.findall(r"\b(TRANSFER_\w+)=", DOCKERFILE))
    assert variables <= SETTINGS
    assert re.search(rf"^EXPOSE {PORT}$", DOCKERFILE, re.MULTILINE)
    assert f"--tag transfer:{project_version()} " in DOCKERFILE
    for line in re.findall(r"^RUN (deploy/\S+)", DOCKERFILE, re.MULTILINE):
        assert (DEPLOY.parent / line).is_file()
    kept = (DEPLOY / "container" / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    needed = {each[1:] for each in kept.split("\n") if each.startswith("!")}
    copied = re.search(r"^cp -R (.*) ", (DEPLOY / "container/install.sh").read_text(), re.MULTILINE)
    assert copied is not None
    assert needed == set(copied[1].split())


def test_the_proxy_is_believed_and_reaches_what_there_is() -> None:
    (network,) = compose()["networks"]["front"]["ipam"]["config"]
    api = own()["api"]
    assert api["environment"]["TRANSFER_PROXIES"] == network["subnet"]
    assert "front" in api["networks"]
    proxy = compose()["services"]["proxy"]
    assert proxy["networks"] == ["front"]
    caddy = (DEPLOY / "compose" / "Caddyfile").read_text(encoding="utf-8")
    assert re.search(rf"name api\s+port {PORT}\s", caddy)
    assert "respond /metrics 404" in caddy
    mounted = [
        volume for each in compose()["services"].values() for volume in each.get("volumes", ())
    ]
    for volume in mounted:
        source = volume.partition(":")[0]
        if source.startswith("./"):
            assert (COMPOSE.parent / source).is_file(), volume
        else:
            assert source in compose()["volumes"], volume


def test_temporal_is_there_on_a_database_of_its_own() -> None:
    services = compose()["services"]
    assert services["temporal"]["environment"]["POSTGRES_SEEDS"] == "temporal-database"
    assert services["temporal-schema"]["environment"]["SQL_HOST"] == "temporal-database"
    address = own()["worker"]["environment"]["TEMPORAL_ADDRESS"]
    assert address == services["temporal-namespace"]["environment"]["TEMPORAL_ADDRESS"]
    waits = own()["worker"]["depends_on"]["temporal-namespace"]
    assert waits == {"condition": "service_completed_successfully"}
    versions = {
        each["image"].rpartition(":")[2]
        for each in services.values()
        if each["image"].startswith("temporalio/")
    }
    assert len(versions) == 1
    assert "auto-setup" not in json.dumps(compose())
