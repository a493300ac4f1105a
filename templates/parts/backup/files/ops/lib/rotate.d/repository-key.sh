# shellcheck shell=bash
# The password of the backups: each one that opens the repository is a key of it. A new one is added, then the old one goes.

# key_at SERVICE VERB PASSWORD…: as services/backup/bin/key; what it says is in $WORK/said.
key_at() {
  local id verb=$2
  id=$(service_container "$1") || { echo "$1 does not run" >"$WORK/said"; return 2; }
  shift 2
  printf '%s\n' "$@" | docker exec -i "$id" /opt/backup/bin/key "$verb" >"$WORK/said" 2>&1
}

takes_repository_key() { # ROTATE PASSWORD
  local status=0
  key_at "${1#repository-key:}" try "$2" || status=$?
  case $status in
    0 | 1) return "$status" ;;
    4) return 0 ;;
    *) return 2 ;;
  esac
}

rotate_repository_key() {
  local at=${ROTATE#repository-key:} status=0
  key_at "$at" try "$OLD" || status=$?
  if [ "$status" -eq 4 ]; then
    rewrite "$SECRETS/$NAME" "$NEW"
    reached adopted "the file holds the new value; there is no backup yet that the old one opens"
    return
  fi
  key_at "$at" add "$OLD" "$NEW" || die "the repository takes no new password: $(tail -n 1 "$WORK/said")" "ops/backup-status$AT, then ops/secrets rotate$AT $NAME"
  reached offered "the repository opens with the old value and with the new one"
  # One write of the same length: restic takes the whole file for the password, and never two lines of it.
  rewrite "$SECRETS/$NAME" "$NEW"
  reached adopted "the file holds the new value"
  readers
  key_at "$at" drop "$OLD" "$NEW" || die "the repository keeps the old password: $(tail -n 1 "$WORK/said")" "ops/secrets rotate$AT $NAME"
  proven
  say "next: a copy of secrets/$NAME outside this host; the one that is there opens nothing any more"
}
