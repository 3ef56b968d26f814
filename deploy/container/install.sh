#!/usr/bin/env bash
# Installs the program, and nothing that only its tests need, into a new environment; for the Dockerfile.
# Of deploy/constraints.txt: the same versions, and the same files by their hashes, as everywhere else.
#
#   deploy/container/install.sh /opt/transfer
set -euo pipefail
cd "$(dirname "$0")/../.."
home=$1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1

# The blocks of these packages, hashes and all.
pinned() { awk 'NR == FNR {wanted[$1]; next} /^[^ #]/ {split($1, name, "=="); on = name[1] in wanted} on' "$1" deploy/constraints.txt; }

printf '%s\n' uv setuptools pip >"$work/tools"
pinned "$work/tools" >"$work/tools.txt"
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --only-binary :all: --require-hashes -r "$work/tools.txt"

# uv says which of the pinned packages the program needs; each one's hash is then looked at by pip.
"$work/venv/bin/uv" pip compile --quiet --no-cache --no-header --no-annotate --only-binary :all: \
    --python "$work/venv/bin/python" --constraint deploy/constraints.txt --extra otel pyproject.toml |
    sed 's/==.*//' >"$work/needed"
pinned "$work/needed" >"$work/needed.txt"

"$work/venv/bin/python" -m venv --without-pip "$home"
pip=("$work/venv/bin/python" -m pip --python "$home/bin/python" install --quiet)
"${pip[@]}" --only-binary :all: --require-hashes -r "$work/needed.txt"
# From a copy: a build leaves folders behind where it works.
mkdir "$work/source"
cp -R pyproject.toml README.md transfer workflows projections deploy "$work/source"
"$work/venv/bin/python" -m pip wheel --quiet --no-index --no-deps --no-build-isolation \
    --wheel-dir "$work/wheel" "$work/source"
"${pip[@]}" --no-index --no-deps "$work"/wheel/transfer-*.whl
"$home/bin/python" -m compileall -q "$home/lib"
