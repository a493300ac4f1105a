#!/usr/bin/env bash
# Lets the role app_backup receive the log of every change, on the first start of an empty volume. Safe to run again by hand:
# an older volume needs it once (docs/operations/point-in-time.md).
#   max_slot_wal_keep_size  a receiver that is away must not fill this disk; beyond it the receiver has a gap and says so
set -euo pipefail

if [[ "${1:-}" == --help ]]; then
  sed -n '2,4s/^# \{0,1\}//p' "$0"
  exit 0
fi

# shellcheck source-path=SCRIPTDIR source=secret.bash
. "${BASH_SOURCE[0]%/*}/secret.bash"

PGPASSWORD=$(read_secret postgres_password)
export PGPASSWORD
host=()
# Run by hand there is a server on the network; the one of the first start answers on the socket alone.
if pg_isready -q -h 127.0.0.1; then host=(-h 127.0.0.1); fi
line='host replication app_backup all scram-sha-256'
grep -qxF "$line" "$PGDATA/pg_hba.conf" || printf '%s\n' "$line" >>"$PGDATA/pg_hba.conf"
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet "${host[@]}" --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL' >/dev/null
ALTER ROLE app_backup REPLICATION;
ALTER SYSTEM SET max_slot_wal_keep_size = '1GB';
SELECT pg_reload_conf();
SQL
echo "20-pitr.sh: app_backup may receive the log of changes"
