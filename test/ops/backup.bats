#!/usr/bin/env bats
# shellcheck disable=SC2034,SC2030,SC2031 # the variables are the programs'
load project

setup() {
  backup_project
  # What other answers bring has tests of its own.
  rm -r ops/lib/backup-s3.sh services/db
  printf 'backup\tlong-running\tdata\t-\t64\tbackup\t-\t-\t-\n' >>ops/data/services.tsv
  printf 'restic_password\thex\t32\t-\tbackup\topens the backups\n' >>ops/data/secrets.tsv
  echo 'listen 8443;' >nginx/https.conf
}

# good NAME HOURS: a run that was good so many hours ago.
good() {
  printf 'time=%s\nset=%s\ntables=3\nrows=70\nseconds=2\n' "$(($(date +%s) - $2 * 3600))" abcdef0123 >"state/backup/last-$1"
  printf 'time=%s\nresult=good\nmessage=good\n' "$(($(date +%s) - $2 * 3600))" >"state/backup/last-$1-attempt"
}
started() { # HOURS ago
  mkdir -p state/backup
  echo "time=$(($(date +%s) - $1 * 3600))" >state/backup/first-start
}
ready() {
  ops/secrets init >/dev/null
  ops/tls init >/dev/null
  started 1
}

@test "PROD-11 folders: open for the service's user below closed ones, and the group is yours" {
  ready
  [ "$(stat -c %a state state/host state/backup backups backups/repository backups/repository/data/ff | tr '\n' ' ')" = '700 755 2777 700 2777 2777 ' ]
  install -d -m 0700 backups/repository/brought && install -m 0600 /dev/null backups/repository/brought/back
  ops/tls renew --force
  [ "$(stat -c %a backups/repository/brought backups/repository/brought/back | tr '\n' ' ')" = '2777 644 ' ]
}

@test "PROD-11 what is staged: settings, secrets, certificates, configuration; no lock; readable by no other user of the host" {
  ready
  tar -tf state/host/host.tar >list
  for file in env secrets/restic_password secrets/db_app_password tls/ca/ca.key tls/edge/server.crt nginx/https.conf compose.yaml; do grep -qx "$file" list; done
  run ! grep -q '\.lock' list
  [ "$(stat -c %a state state/host/host.tar | tr '\n' ' ')" = '700 444 ' ]
  [ "$(tar -xOf state/host/host.tar secrets/restic_password)" = "$(cat secrets/restic_password)" ]
  [ -z "$(find state -name '.stage*')" ]
}

@test "PROD-11 a changed secret that is in no backup is a finding, and ops/backup takes it in" {
  ready
  good backup 1
  good drill 1
  FAKE_RUNNING=cafe FAKE_SETS='abcdef0123\t2026-01-02T02:00:00Z\n' run -0 ops/backup-status
  rm -f secrets/db_app_password
  printf '%064d' 4 >secrets/db_app_password
  FAKE_RUNNING=cafe FAKE_SETS='abcdef0123\t2026-01-02T02:00:00Z\n' run -3 ops/backup-status
  [[ "$output" == *"FINDING  settings, secrets or certificates changed, and no backup will hold them — ops/backup" ]]
  FAKE_RUNNING=cafe run -0 ops/backup
  [ "$(tar -xOf state/host/host.tar secrets/db_app_password)" = "$(cat secrets/db_app_password)" ]
  FAKE_RUNNING=cafe FAKE_SETS='abcdef0123\t2026-01-02T02:00:00Z\n' run -0 ops/backup-status
}

@test "PROD-11 status: 26 hours and 8 days, and as long for a new project" {
  ready
  export FAKE_RUNNING=cafe FAKE_SETS='abcdef0123\t2026-01-02T02:00:00Z\n'
  run -0 ops/backup-status
  [[ "$output" == *"last good backup: none yet"* ]]
  started 27
  run -3 ops/backup-status
  [[ "$output" == *"FINDING  there is no good backup since the first start, 27 hours ago — ops/backup"* && "$output" != *"good drill since"* ]]
  good backup 25
  good drill 191
  run -0 ops/backup-status
  [[ "$output" == *"25 hours ago, abcdef01: 3 tables, 70 rows, 2 s"*"2 MiB, 1 backups"* ]]
  good backup 27
  good drill 193
  run -3 ops/backup-status
  [[ "$output" == *"the last good backup was 27 hours ago, more than 26 hours — ops/backup"*"the last good drill was 193 hours ago, more than 8 days — ops/drill"* ]]
}

@test "PROD-11 status: a failed run, a stopped service, a repository that does not open, one JSON document" {
  ready
  good backup 1
  good drill 1
  printf 'time=1\nresult=failed\nmessage=the "disk" is full\n' >state/backup/last-backup-attempt
  echo id=1 >state/backup/repository
  FAKE_RUNNING=cafe FAKE_SETS_ERROR='Fatal: wrong password' run -3 ops/backup-status --json
  [[ "$output" == '{"ok":false,"project":"opsfix","backup":{'*'"last_attempt":"failed"'*'"what":"the last backup failed: the \"disk\" is full"'*'does not open: Fatal: wrong password'*']}' ]]
  run -3 ops/backup-status
  [[ "$output" == *"FINDING  the service backup does not run — ops/up --production"* ]]
}

@test "backup and drill pass on how it ended, with the next command" {
  ready
  for script in backup drill; do
    FAKE_RUNNING=cafe run -0 ops/$script
    [[ "$output" == *"ran "* ]]
    FAKE_RUNNING=cafe FAKE_EXEC=75 run -75 ops/$script
    FAKE_RUNNING=cafe FAKE_EXEC=1 run -1 ops/$script
    [[ "$output" == *"next: ops/"* ]]
    run -1 ops/$script
    [[ "$output" == *"does not run"*"next: ops/up --production"* ]]
  done
}

@test "PROD-12 restore refuses before it touches anything, and says what is needed" {
  run -1 ops/restore --yes
  [[ "$output" == *"secrets/restic_password is missing"* ]]
  ready
  run -1 ops/restore --yes
  [[ "$output" == *"there is no repository at backups/repository"* ]]
  echo x >backups/repository/config
  FAKE_SETS_ERROR='Fatal: wrong password or no key found' run -1 ops/restore --yes
  [[ "$output" == *"the password does not open backups/repository"* ]]
  run -1 ops/restore --yes
  [[ "$output" == *"there is no whole backup"* ]]
  FAKE_SETS='abcdef0123\t2026-01-02T02:00:00Z\n' run -1 ops/restore fade --yes
  [[ "$output" == *"no backup is called 'fade'"* ]]
  for arguments in 'xyz' '--into live' '--into scratch --yes' '../x'; do
    # shellcheck disable=SC2086 # several arguments
    run -2 ops/restore $arguments
  done
}

@test "ISO-6 an instance has a repository of its own, and one that says nothing of it is refused" {
  ops/instance new staging
  grep -qx 'BACKUP_DIR=./instances/staging/backups' instances/staging/.env
  ops/secrets init --instance staging
  [ -d instances/staging/backups/repository ] && [ -f instances/staging/state/host/host.tar ]
  [ ! -e backups ]
  sed -i '/^BACKUP_DIR=/d' instances/staging/.env
  run -1 ops/backup --instance staging
  [[ "$output" == *"echo BACKUP_DIR=./instances/staging/backups >>instances/staging/.env"* ]]
}

@test "each explains itself and refuses what it does not know" {
  for script in backup backup-status drill restore; do
    run -0 ops/$script --help
    [[ "$output" == usage:* && "$output" == *"exit codes:"* ]]
    run -2 ops/$script --no-such-option
  done
}

# due NAME SCHEDULE NOW, by the scheduler's own function.
due() { BACKUP_STATE=$PWD/state/backup BACKUP_SCHEDULE_LIBRARY=yes bash -c '. "$0/schedule"; due "$1" "$2" "$3"' "$BIN" "$1" "$2" "$(date -u -d "$3" +%s)"; }
at() { date -u -d "$1" +%s; }

@test "PROD-11 the schedule: due once after its time, again after downtime, a failed one after an hour" {
  mkdir -p state/backup
  echo "time=$(at '2026-11-20 12:00')" >state/backup/first-start
  run ! due backup 02:00 '2026-11-20 13:00'
  run ! due backup 02:00 '2026-11-21 01:59'
  due backup 02:00 '2026-11-21 02:00'
  printf 'time=%s\nresult=good\n' "$(at '2026-11-21 02:00')" >state/backup/last-backup-attempt
  run ! due backup 02:00 '2026-11-21 02:01'
  run ! due backup 02:00 '2026-11-22 01:59'
  due backup 02:00 '2026-11-24 17:00'
  printf 'time=%s\nresult=failed\n' "$(at '2026-11-24 17:00')" >state/backup/last-backup-attempt
  run ! due backup 02:00 '2026-11-24 17:59'
  due backup 02:00 '2026-11-24 18:00'
}

@test "PROD-12 the weekly schedule, and words that are none" {
  mkdir -p state/backup
  echo "time=$(at '2026-11-01 12:00')" >state/backup/first-start
  printf 'time=%s\nresult=good\n' "$(at '2026-11-15 03:30')" >state/backup/last-drill-attempt
  run ! due drill 'Sun 03:30' '2026-11-21 23:59'
  run ! due drill 'Sun 03:30' '2026-11-22 03:29'
  # Without a backup a drill would fail, and the new project be ill for a week.
  run ! due drill 'Sun 03:30' '2026-11-22 03:30'
  echo "time=$(at '2026-11-22 02:00')" >state/backup/last-backup
  due drill 'Sun 03:30' '2026-11-22 03:30'
  for bad in 24:00 2:00 'Someday 02:00' '0 2 * * *' '' 'Sun'; do
    run -1 env BACKUP_STATE="$PWD" BACKUP_SCHEDULE_LIBRARY=yes bash -c '. "$0/schedule"; last_due "$1" 1795269801' "$BIN" "$bad"
  done
}

@test "PROD-11 health: ages, grace, a failed drill" {
  health() { BACKUP_STATE=$PWD/state/backup BACKUP_MAX_AGE_HOURS=26 BACKUP_MAX_DRILL_DAYS=8 "$BIN/health"; }
  mkdir -p state/backup
  run -1 health
  started 25
  run -0 health
  started 27
  run -1 health
  [[ "$output" == *"no good backup for 27 hours"* ]]
  good backup 25
  run -0 health
  good drill 193
  run -1 health
  good drill 191
  run -0 health
  printf 'time=1\nresult=failed\nmessage=came back different\n' >state/backup/last-drill-attempt
  run -1 health
  [[ "$output" == *"came back different"* ]]
}

@test "PROD-12 a time: only with points in time, one spelling, no backup beside it" {
  ready
  run -1 ops/restore --to-time 2026-01-02T03:04:05Z
  [[ "$output" == *"keeps no log of changes"* ]]
  for bad in '2026-01-02 03:04:05' yesterday 2026-01-02T03:04:05 2026-01-02T03:04:05+01:00; do run -2 ops/restore --to-time "$bad"; done
  run -2 ops/restore abcdef --to-time 2026-01-02T03:04:05Z
  mkdir -p services/db/init && touch services/db/init/20-pitr.sh
  echo x >backups/repository/config
  FAKE_SETS='abcdef0123\t2026-01-02T03:04:06Z\n' run -1 ops/restore --to-time 2026-01-02T03:04:05Z --yes
  [[ "$output" == *"no backup is older than 2026-01-02T03:04:05Z"* ]]
}

@test "PROD-11 status of points in time: not received, not saved, a gap" {
  ready
  good backup 1
  good drill 1
  mkdir -p services/db/init && touch services/db/init/20-pitr.sh
  export FAKE_RUNNING=cafe FAKE_SETS='abcdef0123\t2026-01-02T02:00:00Z\n'
  echo "time=$(date +%s)" | tee state/backup/last-base >state/backup/last-wal
  run -0 ops/backup-status
  echo "time=$(($(date +%s) - 1000))" >state/backup/last-wal
  run -3 ops/backup-status
  [[ "$output" == *"the log of changes was last saved 16 minutes ago"* ]]
  echo "time=$(date +%s)" | tee state/backup/gap >state/backup/last-wal
  rm state/backup/last-base
  printf 'time=1\nresult=failed\nmessage=nobody answers\n' >state/backup/receiver
  run -3 ops/backup-status
  [[ "$output" == *"has a gap up to "*"not received: nobody answers"* ]]
}

@test "PROD-11 health of points in time: half an hour without a save" {
  started 1
  good backup 1
  good drill 1
  health() { BACKUP_PITR=yes BACKUP_STATE=$PWD/state/backup BACKUP_MAX_AGE_HOURS=26 BACKUP_MAX_DRILL_DAYS=8 "$BIN/health"; }
  run -1 health
  echo "time=$(($(date +%s) - 1700))" >state/backup/last-wal
  run -0 health
  echo "time=$(($(date +%s) - 1900))" >state/backup/last-wal
  run -1 health
  [[ "$output" == *"was not saved for 31 minutes"* ]]
}

@test "PROD-11 health of points in time: five minutes in which nothing is received" {
  started 1
  good backup 1
  good drill 1
  health() { BACKUP_PITR=yes BACKUP_STATE=$PWD/state/backup BACKUP_MAX_AGE_HOURS=26 BACKUP_MAX_DRILL_DAYS=8 "$BIN/health"; }
  echo "time=$(date +%s)" >state/backup/last-wal
  printf 'since=%s\nresult=failed\nmessage=nobody answers\n' "$(($(date +%s) - 200))" >state/backup/receiver-product
  run -0 health
  printf 'since=%s\nresult=failed\nmessage=nobody answers\n' "$(($(date +%s) - 400))" >state/backup/receiver-product
  run -1 health
  [[ "$output" == *"is not received: nobody answers"* ]]
  # Of a version that did not say since when.
  printf 'result=failed\nmessage=nobody answers\n' >state/backup/receiver-product
  run -0 health
  [ -z "$output" ]
  printf 'result=good\nmessage=good\n' >state/backup/receiver-product
  run -0 health
}

@test "PROD-12 a drill that would fill the disk does not begin" {
  mkdir fake
  printf '#!/bin/sh\necho "{\\"total_size\\":$BYTES}"\n' >fake/restic
  printf '#!/bin/sh\nprintf "a b c d\\nx 1 1 1024 1\\n"\n' >fake/df
  chmod +x fake/*
  # Of one MiB that is free, half may be the dump's.
  for case in 0:524288 1:525312; do
    run "-${case%:*}" env PATH="$PWD/fake:$PATH" BYTES="${case#*:}" bash -c '. "$1/lib.sh"; fail() { echo "$1"; exit 1; }; room_for / id' - "$BIN"
  done
  [[ "$output" == *"1 MiB are free for the throw-away server"* ]]
}

@test "SHOP-8 a backup logs in with the second password while the first is refused" {
  printf 'old\nnew\n' >"$BATS_TEST_TMPDIR/db_backup_password"
  mkdir -p "$BATS_TEST_TMPDIR/room" fake
  # Takes one of them.
  cat >fake/psql <<'END'
#!/bin/sh
grep -q "$TAKEN" "$PGPASSFILE"
END
  chmod +x fake/psql
  for TAKEN in old new; do
    TAKEN=$TAKEN PATH=$PWD/fake:$PATH SECRETS=$BATS_TEST_TMPDIR DB_HOST=db DB_PORT=5432 BACKUP_DB_USER=app_backup run -0 \
      bash -c 'set -euo pipefail; . "$1/postgres.sh"; log_in "$2"; cat "$2/pgpass"' - "$BIN" "$BATS_TEST_TMPDIR/room"
    [ "$output" = "*:*:*:*:$TAKEN" ]
  done
}

@test "SHOP-9 several servers are found by their variables, each with its password, and what is saved bears the name" {
  printf 'one' >"$BATS_TEST_TMPDIR/order_db_backup_password"
  printf 'two' >"$BATS_TEST_TMPDIR/product_db_backup_password"
  printf 'three' >"$BATS_TEST_TMPDIR/db_backup_password"
  cat >seen <<'SH'
set -euo pipefail
WAL=/backup/wal SECRETS=$BATS_TEST_TMPDIR
. "$BIN/postgres.sh"
for server in $(servers); do
  log_in "$BATS_TEST_TMPDIR" "$server"
  echo "$server $PGHOST:$PGPORT ${PGSSLMODE:-plain} $(cut -d : -f 5 <"$PGPASSFILE") $(named "$server" app) globals$(suffix "$server").sql $(wal_of "$server")"
done
echo "$(server_of product.app) $(database_of product.app) $(server_of app) $(database_of app)"
SH
  export BIN BACKUP_DB_USER=app_backup
  PRODUCT_DB_HOST=product-db PRODUCT_DB_PORT=5432 ORDER_DB_HOST=order-db ORDER_DB_PORT=5432 ORDER_DB_CA_FILE=/run/trust/ca.crt run -0 bash seen
  [ "${lines[0]}" = 'order order-db:5432 verify-full one order.app globals-order.sql /backup/wal/order' ]
  [ "${lines[1]}" = 'product product-db:5432 plain two product.app globals-product.sql /backup/wal/product' ]
  [ "${lines[2]}" = 'product app - app' ]
  # One server has no name, and what was saved before there were names is what it was.
  DB_HOST=db DB_PORT=5432 run -0 bash seen
  [ "${lines[0]}" = '- db:5432 plain three app globals.sql /backup/wal' ]
}
