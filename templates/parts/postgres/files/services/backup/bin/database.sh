# shellcheck shell=bash disable=SC2034
# How PostgreSQL is backed up: what bin/take asks of a database. Another kind of database brings a file of this name with the same functions.
# shellcheck source-path=SCRIPTDIR source=postgres.sh
. "$BIN/postgres.sh"

# What is counted, as people call it.
THINGS=tables ROWS_OF=rows
HOLDER=''

# database_open: lets us in, and lists what there is into $SET/databases.
database_open() {
  log_in /tmp/run
  must "the database does not let us in (an older volume? docs/operations/backup-database.md, The role)" databases >"$SET/databases"
  must "the database does not say who made it" first_role >/tmp/run/superuser
  [ -s "$SET/databases" ] || fail "there is no database to back up"
}

# database_save: everything in it, and a manifest of each database; ids of snapshots into SAVED.
database_save() {
  local database
  while IFS= read -r database; do save_database "$database"; done <"$SET/databases"
  save_base
}

# database_rest: what belongs to the server and to no database. database_facts: lines for the file of that name.
database_rest() { must "the roles cannot be read" globals >"$SET/globals.sql"; }
database_facts() { printf 'superuser=%s\n' "$(cat /tmp/run/superuser)"; }
# database_release: when a run ends, however it does. database_kept: when the backup is whole.
database_release() { release; }
database_kept() { drop_received; }

# hold DATABASE: a transaction that stays open while manifest and dump read, so that both see the same instant. Sets SNAPSHOT.
hold() {
  local patience=300
  rm -f /tmp/run/open
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

save_database() {
  local database=$1 id
  case $database in *[!A-Za-z0-9_-]* | -*) fail "the database name '$database' is not one of letters, digits, _ and -" ;; esac
  hold "$database"
  must "$database cannot be read" manifest_in "$database" >"$SET/manifest-$database.tsv"
  must "$database cannot be described" creation_of "$database" >"$SET/create-$database.sql"
  # Not compressed: restic finds what did not change since yesterday, and compresses what did.
  must "the dump of $database failed, nothing of it was kept" quiet_restic backup --json --time "$TIME" --host backup --tag dump \
    --stdin-filename "/$database.dump" --stdin-from-command -- \
    "$BIN/dump" --format=custom --compress=0 --snapshot="$SNAPSHOT" --lock-wait-timeout=300000 "$database" >/tmp/run/summary
  id=$(jq -r 'select(.message_type == "summary") | .snapshot_id' /tmp/run/summary)
  [ -n "$id" ] || fail "restic did not say which snapshot holds the dump of $database"
  SAVED+=("$id")
  release
}

# save_base: the files of the server, onto which the log of changes can be played.
save_base() {
  local id first
  [ -n "${BACKUP_PITR:-}" ] || return 0
  first=$($ROWS -d postgres -c 'SELECT pg_walfile_name(pg_current_wal_lsn())')
  must "the base for points in time failed (an older volume? docs/operations/point-in-time.md)" quiet_restic backup --json --time "$TIME" --host backup --tag base \
    --stdin-filename /base.tar --stdin-from-command -- "$BIN/base" >/tmp/run/summary
  id=$(jq -r 'select(.message_type == "summary") | .snapshot_id' /tmp/run/summary)
  [ -n "$id" ] || fail "restic did not say which snapshot holds the base"
  SAVED+=("$id")
  BASE=$first
}

# drop_received: what lies before the base before this one is in the repository, and no saved log has to hold it again.
drop_received() {
  local before file
  [ -n "${BASE:-}" ] || return 0
  before=$(state_get last-base first)
  state_put last-base "time=$STARTED" "first=$BASE"
  [ -n "$before" ] || return 0
  for file in "$WAL"/0*; do
    if [ -f "$file" ] && [[ "$(basename -- "$file")" < "$before" ]]; then rm -f -- "$file"; fi
  done
}
