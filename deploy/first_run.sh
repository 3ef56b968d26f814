#!/usr/bin/env bash
# What `make run` does once everything is installed: rehearse the exercise of 2013 on the invented
# staff of one Trust, ask the record a few dated questions, and serve the result.
#
#   TRUST=Merseyside PEOPLE=300 SEED=1 PORT=8000    what to rehearse, where to serve
#   RERUN=1                                         forget the last rehearsal and play it again
set -euo pipefail
cd "$(dirname "$0")/.."

TRUST=${TRUST:-Merseyside}
PEOPLE=${PEOPLE:-300}
SEED=${SEED:-1}
PORT=${PORT:-8000}

# No source gives these values. A real exercise cannot open without the documents that do; a
# rehearsal may assume them, and every answer that rests on one says so.
ASSUMED=(--assume suggested)

home=.transfer
data=$home/rehearsal
staff=$home/staff-return.csv
played=$home/rehearsal.played
transfer=.venv/bin/transfer
asked_for="$TRUST, $PEOPLE people, seed $SEED"

say() { printf '\n-- %s\n' "$*"; }
run() {
    printf '\n$ %s\n' "$*"
    "$@"
}
ask() { run "$transfer" "$@" --data "$data"; }

mkdir -p "$home"
if [ -n "${RERUN:-}" ] || { [ -e "$data" ] && [ ! -e "$played" ]; }; then
    # Either asked for, or the last rehearsal was interrupted: half of one is no use.
    if [ -e "$data/lock" ] && command -v flock >/dev/null && ! flock -n "$data/lock" true; then
        echo "$data is in use: stop the service that runs on it first" >&2
        exit 1
    fi
    rm -rf "$data" "$played"
fi

if [ -e "$played" ]; then
    say "Using the rehearsal of last time ($(cat "$played")); RERUN=1 plays it again."
    if [ "$(cat "$played")" != "$asked_for" ]; then
        echo "   You asked for $asked_for: that needs RERUN=1." >&2
    fi
else
    say "A staff return of invented people: $asked_for"
    run "$transfer" sample "$TRUST" --people "$PEOPLE" --seed "$SEED" --output "$staff"
    say "The exercise of 2013, played on simulated time"
    run "$transfer" rehearse tr-2013 --staff "$staff" "${ASSUMED[@]}" --seed "$SEED" --data "$data"
    echo "$asked_for" >"$played"
fi

# Somebody with a caseload, so that there is evidence to look at.
someone=$(.venv/bin/python - "$staff" <<'PYTHON'
import csv, sys

with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    rows = list(csv.DictReader(file))
print(next((row for row in rows if row["caseload_total"]), rows[0])["staff_number"])
PYTHON
)

say "Who employed everybody on the eve of the transfer, and on the day?"
ask as-of --by employer --effective 2014-05-31
ask as-of --by employer --effective 2014-06-01
say "Where was $someone to be on 1 June 2014, as the record knew it on 10 May, and as it knows it now?"
ask as-of "$someone" --effective 2014-06-01 --known 2014-05-10
ask as-of "$someone" --effective 2014-06-01
say "What is on record of $someone?"
ask history "$someone"

port=$(.venv/bin/python - "$PORT" <<'PYTHON'
import socket, sys

if not sys.argv[1].isdigit() or int(sys.argv[1]) > 65535:
    sys.exit(f"PORT={sys.argv[1]}: a port is a number from 0 to 65535")
for port in (int(sys.argv[1]), 0):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(probe.getsockname()[1])
        break
PYTHON
)
if [ "$port" != "$PORT" ]; then
    say "Port $PORT is taken: serving on $port."
fi
say "The service, on the rehearsed record. For a program, from another terminal:"
cat <<END
   token=\$($transfer token --role admin --subject you --data $data)
   curl -H "Authorization: Bearer \$token" \\
     'http://127.0.0.1:$port/v1/staff/$someone/position?effective_at=2014-06-01'

-- Open this address in a browser, and choose who you want to be; Ctrl-C stops it:
END
exec "$transfer" serve --data "$data" --port "$port"
