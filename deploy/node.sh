#!/usr/bin/env bash
# Prints the folder of a Node.js, 20.19 or later, with its npm: this machine's, or else one from PyPI's
# package in .venv/node, which is installed the first time. Linters, styles and tests use it.
set -euo pipefail
cd "$(dirname "$0")/.."

home=$PWD/.venv/node
is_new_enough() {
    "$1" -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
        2>/dev/null
}
if command -v npm >/dev/null && is_new_enough node; then
    dirname "$(command -v npm)"
    exit
fi
mkdir -p .venv
exec 9>.venv/node.lock
flock 9
if ! is_new_enough "$home/bin/node"; then
    echo "node: there is no Node.js 20.19 or later: installing one into .venv" >&2
    .venv/bin/python -m venv --clear --without-pip "$home"
    .venv/bin/python -m pip --python "$home/bin/python" install --quiet --no-cache-dir \
        --disable-pip-version-check --only-binary :all: --require-hashes \
        -r deploy/constraints-node.txt >&2
fi
echo "$home/bin"
