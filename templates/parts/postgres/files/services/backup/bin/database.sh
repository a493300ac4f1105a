# shellcheck shell=bash disable=SC2034
# How PostgreSQL is backed up: what bin/take asks of a database. Another kind of database brings a file of this name with the same functions.
# shellcheck source-path=SCRIPTDIR source=postgres.sh
. "$BIN/postgres.sh"

# What is counted, as people call it.
THINGS=tables ROWS_OF=rows
HOLDER=''

# database_open: lets us in, and lists what there is into $SET/databases.
database_open() {
  local server database
  for server in $(servers); do
    log_in /tmp/run "$server"
    must "the database$(words_of "$server") does not let us in (an older volume? docs/operations/backup-database.md, The role)" databases >/tmp/run/databases
    must "the database$(words_of "$server") does not say who made it" first_role >"/tmp/run/superuser$(suffix "$server")"
    [ -s /tmp/run/databases ] || fail "there is no database$(words_of "$server") to back up"
    while IFS= read -r database; do named "$server" "$database"; done </tmp/run/databases >>"$SET/databases"
  done
  [ -s "$SET/databases" ] || fail "there is no database to back up"
}
words_of() { [ "$1" = - ] || printf ' server %s' "$1"; }

# database_save: everything in it, and a manifest of each database; ids of snapshots into SAVED.
database_save() {
  local name server
  while IFS= read -r name; do
    log_in /tmp/run "$(server_of "$name")"
    save_database "$name"
  done <"$SET/databases"
  for server in $(servers); do
    log_in /tmp/run "$server"
    save_base "$server"
  done
}

# database_rest: what belongs to a server and to no database. database_facts: lines for the file of that name.
database_rest() {
  local server
  for server in $(servers); do
    log_in /tmp/run "$server"
    must "the roles$(words_of "$server") cannot be read" globals >"$SET/globals$(suffix "$server").sql"
  done
}
database_facts() {
  local server
  for server in $(servers); do printf 'superuser%s=%s\n' "$(suffix "$server")" "$(cat "/tmp/run/superuser$(suffix "$server")")"; done
}
# database_release: when a run ends, however it does. database_kept: when the backup is whole.
database_release() { release; }
database_kept() { drop_received; }

# hold DATABASE: a transaction that stays open while manifest and dump read, so that both see the same instant. Sets SNAPSHOT.
hold() {
  local patience=300
  # What the last one said is no answer of this one.
  rm -f /tmp/run/open /tmp/run/instant
  mkfifo /tmp/run/open
  exec 7<>/tmp/run/open
  psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c 'BEGIN ISOLATION LEVEL REPEATABLE READ' -c 'SELECT pg_export_snapshot()' -f /tmp/run/open \
    >/tmp/run/instant 2>/tmp/run/holder 7>&- 8>&- &
  HOLDER=$!
  until [ -s /tmp/run/instant ]; do
    if ! kill -0 "$HOLDER" 2>/dev/null || [ "$patience" -eq 0 ]; then fail "$1 does not answer" /tmp/run/holder; fi
    patience=$((patience - 1))
    sleep 0.1
  done
  SNAPSHOT=$(</tmp/run/instant)
}
release() {
  [ -n "$HOLDER" ] || return 0
  kill "$HOLDER" 2>/dev/null || :
  wait "$HOLDER" 2>/dev/null || :
  HOLDER=''
  exec 7>&-
}

# The manifest's statements, in the instant that was exported.
manifest_in() {
  { printf "BEGIN ISOLATION LEVEL REPEATABLE READ;\nSET TRANSACTION SNAPSHOT '%s';\n" "$SNAPSHOT"; cat "$BIN/manifest.sql"; } |
    psql -X -q -d "$1" -f -
}

# save_database NAME: of the server that we are logged in to.
save_database() {
  local name=$1 database id
  database=$(database_of "$name")
  case $database in *[!A-Za-z0-9_-]* | -*) fail "the database name '$database' is not one of letters, digits, _ and -" ;; esac
  hold "$database"
  must "$name cannot be read" manifest_in "$database" >"$SET/manifest-$name.tsv"
  must "$name cannot be described" creation_of "$database" >"$SET/create-$name.sql"
  # Not compressed: restic finds what did not change since yesterday, and compresses what did.
  must "the dump of $name failed, nothing of it was kept" quiet_restic backup --json --time "$TIME" --host backup --tag dump \
    --stdin-filename "/$name.dump" --stdin-from-command -- \
    "$BIN/dump" --format=custom --compress=0 --snapshot="$SNAPSHOT" --lock-wait-timeout=300000 "$database" >/tmp/run/summary
  id=$(jq -r 'select(.message_type == "summary") | .snapshot_id' /tmp/run/summary)
  [ -n "$id" ] || fail "restic did not say which snapshot holds the dump of $name"
  SAVED+=("$id")
  release
}

# save_base SERVER: the files of the server, onto which the log of changes can be played.
save_base() {
  local id first
  [ -n "${BACKUP_PITR:-}" ] || return 0
  first=$($ROWS -d postgres -c 'SELECT pg_walfile_name(pg_current_wal_lsn())')
  must "the base for points in time failed (an older volume? docs/operations/point-in-time.md)" quiet_restic backup --json --time "$TIME" --host backup --tag base \
    --stdin-filename "/base$(suffix "$1").tar" --stdin-from-command -- "$BIN/base" >/tmp/run/summary
  id=$(jq -r 'select(.message_type == "summary") | .snapshot_id' /tmp/run/summary)
  [ -n "$id" ] || fail "restic did not say which snapshot holds the base"
  SAVED+=("$id")
  printf '%s\n' "$first" >"/tmp/run/base$(suffix "$1")"
}

# drop_received: what lies before the base before this one is in the repository, and no saved log has to hold it again.
drop_received() {
  local server before file
  [ -n "${BACKUP_PITR:-}" ] || return 0
  for server in $(servers); do
    before=$(state_get "last-base$(suffix "$server")" first)
    state_put "last-base$(suffix "$server")" "time=$STARTED" "first=$(cat "/tmp/run/base$(suffix "$server")")"
    [ -n "$before" ] || continue
    for file in "$(wal_of "$server")"/0*; do
      if [ -f "$file" ] && [[ "$(basename -- "$file")" < "$before" ]]; then rm -f -- "$file"; fi
    done
  done
  # There is one of every server: what bin/schedule and ops/backup-status ask.
  [ "$(servers)" = - ] || state_put last-base "time=$STARTED"
}
