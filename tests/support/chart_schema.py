"""Writes into the schema of the Helm chart's values which settings there are, and their places.

    PYTHONPATH=$PWD .venv/bin/python -m tests.support.chart_schema

Everything else in `deploy/helm/transfer/values.schema.json` is written by hand.
"""

import json
from pathlib import Path
from typing import Any

from transfer.settings import Settings, environment_name

SCHEMA = Path(__file__).parents[2] / "deploy/helm/transfer/values.schema.json"

OF_THE_CHART = frozenset({"data", "role", "host", "port", "notices_outbox", "erased"})
"""What the chart sets itself: each pod has its folder, its part and its port."""

OF_EMBEDDED_ENGINES = frozenset({"archive", "allow_embedded_temporal"})
"""What has a use only where database or Temporal run under the data folder: never in a cluster."""

_WITH_PASSWORDS = frozenset({"database_url"})
_KEPT = ("type", "enum", "minimum", "maximum", "description")


def settings_by_place() -> dict[str, dict[str, dict[str, Any]]]:
    """The settings of a release with their schemas, by where they are given in its values:
    `settings` in plain words, `variables` and `files` out of Secrets."""
    described = Settings.model_json_schema()
    places: dict[str, dict[str, dict[str, Any]]] = {"settings": {}, "variables": {}, "files": {}}
    for field in Settings.model_fields:
        if field in OF_THE_CHART | OF_EMBEDDED_ENGINES:
            continue
        name = environment_name(field)
        found = described["properties"].get(name) or described["properties"][field]
        shape = next((each for each in found.get("anyOf", []) if each.get("type") != "null"), found)
        whole = {**shape, "description": found["description"]}
        if shape.get("format") == "password" or field in _WITH_PASSWORDS:
            places["variables"][name] = _secret(whole)
        elif shape.get("format") == "path":
            places["files"][name] = _secret(whole)
        else:
            places["settings"][name] = {key: whole[key] for key in _KEPT if key in whole}
    return places


def _secret(shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": shape["description"],
        "allOf": [{"$ref": "#/definitions/secret"}],
    }


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """That schema with the settings of the program as they are now."""
    places = settings_by_place()
    for place, properties in places.items():
        schema["definitions"][place]["properties"] = properties
    return schema


def written(schema: dict[str, Any]) -> str:
    """The text of the file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(
        written(completed(json.loads(SCHEMA.read_text(encoding="utf-8")))), encoding="utf-8"
    )
