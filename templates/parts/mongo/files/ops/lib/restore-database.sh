# shellcheck shell=bash disable=SC2153
# The steps of ops/restore that are MongoDB's. Another kind of database brings a file of this name with the same functions:
# start_database, bring_back_roles, as_it_was, into_scratch, swap; and what its --help says of them.

# shellcheck disable=SC2034 # ops/restore's
ON_FAILURE='the live database is as it was, or what happened to it is said'
restore_words() {
  cat <<'TEXT'
The backup is restored into a server of its own and compared with its manifest, a sum of every collection; then what is live
is backed up, what writes to it stops, and its collections are replaced. What was live is the newest backup afterwards.
TEXT
}

# tools PROGRAM ARGUMENTS…: one of MongoDB's tools as root, inside the database's container; the password is a file of its tmpfs.
tools() {
  # shellcheck disable=SC2016 # the inner shell expands them
  docker exec -i "$DB" bash -c '
    umask 077
    file=$(mktemp /tmp/.tools.XXXXXX)
    trap "rm -f $file" EXIT
    printf "password: %s\n" "$(head -n 1 /run/secrets/mongo_root_password)" >"$file"
    program=$1
    shift
    [ ! -e /run/tls/ca.crt ] || set -- --ssl --sslCAFile /run/tls/ca.crt "$@"
    "$program" --config "$file" --host "rs0/$MONGO_MEMBERS" --username root --authenticationDatabase admin "$@"' tools "$@"
}

# start_database: sets DB. A volume that is new makes root, the set and its users from the secrets, so these must be back before.
start_database() {
  local setup
  setup=$(service_of_role database-setup)
  DB=$(service_container "$DB_SERVICE") || {
    say "starting $DB_SERVICE"
    { dc up -d --no-build --wait --wait-timeout 180 "$DB_SERVICE" && dc up --no-build --exit-code-from "$setup" "$setup"; } >"$WORK/said" 2>&1 ||
      { tail -n 5 "$WORK/said" >&2; die "$DB_SERVICE does not start" "ops/logs$AT $DB_SERVICE"; }
    DB=$(service_container "$DB_SERVICE") || die "$DB_SERVICE does not run" "ops/logs$AT $DB_SERVICE"
  }
  docker exec -i "$DB" /opt/login try root <"$SECRETS/mongo_root_password" >"$WORK/said" 2>&1 ||
    die "root does not get in: $(tail -n 1 "$WORK/said")" "the volume is older than secrets/mongo_root_password: put that secret back, or ops/down$AT --volumes and restore again"
  the_server_of_then
}

# the_server_of_then: the backup's whole server, in a container without a network, its log of changes replayed; compared before anything
# of it reaches the live one.
the_server_of_then() {
  say "restoring the backup into a server of its own, and comparing"
  target_arguments
  # The image has the labels of its service on it, and would be taken for a container of it.
  RECOVERED=$(docker run -d --rm --read-only --cap-drop ALL --security-opt no-new-privileges --memory 1g --pids-limit 256 --label io.breakwater.recovery="$PROJECT" --label "$L_SERVICE=recovery" \
    --tmpfs /tmp:size=128m,mode=1777 --tmpfs /data/configdb -v /data/db "${TARGET[@]}" -v "$PASSWORD:/run/secrets/restic_password:ro" \
    -e HOME=/tmp --entrypoint sleep "$IMAGE" 86400) || die "a container for the server of then does not start" "docker run --rm $IMAGE true"
  at_exit eval "docker rm -f -v $RECOVERED >/dev/null"
  docker exec "$RECOVERED" /opt/backup/bin/recover start "$SET_ID" >"$WORK/said" 2>"$WORK/error" ||
    die "the backup cannot be restored, the live database is untouched: $(tail -n 2 "$WORK/error" | tr '\n' ' ')" "ops/restore$AT with an older backup: ops/backup-status$AT"
  docker exec "$RECOVERED" /opt/backup/bin/recover manifest >"$WORK/found"
  diff "$WORK/set/manifest-server.tsv" "$WORK/found" >"$WORK/difference" || {
    head -n 20 "$WORK/difference" >&2
    die "the backup does not hold what was backed up (< as backed up, > as restored); the live database is untouched" "ops/restore$AT with an older backup: ops/backup-status$AT"
  }
  say "it holds what was backed up: $(grep -c '^table' "$WORK/found") collections, $(awk -F '\t' '$1 == "table" { n += $3 } END { printf "%d", n }' "$WORK/found") documents, same sums"
}

# bring_back_roles: users and roles that are missing. Those that are there keep their passwords, which the secrets of today open.
bring_back_roles() {
  docker exec "$RECOVERED" /opt/backup/bin/recover users |
    tools mongorestore --archive --nsInclude admin.system.users --nsInclude admin.system.roles --nsInclude admin.system.version >"$WORK/said" 2>&1 ||
    die "the users do not come back: $(grep -m 1 Failed "$WORK/said")" "docs/operations/database.md, A user is missing"
}

as_it_was() { die "this database keeps no log that could be played to a time" "ops/restore$AT with the backup before it: ops/backup-status$AT"; }

# put DATABASE AS: copies it from the server of then; what has that name goes. A document of before a rule comes back as it was.
put() {
  docker exec "$RECOVERED" /opt/backup/bin/recover dump "$1" |
    tools mongorestore --archive --drop --stopOnError --bypassDocumentValidation --nsFrom "$1.*" --nsTo "$2.*" >"$WORK/said" 2>&1
}

# into_scratch DATABASE: beside the live one, to look at, where that is all that was asked for.
into_scratch() {
  [ -n "$INTO" ] || return 0
  say "restoring $1 into ${1}_scratch"
  put "$1" "${1}_scratch" || die "${1}_scratch could not be written: $(tail -n 2 "$WORK/said" | tr '\n' ' ')" "ops/restore$AT again"
}

# writers: containers of services that talk to the database, but of what sets it up, keeps others and saves it.
writers() {
  local service
  rows reach.tsv | awk -F '\t' -v db="$DB_SERVICE" '$2 == db && $4 == "open" { print $1 }' | sort -u | while IFS= read -r service; do
    case $(rows services.tsv | awk -F '\t' -v s="$service" '$1 == s { print $2 " " $6 }') in one-shot* | *backup | *cache | *database*) continue ;; esac
    service_container "$service" || :
  done
}

# The database that is half-way between what was live and the backup, and the backup of what was live.
HALF='' BEFORE=''

# save_what_is_live: once, before anything of it goes. What was down is started for it.
save_what_is_live() {
  [ -z "$FRESH$BEFORE" ] || return 0
  say "a backup of what is live now, before it goes"
  service_container "$BACKUP_SERVICE" >/dev/null || dc up -d --no-build "$BACKUP_SERVICE" >"$WORK/said" 2>&1 || { tail -n 5 "$WORK/said" >&2; die "$BACKUP_SERVICE does not start" "ops/logs$AT $BACKUP_SERVICE"; }
  by_hand take ||
    die "what is live now could not be backed up, and is untouched" "ops/logs$AT $BACKUP_SERVICE; where it is lost anyway: ops/down$AT --volumes, then ops/restore$AT ${SET_ID:0:8} --yes"
  BEFORE=$(vault sets | tail -n 1 | cut -f 1)
}

# stop_writers: who was stopped is written down, so that a restore after one that failed starts them as well.
stop_writers() {
  at_exit writers_again
  writers >>"$STATE/writers-stopped"
  each_writer stop
}
# each_writer stop|start: one that a deploy took away meanwhile is not missed.
each_writer() {
  local id
  while IFS= read -r id <&3; do
    ! docker inspect "$id" >/dev/null 2>&1 || docker "$1" "$id" >/dev/null
  done 3< <(sort -u "$STATE/writers-stopped")
}

# writers_again: also after a run that was cut off, but not on a database that is half-way.
writers_again() {
  if [ -n "$HALF" ]; then
    note "$ME: $HALF is neither what it was nor the backup, so what writes to it stays stopped"
    note "  next: ops/restore$AT ${SET_ID:0:8} --yes again${BEFORE:+; what was live before is the backup ${BEFORE:0:8}}"
    return 0
  fi
  [ -f "$STATE/writers-stopped" ] || return 0
  each_writer start
  rm -f -- "$STATE/writers-stopped"
}

# swap DATABASE: MongoDB renames no database, so whoever writes stops, and the live one is replaced collection by collection.
swap() {
  save_what_is_live
  stop_writers
  HALF=$1
  put "$1" "$1" || die "$1 could not be written: $(tail -n 2 "$WORK/said" | tr '\n' ' ')"
  HALF=''
  writers_again
  say "$1 is that of the backup"
}
