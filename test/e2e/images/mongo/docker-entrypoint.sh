#!/usr/bin/env bash
# Start-up of the mongo stand-in. As root it hands the data folders over and steps down; mongod listens everywhere unless it is told where.
set -Eeuo pipefail

if [[ ${1:-} == -* ]]; then set -- mongod "$@"; fi
if [[ ${1:-} == mongo* && $(id -u) == 0 ]]; then
  if [[ $1 == mongod ]]; then find -L /data/configdb /data/db ! -user mongodb -exec chown mongodb '{}' +; fi
  exec gosu mongodb "$0" "$@"
fi
if [[ ${1:-} == mongod ]]; then
  # The official image makes a user from these; this one does not know how, and says so rather than start without.
  if [[ ${MONGO_INITDB_ROOT_USERNAME:-}${MONGO_INITDB_ROOT_USERNAME_FILE:-}${MONGO_INITDB_ROOT_PASSWORD:-}${MONGO_INITDB_ROOT_PASSWORD_FILE:-} ]]; then
    echo "this stand-in takes no MONGO_INITDB_ROOT_ variables" >&2
    exit 1
  fi
  if [[ " $* " != *' --bind_ip'* ]]; then set -- "$@" --bind_ip_all; fi
fi
unset "${!MONGO_INITDB_@}"
exec "$@"
