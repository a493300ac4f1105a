# shellcheck shell=bash disable=SC2034
# Shared by the programs of this image: where things are, log lines, state, locks, restic.

REPOSITORY=${RESTIC_REPOSITORY:-/backup/repository}
STATE=${BACKUP_STATE:-/backup/state}
HOST_FILES=${BACKUP_HOST_FILES:-/backup/host}
SECRETS=${BACKUP_SECRETS:-/run/secrets}
SET=/tmp/set
# With BACKUP_PITR: what was received of the log of changes.
WAL=/backup/wal
BIN=$(dirname -- "${BASH_SOURCE[0]}")
RUN_ID=${BACKUP_RUN_ID:-$(basename -- "$0")-$(date -u +%Y%m%dT%H%M%SZ)-$$}
# What log says must arrive, also from inside a command whose output goes elsewhere.
exec 3>&1
export RESTIC_REPOSITORY=$REPOSITORY RESTIC_PASSWORD_FILE=${RESTIC_PASSWORD_FILE:-$SECRETS/restic_password}
# shellcheck source-path=SCRIPTDIR source=storage.sh
. "$BIN/storage.sh"
storage_login
export RESTIC_PROGRESS_FPS=0 PGCONNECT_TIMEOUT=10

# log LEVEL MESSAGE [KEY VALUE]…: one JSON line of the log contract; numbers stay numbers. A run that somebody started by hand
# (docker exec) also tells the container's log.
log() {
  local level=$1 message=$2 line
  shift 2
  line=$(jq -cn --arg level "$level" --arg message "$message" --arg service "${SERVICE_NAME:-backup}" \
    --arg version "${APP_VERSION:-dev}" --arg id "$RUN_ID" \
    --arg timestamp "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" \
    '{timestamp: $timestamp, level: $level, service: $service, version: $version, request_id: $id, message: $message}
     + ([$ARGS.positional | range(0; length; 2) as $i | {(.[$i]): (.[$i + 1] | tonumber? // .)}] | add // {})' --args "$@")
  if [ -n "${BACKUP_BY_HAND:-}" ]; then
    printf '%s\n' "$message" >&3
    { printf '%s\n' "$line" >/proc/1/fd/1; } 2>/dev/null || :
  else
    printf '%s\n' "$line" >&3
  fi
}

# state_get FILE KEY [DEFAULT] · state_put FILE KEY=VALUE…: small files that appear whole or not at all.
state_get() {
  local value
  value=$(sed -n "s/^$2=//p" "$STATE/$1" 2>/dev/null | tail -n 1)
  printf '%s\n' "${value:-${3:-}}"
}
state_put() {
  local file=$1
  shift
  printf '%s\n' "$@" >"$STATE/.$file.new"
  mv -f -- "$STATE/.$file.new" "$STATE/$file"
}

# metrics_put: what a monitoring may read (Prometheus' text format); a new project has as long for its first ones as for later ones.
metrics_put() {
  local first failed=0
  first=$(state_get first-start time 0)
  [ "$(state_get last-drill-attempt result)" != failed ] || failed=1
  {
    printf 'breakwater_backup_last_success_timestamp_seconds %s\n' "$(state_get last-backup time "$first")"
    printf 'breakwater_drill_last_success_timestamp_seconds %s\n' "$(state_get last-drill time "$first")"
    printf 'breakwater_drill_failed %s\n' "$failed"
    printf 'breakwater_backup_repository_free_bytes %s\n' "$(df -Pk "$REPOSITORY" | awk 'NR == 2 { print $4 * 1024 }')"
  } >"$STATE/.metrics.new"
  chmod 0644 "$STATE/.metrics.new"
  mv -f -- "$STATE/.metrics.new" "$STATE/backup.prom"
}

# one_run NAME: at most one backup or drill at a time; what it made in /tmp is gone when it ends.
one_run() {
  exec 8>"$STATE/.lock"
  if ! flock -n 8; then
    log warning "another backup or drill is running, this one does nothing"
    exit 75
  fi
  NAME=$1 STARTED=$(date +%s) REASON=''
  umask 077
  rm -rf -- "$SET" /tmp/run
  mkdir -p "$SET" /tmp/run
  trap 'ended $?' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  state_put "last-$NAME-attempt" "time=$STARTED" result=running "message=it is running, or was killed"
}

# fail MESSAGE [FILE-WITH-DETAILS]: the run ends here.
fail() {
  REASON=$1
  [ -z "${2:-}" ] || REASON="$1: $(tr '\n\t' '  ' <"$2" | tail -c 600)"
  exit 1
}

ended() {
  local status=$1 took=$(($(date +%s) - STARTED))
  trap - EXIT
  cleanup || :
  rm -rf -- "$SET" /tmp/run
  if [ "$status" -eq 0 ]; then
    state_put "last-$NAME-attempt" "time=$STARTED" result=good "message=good"
  else
    REASON=${REASON:-it ended with code $status}
    state_put "last-$NAME-attempt" "time=$STARTED" result=failed "message=$REASON"
    log error "$NAME FAILED: $REASON" duration_ms $((took * 1000))
  fi
  metrics_put || :
  exit "$status"
}
cleanup() { :; }

# must MESSAGE COMMAND…: the command's own words become the reason when it fails.
must() {
  local message=$1
  shift
  "$@" 2>/tmp/run/said || fail "$message" /tmp/run/said
}

quiet_restic() { restic --no-cache --retry-lock 2m -q "$@"; }

# free_locks: those a killed restic left, also in a container that is gone, would stop every run for half an hour. one_run sees to it that
# nobody else writes; a restore that is reading keeps what it reads, unless this very run forgets that backup, and then it fails loudly.
free_locks() { quiet_restic unlock --remove-all >/dev/null 2>&1 || :; }

# open_repository: makes it on the first run; afterwards the one that was there before must be there again.
open_repository() {
  local id known status=0
  known=$(state_get repository id)
  repository_config >/tmp/run/config 2>/tmp/run/said || status=$?
  if [ "$status" -eq 4 ] && [ -z "$known" ]; then
    must "the repository cannot be made" quiet_restic init >/dev/null
    ! is_local || chmod g+r "$REPOSITORY/config"
    log info "made a new repository"
    status=0
    repository_config >/tmp/run/config 2>/tmp/run/said || status=$?
  fi
  [ "$status" -ne 4 ] || fail "the repository is gone from $(storage_words) (a new one on purpose: remove state/backup/repository)"
  [ "$status" -eq 0 ] || fail "the repository does not open" /tmp/run/said
  id=$(jq -r .id /tmp/run/config)
  [ -z "$known" ] || [ "$id" = "$known" ] || fail "this is another repository (${id:0:8}) than before (${known:0:8}): is $(storage_setting) right? (on purpose: remove state/backup/repository)"
  [ -n "$known" ] || state_put repository "id=$id"
  free_locks
}

# sets: id and time of each whole backup, oldest first.
sets() { quiet_restic snapshots --json --tag set | jq -r 'sort_by(.time)[] | "\(.id)\t\(.time)"'; }

# set_id WORD: the whole backup that "latest" or the beginning of an id means.
set_id() {
  if [ "$1" = latest ]; then sets | tail -n 1; else sets | awk -F '\t' -v w="$1" 'index($1, w) == 1'; fi | cut -f 1
}

# dump_of SET-TIME DATABASE: id of the dump that belongs to the set. Both were given the same time.
dump_of() {
  quiet_restic snapshots --json --tag dump | jq -r --arg time "$1" --arg path "/$2.dump" \
    '.[] | select(.time == $time and (.paths | index($path))) | .id' | tail -n 1
}

# room_for FOLDER DUMP-ID: twice what the dump holds, for rows and their indexes, must be free there: the live database may be on the same disk.
room_for() {
  local bytes free
  bytes=$(quiet_restic --no-lock stats --json --mode restore-size "$2" | jq .total_size) || fail "the repository does not say how large the backup is"
  free=$(df -Pk "$1" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge $((bytes * 2 / 1024)) ] || fail "$((free / 1024)) MiB are free for the throw-away server, and it may need $((bytes * 2 / 1048576)): make room (docs/operations/emergency.md, The disk is full)"
}

# keep_what_is_due: 7 daily, 4 weekly, 12 monthly whole backups, and all of the last 24 hours, so that the backup which a restore
# makes before it begins does not cost the one that is restored. Then the dumps that belong to none of them go.
# Only called after a new backup was read back, so a bad night deletes nothing.
keep_what_is_due() {
  free_locks
  must "old backups cannot be forgotten" quiet_restic forget --tag set --group-by host,tags --keep-within 1d --keep-daily 7 --keep-weekly 4 --keep-monthly 12 >/dev/null
  must "the snapshots cannot be listed" quiet_restic snapshots --json >/tmp/run/snapshots
  jq -r '([.[] | select(.tags | index("set")) | .time]) as $kept
    | .[] | select(.tags | index("dump") or index("base") or index("objects")) | select(.time as $t | $kept | index($t) | not) | .id' /tmp/run/snapshots >/tmp/run/orphans
  if [ -s /tmp/run/orphans ]; then
    # shellcheck disable=SC2046 # one argument an id
    must "dumps without a backup cannot be forgotten" quiet_restic forget $(cat /tmp/run/orphans) >/dev/null
  fi
  must "unused data cannot be removed" quiet_restic prune >/dev/null
}
