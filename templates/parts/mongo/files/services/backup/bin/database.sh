# shellcheck shell=bash disable=SC2034
# How MongoDB is backed up: what bin/take asks of a database. Another kind of database brings a file of this name with the same functions.
# shellcheck source-path=SCRIPTDIR source=mongo.sh
. "$BIN/mongo.sh"

# What is counted, as people call it.
THINGS=collections ROWS_OF=documents

database_open() {
  must "the database does not let us in (an older volume? docs/operations/database.md, A user is missing)" log_in /tmp/run
  cp -- /tmp/run/databases "$SET/databases"
  [ -s "$SET/databases" ] || fail "there is no database to back up"
}

# database_save: one dump of the whole server with the changes that came while it ran, so that it is the server of one moment: that of the
# last of these changes. The manifest is read as of the same moment.
database_save() {
  local id moment
  must "the dump failed, nothing of it was kept" quiet_restic backup --json --time "$TIME" --host backup --tag dump \
    --stdin-filename /server.dump --stdin-from-command -- "$BIN/dump" "${DUMP[@]}" --oplog --archive >/tmp/run/summary
  id=$(jq -r 'select(.message_type == "summary") | .snapshot_id' /tmp/run/summary)
  [ -n "$id" ] || fail "restic did not say which snapshot holds the dump"
  SAVED+=("$id")
  moment=$(cat /tmp/run/moment 2>/dev/null || :)
  case $moment in [0-9]*,[0-9]*) ;; *) fail "the dump holds no log of changes, so nobody knows of which moment it is" ;; esac
  must "the documents cannot be read as of the dump's moment" shell manifest.js WHAT=manifest "MOMENT=$moment" PASSWORD_FILE=/tmp/run/password >"$SET/manifest-server.tsv"
}

database_rest() { :; } # users and roles are in the dump
database_facts() { printf 'moment=%s\n' "$(cat /tmp/run/moment)"; }
database_release() { :; }
database_kept() { :; }
