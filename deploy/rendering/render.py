"""Renders the Helm chart with Helm itself, and holds what comes out against Kubernetes' schemas.

A program for the Python of `deploy/rendering/python.sh`, used by the tests: it knows nothing of the
service. It reads one JSON object from standard input and answers with one:

    {"chart": DIR, "kubernetes": "1.36.0", "values": {NAME: VALUES, …}}
        → {NAME: {"manifests": {TEMPLATE: [OBJECT, …]}, "notes": TEXT, "faults": [TEXT, …]}
           or {"refused": TEXT}, …}
    {"compose": FILE}
        → {"compose": OBJECT}, read strictly, or {"refused": TEXT}
    {"yaml": [FILE, …]}
        → {FILE: OBJECT, …}
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml


def render(chart: str, kubernetes: str, named: dict[str, dict[str, Any] | str]) -> dict[str, Any]:
    """What the chart makes of each set of values, and where a schema says that it cannot be.

    Values may be the text of a file.
    """
    import helm_python

    schemas = _Schemas(kubernetes)
    found: dict[str, Any] = {}
    with helm_python.Chart.load(chart) as loaded:
        for name, given in named.items():
            values = helm_python.values_from_yaml(given) if isinstance(given, str) else given
            try:
                loaded.validate_schema(values)
                texts = loaded.render(values, name="transfer", namespace="hr", is_install=True)
            except helm_python.HelmError as error:
                found[name] = {"refused": str(error)}
                continue
            notes = {path: text for path, text in texts.items() if path.endswith("NOTES.txt")}
            manifests = {
                path: [each for each in yaml.safe_load_all(text) if each]
                for path, text in texts.items()
                if path not in notes
            }
            faults = [
                f"{path}: {fault}"
                for path, objects in manifests.items()
                for each in objects
                for fault in schemas.faults(each)
            ]
            found[name] = {
                "manifests": manifests,
                "notes": "".join(notes.values()),
                "faults": faults,
            }
    report = helm_python.lint(chart, strict=True, kube_version=f"v{kubernetes}")
    found["lint"] = [each["error"] for each in report["messages"]] + report["errors"]
    return found


class _Schemas:
    """The schemas of one version of Kubernetes, where an unknown field is a fault."""

    def __init__(self, version: str) -> None:
        import kubernetes_validate
        import referencing

        place = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
        self._folder = place / f"v{version}-local-strict"
        shared = json.loads((self._folder / "_definitions.json").read_text(encoding="utf-8"))
        self._registry = referencing.Resource.from_contents(shared) @ referencing.Registry()
        self._validators: dict[str, Any] = {}

    def faults(self, manifest: dict[str, Any]) -> list[str]:
        """What is wrong with an object. Kinds that come from elsewhere have no schema here."""
        group, _, version = manifest["apiVersion"].rpartition("/")
        if group == "monitoring.coreos.com":
            return []
        prefix = f"{group.partition('.')[0]}-" if group else ""
        name = f"{manifest['kind'].lower()}-{prefix}{version}.json"
        if name not in self._validators:
            import jsonschema

            schema = json.loads((self._folder / name).read_text(encoding="utf-8"))
            self._validators[name] = jsonschema.Draft202012Validator(
                schema, registry=self._registry
            )
        return [
            f"{manifest['kind']} {each.json_path}: {each.message}"
            for each in self._validators[name].iter_errors(manifest)
        ]


def read_compose(path: str) -> dict[str, Any]:
    """A compose file as the specification reads it: what it does not know is refused."""
    import compose_spec

    read: dict[str, Any] = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    try:
        # Written out in full: the reader knows no merge keys.
        compose_spec.PyCompose.from_yaml(yaml.safe_dump(read))
    except ValueError as error:
        return {"refused": str(error)}
    return {"compose": read}


def main() -> None:
    """Answer the question on standard input."""
    asked = json.load(sys.stdin)
    if "chart" in asked:
        answer = render(asked["chart"], asked["kubernetes"], asked["values"])
    elif "compose" in asked:
        answer = read_compose(asked["compose"])
    else:
        answer = {
            path: yaml.safe_load(Path(path).read_text(encoding="utf-8")) for path in asked["yaml"]
        }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
