#!/usr/bin/env bash
# Holds the description of the API, /openapi.json, against two linters: Redocly's and Spectral. Both
# are installed into .venv, in the versions of package-lock.json, which has the hash of every file.
# The rules that are off have their reason beside them, in redocly.yaml and spectral.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."

rules=$PWD/deploy/lint_api
home=$PWD/.venv/lint_api
mkdir -p "$home"

node=$(deploy/node.sh)
export PATH="$node:$PATH"
export npm_config_cache=$home/cache npm_config_update_notifier=false
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
wanted=$(sha256sum <"$rules/package-lock.json")
if [ "$(cat "$home/.installed" 2>/dev/null)" != "$wanted" ]; then
    cp "$rules/package.json" "$rules/package-lock.json" "$home"
    (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund --silent)
    echo "$wanted" >"$home/.installed"
fi

.venv/bin/python -m tests.support.describing >"$home/openapi.json"
"$home/node_modules/.bin/redocly" lint "$home/openapi.json" --config "$rules/redocly.yaml"
"$home/node_modules/.bin/spectral" lint "$home/openapi.json" --ruleset "$rules/spectral.yaml" \
    --fail-severity warn
