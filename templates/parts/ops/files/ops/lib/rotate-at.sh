# shellcheck shell=bash
# Where a value lives besides its file: a role of PostgreSQL, a user of Redis.

# find_admin SERVICE ROLE SECRET: the password of the role that may change others, into ADMIN. Tried are the file, what
# a rotation of it was about to make, and what the container was started with.
find_admin() {
  local id candidate held
  LINES=()
  lines_of "$SECRETS/$3"
  set -- "$1" "$2" "$3" "${LINES[@]}"
  [ ! -d "$SECRETS/.rotate/$3" ] || { first_of "$SECRETS/.rotate/$3/new"; set -- "$@" "$VALUE"; }
  id=$(service_container "$1") || die "$1 does not run" "ops/up$AT"
  held=$(docker exec "$id" cat "$(seen_at "$3" "$1")" 2>/dev/null || :)
  set -- "$@" "${held%%$'\n'*}"
  for candidate in "${@:4}"; do
    plain_value "$candidate" || continue
    ADMIN=$candidate
    ! postgres_takes "$1" "$2" "$ADMIN" || return 0
  done
  return 1
}

# admin_gets_in: before anything is begun.
admin_gets_in() {
  local at as
  IFS=: read -r _ at _ as <<<"$ROTATE"
  find_admin "$at" "$(admin_of "$as")" "$as" || die "$as does not log in, so nobody can change $NAME" "put its old file back, or ops/secrets rotate$AT $as --force"
}

# admin_of SECRET: whose it is.
admin_of() { rows secrets.tsv | awk -F '\t' -v s="$1" '$1 == s { split($7, part, ":"); print part[3] }'; }

# change_role SERVICE ADMIN-ROLE ROLE: \password has psql hash the value itself, so the server's log, its statistics and
# its list of activity never hold it.
change_role() {
  local status=0
  printf '\\password "%s"\n%s\n%s\n' "$3" "$NEW" "$NEW" | at_postgres "$1" "$2" "$ADMIN" || status=$?
  [ "$status" -eq 0 ] || { cat "$WORK/said" >&2; die "$1 did not change the password of $3" "ops/secrets rotate$AT $NAME"; }
}

# change_offline SERVICE ROLE: nobody gets in any more. PostgreSQL alone on its files asks nobody for a password.
change_offline() {
  local began=$SECONDS
  [ -n "$FORCE" ] || die "no password that is left logs in as $2" "put the old file of it back, or ops/secrets rotate$AT $NAME --force (stops $1 for some seconds)"
  say "  no password that is left logs in as $2: $1 stops, and changes it without one"
  dc stop "$1" >"$WORK/up" 2>&1 </dev/null || { cat "$WORK/up" >&2; die "$1 did not stop" "ops/logs$AT $1"; }
  # shellcheck disable=SC2016 # the container's shell expands it
  printf 'ALTER ROLE "%s" PASSWORD '"'%s'"';\n' "$2" "$NEW" |
    dc run --rm --no-deps -T --entrypoint bash "$1" -c 'exec postgres --single -D "$PGDATA" postgres' >"$WORK/said" 2>&1 || :
  { docker start "$(made_container "$1")" && until_well 120 "$1"; } >"$WORK/up" 2>&1 || { cat "$WORK/up" >&2; die "$1 did not start again" "ops/logs$AT $1"; }
  say "  $1: was away for up to $((SECONDS - began)) s"
  postgres_takes "$1" "$2" "$NEW" || die "$1 did not take the new password of $2" "ops/secrets rotate$AT $NAME --force"
}

rotate_postgres() {
  local at role as admin
  IFS=: read -r _ at role as <<<"$ROTATE"
  admin=$(admin_of "$as")
  [ -n "$admin" ] || die "ops/data/secrets.tsv: $NAME is changed as '$as', which is no secret of a role" "git checkout -- ops/data"
  offer
  reached offered "readers know the new value beside the old one"
  sleep "$GRACE"
  if find_admin "$at" "$admin" "$as"; then
    change_role "$at" "$admin" "$role"
  else
    [ "$as" = "$NAME" ] || die "$as does not log in, so nobody can change $NAME" "put its old file back, or ops/secrets rotate$AT $as --force"
    change_offline "$at" "$role"
  fi
  reached changed "$at knows the new value alone"
  adopt
  reached adopted "the file holds the new value"
  readers
  proven
}

# load_acl SERVICE ACL PASSWORD…: the ACL in which these passwords are good. Redis reads it again without a restart; one
# that cannot (it sees another file, or knows none of the passwords) is made again.
load_acl() {
  local at=$1 acl=$2 derive source password status=0
  shift 2
  derive=$(rows secrets.tsv | awk -F '\t' -v s="$acl" '$1 == s { print $4 }')
  rewrite "$SECRETS/$acl" "$(derived "$derive" "$NAME" "$@")"
  holds "$at" "$acl" || status=$?
  if [ "$status" -eq 1 ]; then renew "$at"; return 0; fi
  # The user app alone may load it.
  source=${derive#*:}
  source=${source%%:*}
  if [ "$source" = "$NAME" ]; then LINES=("$NEW" "$OLD"); else lines_of "$SECRETS/$source"; fi
  for password in "${LINES[@]}"; do
    plain_value "$password" || continue
    ! at_redis "$at" app "$password" 'ACL LOAD' || return 0
  done
  renew "$at"
}

rotate_redis() {
  local at acl
  IFS=: read -r _ at _ <<<"$ROTATE"
  acl=$(rows secrets.tsv | awk -F '\t' -v at="$at" '$4 ~ /^redis-acl:/ && index("," $5 ",", "," at ",") && !n++ { print $1 }')
  [ -n "$acl" ] || die "ops/data/secrets.tsv: $at reads no ACL" "git checkout -- ops/data"
  load_acl "$at" "$acl" "$OLD" "$NEW"
  reached changed "$at takes the old value and the new one"
  adopt
  reached adopted "the file holds the new value"
  readers
  # Who read the old value a moment ago may still be on the way with it.
  sleep "$GRACE"
  load_acl "$at" "$acl" "$NEW"
  proven
}
