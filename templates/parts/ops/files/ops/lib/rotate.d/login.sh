# shellcheck shell=bash
# A login of a service that knows its own: /opt/login in its image says whether a value gets in, and gives it another one.
# There is one value at a time, so readers take the second line of their file when the first is refused. Some have another way in for
# --force, where nobody's password is right any more: "login force".

# login_at SERVICE VERB USER VALUE: what it says is in $WORK/said.
login_at() {
  local id
  id=$(service_container "$1") || { echo "$1 does not run" >"$WORK/said"; return 2; }
  printf '%s\n' "$4" | docker exec -i "$id" /opt/login "$2" "$3" >"$WORK/said" 2>&1
}

takes_login() { # ROTATE VALUE
  local at user
  IFS=: read -r _ at user <<<"$1"
  login_at "$at" try "$user" "$2"
}

rotate_login() {
  local at user
  IFS=: read -r _ at user <<<"$ROTATE"
  offer
  reached offered "readers know the new value beside the old one"
  sleep "$GRACE"
  login_at "$at" set "$user" "$NEW" || { [ -n "$FORCE" ] && login_at "$at" force "$user" "$NEW"; } ||
    { cat "$WORK/said" >&2; die "$at did not change the login $user" "ops/secrets rotate$AT $NAME --force"; }
  reached changed "$at knows the new value alone"
  adopt
  reached adopted "the file holds the new value"
  readers
  proven
}
