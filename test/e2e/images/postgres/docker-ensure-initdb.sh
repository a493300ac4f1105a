#!/usr/bin/env bash
# Initialises the data directory when it is empty, and does not start the server.
# As docker-enforce-initdb.sh a directory that has a database is an error.
set -Eeo pipefail
# shellcheck source=docker-entrypoint.sh
. /usr/local/bin/docker-entrypoint.sh

if [[ ${1:-} != postgres ]]; then set -- postgres "$@"; fi
read_settings
prepare_directories
if [[ $EUID == 0 ]]; then
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "${BASH_SOURCE[0]}" "$@"
fi
me=$(basename "$0")
if ! is_initialised; then
    initialise "${@:2}"
elif [[ $me == docker-enforce-initdb.sh ]]; then
    echo "$me: error: (unexpected) database found in '$PGDATA'!" >&2
    exit 1
else
    echo "$me: note: database already initialized in '$PGDATA'!" >&2
fi
