# shellcheck shell=bash
# Secrets where they live: PostgreSQL's roles, Redis' users, the containers that read them.
# Passwords travel on standard input alone. Inside the container psql gets its one as a file on a tmpfs.

# shellcheck disable=SC2034 # check says it
LIVE=''
stack_runs() {
  command -v docker >/dev/null 2>&1 && docker version >/dev/null 2>&1 && [ -n "$(container_ids)" ]
}

# plain_value VALUE: what can travel on a line of psql, redis-cli and a password file as it is.
plain_value() {
  case $1 in '' | *[!A-Za-z0-9_-]*) return 1 ;; esac
}

# at_postgres SERVICE ROLE PASSWORD: stdin goes to psql. What it says is in $WORK/said. 0 done, 1 the password was
# refused, 2 something else.
at_postgres() {
  local id status=0
  id=$(service_container "$1") || { echo "$1 does not run" >"$WORK/said"; return 2; }
  # shellcheck disable=SC2016 # the container's shell expands them
  { printf '%s\n' "$3"; cat; } | docker exec -i "$id" bash -c '
    umask 077
    IFS= read -r password
    file=$(mktemp /tmp/.pass.XXXXXX) || exit 3
    trap "rm -f $file" EXIT
    printf "*:*:*:*:%s\n" "$password" >"$file"
    unset password
    PGPASSFILE=$file psql -X -q -A -t -w -v ON_ERROR_STOP=1 -h 127.0.0.1 -U "$1" -d postgres' psql "$2" >"$WORK/said" 2>&1 || status=$?
  [ "$status" -ne 0 ] || return 0
  ! grep -q 'password authentication failed' "$WORK/said" || return 1
  # Who is let in and then not to this database has the right password.
  ! grep -q 'permission denied for database' "$WORK/said"
  case $? in 0) return 2 ;; *) return 0 ;; esac
}

# postgres_takes SERVICE ROLE PASSWORD
postgres_takes() { at_postgres "$1" "$2" "$3" <<<'select 1'; }

# at_redis SERVICE USER PASSWORD COMMAND…: 0 done, 1 the password was refused, 2 something else.
at_redis() {
  local id command=${*:4}
  id=$(service_container "$1") || { echo "$1 does not run" >"$WORK/said"; return 2; }
  printf 'AUTH %s %s\n%s\n' "$2" "$3" "$command" | docker exec -i "$id" redis-cli -s /tmp/redis.sock >"$WORK/said" 2>&1 || return 2
  ! grep -q 'WRONGPASS' "$WORK/said" || return 1
  [ "$(grep -cxE 'OK|PONG' "$WORK/said")" -eq 2 ] || return 2
}

# seen_at NAME SERVICE: where this consumer sees it; some are at one place for all, some under another name in a few (service:path,…).
seen_at() {
  rows secrets.tsv | awk -F '\t' -v n="$1" -v s="$2" '$1 == n {
    at = $10 ~ /^\// ? $10 : "/run/secrets/" n
    count = split($10, each, ",")
    for (i = 1; i <= count; i++) if (index(each[i], s ":") == 1) at = substr(each[i], length(s) + 2)
    print at }'
}

# holds SERVICE NAME: does its container see the file that is in the folder now? 0 yes, 1 another one, 2 nobody can say.
holds() {
  local id status
  id=$(service_container "$1") || return 2
  # 141: the comparison was over before the file was.
  docker exec "$id" cat "$(seen_at "$2" "$1")" 2>/dev/null | cmp -s - "$SECRETS/$2" && return 0 || status=${PIPESTATUS[0]}
  case $status in 0 | 141) return 1 ;; *) return 2 ;; esac
}

# lives_in ROTATE SERVICE: a server of roles reads these files on its first start only, so an old one in there does no harm.
lives_in() {
  case $1 in "postgres-role:$2:"*) return 0 ;; *) return 1 ;; esac
}

# takes ROTATE PASSWORD: does what runs let this password in? As at_postgres; 0 where nobody can be asked.
takes() {
  local by at role
  IFS=: read -r by at role _ <<<"$1"
  case $by in
    postgres-role) postgres_takes "$at" "$role" "$2" ;;
    redis-acl) at_redis "$at" "${role:-app}" "$2" PING ;;
    file) ;;
    *) "takes_$(kind_of "$1")" "$1" "$2" ;;
  esac
}

# kind_of ROTATE: as the end of a function's name; what only one part knows is in its file of lib/rotate.d.
kind_of() {
  local kind=${1%%:*}
  kind=${kind//-/_}
  case $kind in file | postgres_role | redis_acl) ;; *) declare -F "rotate_$kind" >/dev/null || die "ops/data/secrets.tsv: unknown rotation '$1'" "git checkout -- ops/data" ;; esac
  printf '%s\n' "$kind"
}

check_live() {
  local name kind derive consumers rotate _ service status asked=0
  work_dir
  while IFS=$'\t' read -r name kind _ derive consumers _ rotate _ <&3; do
    [ -s "$SECRETS/$name" ] || continue
    [ "$kind" = derived ] || derive=$name
    status=0
    if [ "$kind" != derived ] && case $rotate in file*) false ;; esac; then
      first_of "$SECRETS/$name"
      takes "$rotate" "$VALUE" || status=$?
      case $status in
        0) asked=$((asked + 1)) ;;
        1) finding "$name does not log in: the file is newer than the volume" "put the old file back, or ops/secrets rotate$AT $name --force" ;;
        *) finding "$name could not be tried: $(sed -n 1p "$WORK/said")" "ops/health$AT" ;;
      esac
    fi
    for service in $(printf '%s' "$consumers" | tr , ' '); do
      status=0
      lives_in "$rotate" "$service" || holds "$service" "$name" || status=$?
      [ "$status" -ne 1 ] || finding "$service was started with another $name" "ops/secrets rotate$AT ${derive#*:}"
    done
  done 3< <(rows secrets.tsv)
  LIVE="$asked of them let in where they live"
}
