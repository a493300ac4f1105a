# shellcheck shell=bash disable=SC2153
# The steps of ops/restore that are PostgreSQL's. Another kind of database brings a file of this name with the same functions:
# start_database, bring_back_roles, as_it_was, into_scratch, swap; and what its --help says of them.
#
# A project has one server, or several with a name each; of these, what is saved bears the name: product.app is database app of product.

# shellcheck disable=SC2034 # ops/restore's
ON_FAILURE='the live database is as it was'
restore_words() {
  cat <<'TEXT'
Each database is restored beside the live one and compared with the backup's manifest, rows and checksum of every table;
only then it takes the name. The one before is kept under another name.
TEXT
}

server_of() { case $1 in *.*) printf '%s\n' "${1%%.*}" ;; *) echo - ;; esac; }
suffix() { [ "$1" = - ] || printf -- '-%s' "$1"; }
# servers: those of the backup.
servers() { while IFS= read -r database; do server_of "$database"; done <"$WORK/set/databases" | LC_ALL=C sort -u; }

# use SERVER: sets DB_SERVICE, and DB when it runs.
use() {
  [ "$1" = - ] || DB_SERVICE=$(service_providing "$1-sql")
  [ -n "$DB_SERVICE" ] || die "the backup holds rows of a server '$1', which this project does not have" "git log: was it called otherwise?"
  DB=$(service_container "$DB_SERVICE" || :)
}

# For bash in the database's container, where the superuser's password is: runs its arguments with it. A file under rotation has two
# lines: the second when the first is refused.
# shellcheck disable=SC2016 # the inner shell expands them
AS_SUPERUSER='mapfile -t lines </run/secrets/postgres_password
  export PGPASSWORD=${lines[0]}
  [ -z "${lines[1]:-}" ] || psql -X -q -h 127.0.0.1 -U postgres -d postgres -c "" >/dev/null 2>&1 </dev/null || PGPASSWORD=${lines[1]}
  exec "$@"'

# sql DATABASE [ARGUMENTS…]: psql as the superuser.
sql() {
  local database=$1
  shift
  docker exec -i "$DB" bash -c "$AS_SUPERUSER" sql \
    psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d "$database" "$@"
}

# start_database: every server. A volume that is new makes its roles from the secrets, so these must be back before.
start_database() {
  local server
  for server in $(servers); do use "$server" && start_server; done
}
start_server() {
  [ -n "$DB" ] || {
    say "starting $DB_SERVICE"
    dc up -d --no-build --wait --wait-timeout 180 "$DB_SERVICE" >"$WORK/said" 2>&1 || { tail -n 5 "$WORK/said" >&2; die "$DB_SERVICE does not start" "ops/logs$AT $DB_SERVICE"; }
    DB=$(service_container "$DB_SERVICE") || die "$DB_SERVICE does not run" "ops/logs$AT $DB_SERVICE"
  }
  sql postgres -c 'SELECT 1' >/dev/null 2>"$WORK/error" ||
    die "the superuser does not get in: $(tail -n 1 "$WORK/error")" "the volume is older than the superuser's password in secrets/: put that secret back, or ops/down$AT --volumes and restore again"
}

# bring_back_roles: those that are missing, with their settings and memberships. Roles that are there are not touched.
bring_back_roles() {
  local server
  for server in $(servers); do use "$server" && roles_of "$WORK/set/globals$(suffix "$server").sql"; done
}
roles_of() {
  sed -n 's/^CREATE ROLE "\{0,1\}\([^";]*\)"\{0,1\};$/\1/p' "$1" | LC_ALL=C sort >"$WORK/roles"
  sql postgres -c 'SELECT rolname FROM pg_roles' | LC_ALL=C sort | LC_ALL=C comm -13 - "$WORK/roles" >"$WORK/missing"
  [ -s "$WORK/missing" ] || return 0
  awk 'FILENAME == ARGV[1] { missing[$0]; next }
    { name = $3; other = $4; gsub(/[";]/, "", name); member = $0; sub(/^.* TO /, "", member); sub(/[ ;].*$/, "", member); gsub(/"/, "", member) }
    /^(CREATE|ALTER) ROLE / && name in missing || /^GRANT / && (member in missing)' "$WORK/missing" "$1" |
    sql postgres >/dev/null || die "the roles do not come back" "docs/operations/backup-database.md, Logins"
  say "roles that came back without a password: $(tr '\n' ' ' <"$WORK/missing")— docs/operations/backup-database.md, Logins"
}

# as_it_was TIME: the whole server of then, in a container without the project's networks; its databases take the place of the backup's.
as_it_was() {
  local server
  : >"$WORK/databases"
  for server in $(servers); do server_as_it_was "$1" "$server"; done
  mv -- "$WORK/databases" "$WORK/set/databases"
}
server_as_it_was() {
  local database name
  say "playing the log of changes up to $1$([ "$2" = - ] || printf ', server %s' "$2")"
  target_arguments
  # The image has the labels of its service on it, and would be taken for a container of it.
  RECOVERED=$(docker run -d --rm --read-only --cap-drop ALL --security-opt no-new-privileges --memory 768m --pids-limit 128 --label io.breakwater.recovery="$PROJECT" --label "$L_SERVICE=recovery" \
    --tmpfs /tmp:size=128m,mode=1777 -v /var/lib/postgresql/data "${TARGET[@]}" -v "$PASSWORD:/run/secrets/restic_password:ro" \
    --entrypoint sleep "$IMAGE" 86400) || die "a container for the server of then does not start" "docker run --rm $IMAGE true"
  at_exit eval "docker rm -f -v $RECOVERED >/dev/null"
  printf '%s\n' "$RECOVERED" >"$WORK/recovered$(suffix "$2")"
  docker exec "$RECOVERED" /opt/backup/bin/recover to "$1" "$2" >"$WORK/said" 2>"$WORK/error" ||
    die "$1 cannot be restored, the live database is untouched: $(tail -n 2 "$WORK/error" | tr '\n' ' ')" "docs/operations/point-in-time.md, It says no"
  [ ! -s "$WORK/said" ] || say "$(cat "$WORK/said")"
  docker exec "$RECOVERED" /opt/backup/bin/recover databases >"$WORK/of-then"
  while IFS= read -r database <&4; do
    name=$database
    [ "$2" = - ] || name=$2.$database
    printf '%s\n' "$name" >>"$WORK/databases"
    docker exec "$RECOVERED" /opt/backup/bin/recover create "$database" >"$WORK/set/create-$name.sql"
    docker exec "$RECOVERED" /opt/backup/bin/recover manifest "$database" >"$WORK/set/manifest-$name.tsv"
  done 4<"$WORK/of-then"
}

# rows_of NAME: its dump, of the backup or of the server of then.
rows_of() {
  local then
  then=$WORK/recovered$(suffix "$(server_of "$1")")
  if [ -f "$then" ]; then docker exec "$(cat "$then")" /opt/backup/bin/recover dump "${1#*.}"
  else vault dump "$SET_ID" "$1"; fi
}

# into_scratch NAME: restores beside the live one and compares with the manifest, table by table.
into_scratch() {
  local scratch=${1#*.}_scratch
  use "$(server_of "$1")"
  say "restoring $1 into $scratch"
  sql postgres -v db="$scratch" <<'SQL' >/dev/null
SET client_min_messages = warning;
DROP DATABASE IF EXISTS :"db" WITH (FORCE);
SQL
  sql postgres -v db="$scratch" >/dev/null <"$WORK/set/create-$1.sql" || die "$scratch cannot be made" "ops/logs$AT $DB_SERVICE"
  rows_of "$1" 2>"$WORK/error" |
    docker exec -i "$DB" bash -c "$AS_SUPERUSER" restore \
      pg_restore --exit-on-error -h 127.0.0.1 -U postgres -d "$scratch" 2>"$WORK/said" ||
    { sql postgres -c "DROP DATABASE IF EXISTS \"$scratch\" WITH (FORCE)" >/dev/null 2>&1 || :
      die "the dump of $1 cannot be restored, the live database is untouched: $(cat "$WORK/error" "$WORK/said" | tail -n 2 | tr '\n' ' ')" "ops/restore$AT with an older backup: ops/backup-status$AT"; }
  sql "$scratch" <"$ROOT/services/backup/bin/manifest.sql" >"$WORK/found"
  diff "$WORK/set/manifest-$1.tsv" "$WORK/found" >"$WORK/difference" || {
    head -n 20 "$WORK/difference" >&2
    die "$scratch is not what was backed up (< as backed up, > as restored); the live database is untouched" "ops/restore$AT with an older backup: ops/backup-status$AT"
  }
  say "$scratch holds what was backed up: $(grep -c '^table' "$WORK/found") tables, $(awk -F '\t' '$1 == "table" { n += $3 } END { printf "%d", n }' "$WORK/found") rows, same checksums"
}

# swap NAME: the restored one takes the name. Both renames or none; sessions of the old one end, and may come again at once.
swap() {
  use "$(server_of "$1")"
  swap_in "${1#*.}"
}
swap_in() {
  local old exists
  old=$1_before_$(date -u +%Y%m%d%H%M%S)
  exists=$(sql postgres -v db="$1" <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
  if [ -z "$exists" ]; then
    sql postgres -v db="$1" -v scratch="$1_scratch" <<<'ALTER DATABASE :"scratch" RENAME TO :"db"' >/dev/null
  else
    at_exit let_in "$1" "$DB"
    sql postgres -v db="$1" -v scratch="$1_scratch" -v old="$old" >/dev/null <<'SQL' || die "the databases could not be swapped, $1 is as it was and $1_scratch holds the backup" "ops/restore$AT again"
ALTER DATABASE :"db" ALLOW_CONNECTIONS false;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (:'db', :'scratch') AND pid <> pg_backend_pid();
BEGIN;
ALTER DATABASE :"db" RENAME TO :"old";
ALTER DATABASE :"scratch" RENAME TO :"db";
COMMIT;
SQL
    if [ -n "$FRESH" ]; then
      sql postgres -v old="$old" <<<'DROP DATABASE :"old" WITH (FORCE)' >/dev/null
    else
      say "$1 as it was until now is kept as $old"
      KEPT="$KEPT $old"
    fi
  fi
}
let_in() { DB=$2 sql postgres -v db="$1" <<<'ALTER DATABASE :"db" ALLOW_CONNECTIONS true' >/dev/null 2>&1; }
