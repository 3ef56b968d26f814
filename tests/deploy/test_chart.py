"""The Helm chart, rendered by Helm: what a cluster would be given, for several sets of values.

No cluster has seen it: Kubernetes' own schemas are what a manifest is held against.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.files import (
    CHART,
    CHECKOUT,
    KUBERNETES,
    PORT,
    ROLES,
    SETTINGS,
    ask,
    project_version,
)
from tests.support.chart_schema import (
    OF_EMBEDDED_ENGINES,
    OF_THE_CHART,
    SCHEMA,
    completed,
    settings_by_place,
    written,
)
from transfer.settings import Settings, environment_name

OF_POSTGRESQL = {"PGSSLROOTCERT"}
"""Variables that its own library reads."""

ADDRESSES = "/var/lib/transfer-addresses/addresses.csv"
ERASED = "/var/lib/transfer-erased/erased"

Values = dict[str, Any]
Manifest = dict[str, Any]

NEEDED: Values = {
    "image": {"repository": "registry.example/hr/transfer"},
    "settings": {"TEMPORAL_ADDRESS": "temporal-frontend.temporal:7233"},
    "notices": {"outboxClaim": "notices"},
}
"""What an installation has to say."""

WHOLE: Values = {
    "settings": {
        "TEMPORAL_ADDRESS": "temporal-frontend.temporal:7233",
        "TRANSFER_PUBLIC_ADDRESS": "https://hr.example",
        "TRANSFER_PROXIES": "10.244.0.0/16",
        "TRANSFER_MAX_BODY_BYTES": 5_242_880,
        "TRANSFER_OFFICE_OF_ONE": False,
        "TRANSFER_NOTIFY_TEMPLATES": "any=740e5834-3a29-46b4-9a6f-16142fde533a",
    },
    "secrets": {
        "variables": {
            "TRANSFER_IDENTITY_CLIENT_SECRET": {
                "secret": "sign-in",
                "key": "secret",
                "roles": ["api"],
            },
        },
        "files": {
            "TRANSFER_NOTIFY_API_KEY_FILE": {"secret": "notify", "key": "key"},
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": {"secret": "temporal", "key": "ca.crt"},
        },
        "databaseCA": {"secret": "postgres", "key": "ca.crt"},
    },
    "image": {"repository": "registry.example/hr/transfer", "pullSecrets": ["registry"]},
    "api": {
        "autoscaling": {"enabled": True},
        "settings": {"TRANSFER_MAX_BODY_BYTES": 2_097_152, "TRANSFER_METRICS_PUBLIC": False},
    },
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "host": "hr.example",
        "tlsSecret": "hr-example-tls",
    },
    "networkPolicy": {
        "clients": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
        "monitoring": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
    },
    "monitoring": {"podMonitor": True, "prometheusRule": True, "labels": {"release": "prometheus"}},
    "spread": {"whenUnsatisfiable": "DoNotSchedule"},
    "notices": {"addressesClaim": "addresses"},
    "erasures": {"claim": "erased-people"},
    "podAnnotations": {"example.org/owner": "hr"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "hr", "operator": "Exists"}],
}
"""Every part of the chart at work."""

REFUSED: dict[str, tuple[Values, str]] = {
    "an image from anywhere": ({**NEEDED, "image": {}}, "image.repository is needed"),
    "no Temporal": ({**NEEDED, "settings": {}}, "TEMPORAL_ADDRESS is needed"),
    "notices that would be lost": ({**NEEDED, "notices": {}}, "outboxClaim"),
    "an address book in two places": (
        {
            **NEEDED,
            "notices": {"outboxClaim": "notices", "addressesClaim": "addresses"},
            "secrets": {"files": {"TRANSFER_NOTICES_ADDRESSES": {"secret": "a", "key": "b"}}},
        },
        "two places",
    ),
    "a setting that there is not": (
        {**NEEDED, "settings": {**NEEDED["settings"], "TRANSFER_NONE": "1"}},
        "TRANSFER_NONE",
    ),
    "a number that does not fit": (
        {**NEEDED, "settings": {**NEEDED["settings"], "TRANSFER_MAX_BODY_BYTES": 1}},
        "TRANSFER_MAX_BODY_BYTES",
    ),
    "a password among the settings": (
        {**NEEDED, "settings": {**NEEDED["settings"], "DATABASE_URL": "postgresql://x"}},
        "DATABASE_URL",
    ),
    "a role that there is not": (
        {
            **NEEDED,
            "secrets": {
                "files": {"TRANSFER_VAULT_KEY_FILE": {"secret": "a", "key": "b", "roles": ["web"]}}
            },
        },
        "roles",
    ),
    "a door without a lock": (
        {
            **NEEDED,
            "settings": {**NEEDED["settings"], "TRANSFER_PROXIES": "10.244.0.0/16"},
            "ingress": {"enabled": True, "host": "hr.example"},
        },
        "tlsSecret",
    ),
    "a door behind which nobody could sign in": (
        {**NEEDED, "ingress": {"enabled": True, "host": "hr.example", "tlsSecret": "tls"}},
        "TRANSFER_PROXIES",
    ),
}
"""Values that must not render, and what is said of them."""


@cache
def rendered() -> dict[str, Any]:
    """All of it, in one run of Helm."""
    guide = (CHECKOUT / "docs" / "cluster.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(# hr\.yaml\n.*?)```", guide, re.DOTALL)
    values = {
        "guide": shown,
        "needed": NEEDED,
        "whole": WHOLE,
        **{name: given for name, (given, _) in REFUSED.items()},
    }
    return ask({"chart": str(CHART), "kubernetes": KUBERNETES, "values": values})


def manifests(name: str, kind: str | None = None) -> Iterator[Manifest]:
    """The objects that a set of values makes."""
    found = rendered()[name]
    assert "refused" not in found, found["refused"]
    for objects in found["manifests"].values():
        yield from (each for each in objects if kind in (None, each["kind"]))


def by_role(name: str, kind: str) -> dict[str, Manifest]:
    """The objects of that kind, by the part of the service that each is of."""
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each
        for each in manifests(name, kind)
    }


def pod_of(manifest: Manifest) -> Manifest:
    """What a Deployment or a Job has its pods made by."""
    found: Manifest = manifest["spec"]["template"]["spec"]
    return found


def variables_of(manifest: Manifest) -> dict[str, Any]:
    """The variables of the one container, by name."""
    (container,) = pod_of(manifest)["containers"]
    found = {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}
    assert len(found) == len(container["env"]), "a variable is set twice"
    return found


@pytest.fixture(params=["needed", "whole", "guide"])
def name(request: pytest.FixtureRequest) -> str:
    """Each set of values that makes a release."""
    return str(request.param)


def test_helm_and_kubernetes_find_nothing_wrong(name: str) -> None:
    assert rendered()["lint"] == ["icon is recommended"]
    assert rendered()[name]["faults"] == []


@pytest.mark.parametrize("case", REFUSED)
def test_values_that_would_do_harm_are_refused(case: str) -> None:
    assert REFUSED[case][1] in rendered()[case]["refused"]


def test_each_role_has_its_processes(name: str) -> None:
    deployments = by_role(name, "Deployment")
    assert set(deployments) == ROLES
    budgets = by_role(name, "PodDisruptionBudget")
    assert set(budgets) == ROLES
    for role, each in deployments.items():
        (container,) = pod_of(each)["containers"]
        assert container["args"] == ["serve"]
        assert variables_of(each)["TRANSFER_ROLE"] == role
        # Two at the least, of which one may be taken away.
        scales = by_role(name, "HorizontalPodAutoscaler").get(role)
        assert (scales["spec"]["minReplicas"] if scales else each["spec"]["replicas"]) >= 2
        assert ("replicas" in each["spec"]) == (scales is None)
        assert budgets[role]["spec"]["maxUnavailable"] == 1
        labels = each["spec"]["template"]["metadata"]["labels"]
        for selector in (each["spec"]["selector"], budgets[role]["spec"]["selector"]):
            assert selector["matchLabels"].items() <= labels.items()


def test_the_tables_are_renewed_first(name: str) -> None:
    (job,) = manifests(name, "Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    (container,) = pod_of(job)["containers"]
    assert container["args"] == ["migrate"]
    # No password but the database's; and the key, as a record under another one is left alone.
    needed = {"TRANSFER_DATA", "DATABASE_URL", "TRANSFER_VAULT_KEY_FILE"}
    assert set(variables_of(job)) - OF_POSTGRESQL == needed
    assert "serviceAccountName" not in pod_of(job)  # there is none before the installation


def test_one_image_of_this_version(name: str) -> None:
    images = {
        pod_of(each)["containers"][0]["image"]
        for each in manifests(name)
        if "template" in each.get("spec", {})
    }
    assert images == {f"registry.example/hr/transfer:{project_version()}"}
    chart = (CHART / "Chart.yaml").read_text(encoding="utf-8")
    assert f"\nversion: {project_version()}\nappVersion: {project_version()}\n" in chart


def test_ports_and_paths_agree_with_the_service(name: str) -> None:
    for each in manifests(name, "Deployment"):
        (container,) = pod_of(each)["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": PORT}]
        assert variables_of(each)["TRANSFER_PORT"] == str(PORT)
        asked = {
            probe: container[f"{probe}Probe"]["httpGet"]
            for probe in ("startup", "liveness", "readiness")
        }
        assert asked == {
            "startup": {"path": "/health/live", "port": "http"},
            "liveness": {"path": "/health/live", "port": "http"},
            "readiness": {"path": "/health/ready", "port": "http"},
        }
    (service,) = manifests(name, "Service")
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    api = by_role(name, "Deployment")["api"]
    assert (
        service["spec"]["selector"].items() <= api["spec"]["template"]["metadata"]["labels"].items()
    )


def test_a_pod_may_do_no_more_than_it_must(name: str) -> None:
    for each in manifests(name):
        if "template" not in each.get("spec", {}):
            continue
        pod = pod_of(each)
        assert pod["automountServiceAccountToken"] is False
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        assert variables_of(each)["TRANSFER_DATA"].rpartition("/")[0] in mounts
        assert "/tmp" in mounts  # noqa: S108 - in the container


def test_every_variable_is_a_setting_and_no_value_is_a_secret(name: str) -> None:
    secrets = settings_by_place()
    for each in manifests(name, "Deployment"):
        found = variables_of(each)
        assert set(found) <= SETTINGS | OF_POSTGRESQL
        for variable, value in found.items():
            if variable in secrets["variables"]:
                assert set(value) == {"secretKeyRef"}, variable
            elif (name, variable) == ("whole", "TRANSFER_NOTICES_ADDRESSES"):
                assert value == ADDRESSES
            elif variable in secrets["files"]:
                assert value == f"/run/secrets/transfer/{variable}"
    assert list(manifests(name, "Secret")) == []
    assert list(manifests(name, "ConfigMap")) == []


def test_a_file_is_where_the_setting_says_for_the_roles_that_need_it(name: str) -> None:
    for role, each in by_role(name, "Deployment").items():
        (projected,) = (v["projected"] for v in pod_of(each)["volumes"] if v["name"] == "secrets")
        assert projected["defaultMode"] == 0o400
        paths = {
            item["path"] for source in projected["sources"] for item in source["secret"]["items"]
        }
        found = variables_of(each)
        named = {variable for variable in found if variable in settings_by_place()["files"]}
        if name == "whole":
            named.remove("TRANSFER_NOTICES_ADDRESSES")
        assert paths == named | ({"database-ca.crt"} if name == "whole" else set())
        assert "TRANSFER_VAULT_KEY_FILE" in named
        assert ("TRANSFER_IDENTITY_KEY_FILE" in named) == (role == "api")
        assert ("TRANSFER_IDENTITY_CLIENT_SECRET" in found) == (role == "api" and name != "needed")


def test_a_large_address_book_is_on_a_volume_that_is_only_read() -> None:
    for each in manifests("whole", "Deployment"):
        (container,) = pod_of(each)["containers"]
        (mount,) = (m for m in container["volumeMounts"] if m["name"] == "addresses")
        assert mount["mountPath"] == ADDRESSES.rpartition("/")[0]
        assert mount["readOnly"] is True
        (volume,) = (v for v in pod_of(each)["volumes"] if v["name"] == "addresses")
        assert volume["persistentVolumeClaim"] == {"claimName": "addresses", "readOnly": True}
    assert "TRANSFER_NOTICES_ADDRESSES" not in variables_of(by_role("needed", "Deployment")["api"])


def test_the_list_of_erased_people_is_on_a_volume_that_outlives_the_pods() -> None:
    for each in manifests("whole", "Deployment"):
        (container,) = pod_of(each)["containers"]
        assert variables_of(each)["TRANSFER_ERASED"] == ERASED
        (mount,) = (m for m in container["volumeMounts"] if m["name"] == "erased")
        assert mount == {"name": "erased", "mountPath": ERASED.rpartition("/")[0]}  # and writable
        (volume,) = (v for v in pod_of(each)["volumes"] if v["name"] == "erased")
        assert volume["persistentVolumeClaim"] == {"claimName": "erased-people"}
    assert "TRANSFER_ERASED" not in variables_of(by_role("needed", "Deployment")["api"])


def test_settings_are_given_as_the_program_reads_them() -> None:
    of_api, of_worker = (
        variables_of(by_role("whole", "Deployment")[role]) for role in ("api", "worker")
    )
    assert of_api["TRANSFER_MAX_BODY_BYTES"] == "2097152"  # its own stands before that of all
    assert of_worker["TRANSFER_MAX_BODY_BYTES"] == "5242880"
    assert of_api["TRANSFER_METRICS_PUBLIC"] == "false"
    assert of_worker["TRANSFER_METRICS_PUBLIC"] == "true"
    assert of_worker["TRANSFER_OFFICE_OF_ONE"] == "false"
    assert of_worker["TRANSFER_CONNECTIONS_PER_ADDRESS"] == "0"  # of values.yaml


def test_nobody_reaches_a_pod_but_those_who_are_named() -> None:
    for role, each in by_role("needed", "NetworkPolicy").items():
        assert each["spec"]["policyTypes"] == ["Ingress"], role
        assert "ingress" not in each["spec"], role
    policies = by_role("whole", "NetworkPolicy")
    assert set(policies) == ROLES | {"migrate"}
    clients, monitoring = (WHOLE["networkPolicy"][key] for key in ("clients", "monitoring"))
    for role, each in policies.items():
        assert each["spec"]["policyTypes"] == ["Ingress", "Egress"]
        assert each["spec"]["egress"] == WHOLE["networkPolicy"]["egress"]
        if role == "migrate":
            assert "ingress" not in each["spec"]
            continue
        (rule,) = each["spec"]["ingress"]
        assert rule["from"] == (clients + monitoring if role == "api" else monitoring)
        assert rule["ports"] == [{"port": "http"}]


def test_the_door_has_a_lock_and_leads_to_the_api() -> None:
    assert list(manifests("needed", "Ingress")) == []
    (door,) = manifests("whole", "Ingress")
    assert door["spec"]["tls"] == [{"hosts": ["hr.example"], "secretName": "hr-example-tls"}]
    (service,) = manifests("whole", "Service")
    (path,) = door["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"] == {
        "name": service["metadata"]["name"],
        "port": {"name": "http"},
    }


def test_prometheus_finds_every_pod() -> None:
    (monitor,) = manifests("whole", "PodMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    for each in manifests("whole", "Deployment"):
        labels = each["spec"]["template"]["metadata"]["labels"]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("http", "/metrics")
    assert (
        variables_of(next(manifests("needed", "Deployment")))["TRANSFER_METRICS_PUBLIC"] == "true"
    )


def test_prometheus_is_given_the_alerts_as_they_are() -> None:
    alerts = CHECKOUT / "deploy" / "observability" / "alerts.yaml"
    (rule,) = manifests("whole", "PrometheusRule")
    assert rule["spec"] == ask({"yaml": [str(alerts)]})[str(alerts)]
    assert rule["spec"]["groups"]
    # A second copy would be changed without the first.
    assert (CHART / "alerts.yaml").resolve() == alerts
    assert list(manifests("needed", "PrometheusRule")) == []


def test_every_setting_is_to_be_had_in_one_place_of_the_values() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert SCHEMA.read_text(encoding="utf-8") == written(completed(schema)), (
        "PYTHONPATH=$PWD .venv/bin/python -m tests.support.chart_schema"
    )
    places = [variable for place in settings_by_place().values() for variable in place]
    assert len(places) == len(set(places))
    left_out = OF_THE_CHART | OF_EMBEDDED_ENGINES
    assert set(Settings.model_fields) >= left_out
    assert set(places) == SETTINGS - {environment_name(field) for field in left_out}


def test_values_hold_no_secret_and_say_what_is_needed() -> None:
    for path in (CHART / "values.yaml", *Path(CHART / "templates").iterdir()):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?i)(password|secret_?key|apikey)\s*:\s*\S", text), path
        assert not re.search(r"-----BEGIN|postgres(ql)?://", text), path
    assert "exec deploy/transfer-worker" in rendered()["needed"]["notes"]
    assert "Nobody reaches the API yet" in rendered()["needed"]["notes"]
    assert "Nobody reaches the API yet" not in rendered()["whole"]["notes"]
