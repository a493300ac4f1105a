# shellcheck shell=bash disable=SC2034
# How PostgreSQL is restored for a drill, into a throw-away server inside this container: what bin/drill asks of a database.
# shellcheck source-path=SCRIPTDIR source=postgres.sh
. "$BIN/postgres.sh"
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

# roles SERVER: what the dump grants to must exist. A role that is there already is no problem; any other complaint is.
roles() {
  psql -X -q -d postgres -f "$SET/globals$(suffix "$1").sql" 2>&1 >/dev/null | grep -E 'ERROR|FATAL' | grep -v 'already exists' >/tmp/run/roles || :
  [ ! -s /tmp/run/roles ] || fail "the roles do not come back" /tmp/run/roles
}

restore_database() {
  local name=$1 database dump
  database=$(database_of "$name")
  dump=$(dump_of "$SET_TIME" "$name")
  [ -n "$dump" ] || fail "the dump of $name is missing"
  room_for "$ROOM" "$dump"
  must "$name cannot be made" psql -X -q -v ON_ERROR_STOP=1 -v db="$database" -d postgres -f "$SET/create-$name.sql"
  quiet_restic dump "$dump" "/$name.dump" 2>/tmp/run/dump | pg_restore --exit-on-error -d "$database" 2>/tmp/run/restore ||
    { cat /tmp/run/dump >>/tmp/run/restore; fail "$name cannot be restored" /tmp/run/restore; }
  must "$name cannot be compared" psql -X -q -d "$database" -f "$BIN/manifest.sql" >/tmp/run/found
  diff "$SET/manifest-$name.tsv" /tmp/run/found >/tmp/run/difference || fail "$name came back different from what was backed up" /tmp/run/difference
}

# rehearse: restores $SET, a server after the other, and compares with its manifests.
rehearse() {
  local server name
  for server in $(while IFS= read -r name; do server_of "$name"; done <"$SET/databases" | sort -u); do
    SUPERUSER=$(sed -n "s/^superuser$(suffix "$server")=//p" "$SET/facts")
    start_server
    roles "$server"
    while IFS= read -r name; do
      [ "$(server_of "$name")" != "$server" ] || restore_database "$name"
    done <"$SET/databases"
  done
  rehearsal_gone
}
