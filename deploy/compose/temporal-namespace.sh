#!/bin/sh
# Makes the namespace that the workers use, once Temporal answers; for Temporal's image admin-tools.
set -eu
until temporal operator cluster health >/dev/null 2>&1; do
    sleep 2
done
if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    # Nothing is lost with what Temporal forgets: the record is the truth.
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 7d
fi
