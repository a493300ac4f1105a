# shellcheck shell=bash disable=SC2034
# How MongoDB is restored into a throw-away server inside this container: what bin/drill asks of a database. The server listens on the
# container's own loopback alone, and what a crash would lose is no loss.
# shellcheck source-path=SCRIPTDIR source=mongo.sh
. "$BIN/mongo.sh"
THINGS=collections ROWS_OF=documents
# Room on a disk, empty between drills.
ROOM=/data/db
SERVER=$ROOM/drill
SERVER_PID=''

# rehearsal_gone: nothing of a drill stays.
rehearsal_gone() {
  [ -z "$SERVER_PID" ] || { kill "$SERVER_PID" 2>/dev/null; wait "$SERVER_PID" 2>/dev/null; } || :
  SERVER_PID=''
  rm -rf -- "$SERVER"
}

start_scratch() {
  local patience=600
  rehearsal_gone
  mkdir -p "$SERVER"
  # Nothing may expire in it, or it is no longer what was backed up; and the 200 MB that an index may take by default are too much here.
  mongod --dbpath "$SERVER" --bind_ip 127.0.0.1 --port 27018 --wiredTigerCacheSizeGB 0.25 --setParameter ttlMonitorEnabled=false \
    --setParameter maxIndexBuildMemoryUsageMegabytes=100 >/tmp/run/server.log 2>&1 8>&- &
  SERVER_PID=$!
  until (: </dev/tcp/127.0.0.1/27018) 2>/dev/null; do
    if ! kill -0 "$SERVER_PID" 2>/dev/null || [ "$patience" -eq 0 ]; then fail "the throw-away server does not start" /tmp/run/server.log; fi
    patience=$((patience - 1))
    sleep 0.1
  done
}

# restore_scratch DUMP-ID: the server of the dump's moment, users and indexes included. Documents of before a rule stay as they are.
restore_scratch() {
  room_for "$ROOM" "$1"
  quiet_restic dump "$1" /server.dump 2>/tmp/run/dump | mongorestore --host 127.0.0.1:27018 --archive --oplogReplay --drop --stopOnError --bypassDocumentValidation >/tmp/run/restore 2>&1 ||
    { cat /tmp/run/dump >>/tmp/run/restore; fail "the dump cannot be restored" /tmp/run/restore; }
}

# rehearse: restores $SET, and compares with its manifest.
rehearse() {
  local dump
  dump=$(dump_of "$SET_TIME" server)
  [ -n "$dump" ] || fail "the dump is missing"
  start_scratch
  restore_scratch "$dump"
  must "what was restored cannot be read" shell manifest.js WHAT=manifest SCRATCH=yes >/tmp/run/found
  diff "$SET/manifest-server.tsv" /tmp/run/found >/tmp/run/difference || fail "the server came back different from what was backed up" /tmp/run/difference
}
