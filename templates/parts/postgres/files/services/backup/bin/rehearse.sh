# shellcheck shell=bash disable=SC2034
# How PostgreSQL is restored for a drill, into a throw-away server inside this container: what bin/drill asks of a database.
THINGS=tables ROWS_OF=rows
# Room on a disk, empty between drills.
ROOM=/var/lib/postgresql/data
SERVER=$ROOM/drill

# rehearsal_gone: nothing of a drill stays.
rehearsal_gone() {
  [ ! -f "$SERVER/postmaster.pid" ] || pg_ctl -D "$SERVER" -m immediate -s stop || :
  rm -rf -- "$SERVER"
}

start_server() {
  rehearsal_gone
  mkdir -p /tmp/run/socket
  must "the throw-away server cannot be made" initdb -D "$SERVER" -U "$SUPERUSER" --auth-local=trust --auth-host=reject --no-sync >/dev/null
  # Reachable through a socket in this container only; what a crash would lose is no loss.
  must "the throw-away server does not start" pg_ctl -D "$SERVER" -s -w -t 60 -l /tmp/run/server.log \
    -o "-c listen_addresses='' -c unix_socket_directories=/tmp/run/socket -c shared_buffers=64MB -c fsync=off -c full_page_writes=off -c max_wal_size=256MB" start 8>&-
  unset PGPASSFILE PGPORT
  export PGHOST=/tmp/run/socket PGUSER=$SUPERUSER
}

# roles: what the dump grants to must exist. A role that is there already is no problem; any other complaint is.
roles() {
  psql -X -q -d postgres -f "$SET/globals.sql" 2>&1 >/dev/null | grep -E 'ERROR|FATAL' | grep -v 'already exists' >/tmp/run/roles || :
  [ ! -s /tmp/run/roles ] || fail "the roles do not come back" /tmp/run/roles
}

restore_database() {
  local database=$1 dump
  dump=$(dump_of "$SET_TIME" "$database")
  [ -n "$dump" ] || fail "the dump of $database is missing"
  must "$database cannot be made" psql -X -q -v ON_ERROR_STOP=1 -v db="$database" -d postgres -f "$SET/create-$database.sql"
  quiet_restic dump "$dump" "/$database.dump" 2>/tmp/run/dump | pg_restore --exit-on-error -d "$database" 2>/tmp/run/restore ||
    { cat /tmp/run/dump >>/tmp/run/restore; fail "$database cannot be restored" /tmp/run/restore; }
  must "$database cannot be compared" psql -X -q -d "$database" -f "$BIN/manifest.sql" >/tmp/run/found
  diff "$SET/manifest-$database.tsv" /tmp/run/found >/tmp/run/difference || fail "$database came back different from what was backed up" /tmp/run/difference
}

# rehearse: restores $SET, and compares with its manifests.
rehearse() {
  local database
  SUPERUSER=$(sed -n 's/^superuser=//p' "$SET/facts")
  start_server
  roles
  while IFS= read -r database; do restore_database "$database"; done <"$SET/databases"
}
