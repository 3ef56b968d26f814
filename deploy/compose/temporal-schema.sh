#!/bin/sh
# Makes Temporal's two databases and brings their tables up to this version of the server; for Temporal's
# image admin-tools. Does nothing where that is done already.
set -eu
tables=/etc/temporal/schema/postgresql/v12
for each in temporal:temporal temporal_visibility:visibility; do
    export SQL_DATABASE="${each%%:*}"
    temporal-sql-tool create-database
    temporal-sql-tool setup-schema --version 0.0
    temporal-sql-tool update-schema --schema-dir "$tables/${each##*:}/versioned"
done
