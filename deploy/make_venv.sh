#!/usr/bin/env bash
# Installs the project and its tools into .venv: nothing outside the checkout, and no other files than
# those whose hashes deploy/constraints.txt has. Does nothing, quickly, when nothing has changed since
# the last time.
#
#   PYTHON=/path/to/python3.12 deploy/make_venv.sh     with another interpreter than the first found
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

PINNED=deploy/constraints.txt
mkdir -p .venv
exec 9>.venv/.lock
if command -v flock >/dev/null && ! flock -n 9; then
    say "another setup is running in this checkout: waiting for it"
    flock 9
fi

# What an installation depends on. The folder counts: programs in .venv/bin name it. The settings of
# linters and tests in pyproject.toml do not count: they change often, and nothing is installed by them.
wanted() {
    { pwd -P
      echo "${PYTHON-}"
      awk '/^\[/ { counts = /^\[(build-system|project|tool\.setuptools)[].]/ } counts' pyproject.toml
      cat deploy/make_venv.sh "$PINNED"
    } | sha256sum | cut -d' ' -f1
}
if [ "$(cat .venv/.installed 2>/dev/null)" = "$(wanted)" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for each in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14}; do
    if is_new_enough "$each"; then
        python=$each
        break
    fi
done
if [ -z "$python" ]; then
    say "found no Python 3.11 or later${PYTHON:+ at $PYTHON}; on Debian: apt-get install python3 python3-venv"
    say "or name one: make setup PYTHON=/path/to/python3.11"
    exit 1
fi

# On Debian the module that puts pip into a new environment is a package of its own.
has_ensurepip() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
if ! has_ensurepip "$python"; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "$python cannot make environments yet: installing python$version-venv"
        if ! { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" ||
            { apt-get update -qq &&
              DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv"; }
        } >&2; then
            say "that failed; install the package python$version-venv by hand, then try again"
            exit 1
        fi
    elif ! "$python" -m pip --version >/dev/null 2>&1; then
        say "$python can neither make environments nor run pip; one of these helps:"
        say "  apt-get install python$version-venv     (as root)"
        say "  make setup PYTHON=/path/to/another/python3.11"
        exit 1
    fi
fi

say "installing into .venv with $("$python" -V) (a few hundred megabytes the first time)"
rm -f .venv/.installed
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
export PIP_REQUIRE_VIRTUALENV=0 PYTHONNOUSERSITE=1
if has_ensurepip "$python"; then
    "$python" -m venv --clear .venv
    pip=(.venv/bin/python -m pip)
else
    "$python" -m venv --clear --without-pip .venv
    pip=("$python" -m pip --python .venv/bin/python)
fi
# No cache: it would lie in the home folder. Only wheels: to build one, pip would fetch unpinned tools.
if ! "${pip[@]}" install --quiet --no-cache-dir --only-binary :all: --require-hashes -r "$PINNED" >&2; then
    say "what $PINNED names could not be installed (see above)."
    say "Where a package there has no hash or none that fits: make constraints, then try again"
    exit 1
fi
# With the pip that was pinned. No index: whatever is missing now was not pinned.
# setuptools warns of every editable installation.
if ! PYTHONWARNINGS=ignore .venv/bin/python -m pip install --quiet --no-cache-dir --no-index --no-build-isolation \
    --editable '.[dev]' >&2; then
    say "pyproject.toml asks for something that $PINNED does not pin: make constraints, then try again"
    exit 1
fi
wanted >.venv/.installed
say "done in $SECONDS seconds"
