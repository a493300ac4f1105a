# shellcheck shell=bash
# MongoDB: as whom we log in, and how its shell is run. Passwords are in files of this run; a variable or an argument would show them.

# log_in FOLDER: sets DUMP, the beginning of a mongodump of the set. A file under rotation has two lines: the second when the first is refused.
log_in() {
  local password lines folder=$1
  mapfile -t lines <"$SECRETS/mongo_backup_password"
  for password in "${lines[@]}"; do
    [ -n "$password" ] || continue
    printf '%s' "$password" >"$folder/password"
    printf 'password: %s\n' "$password" >"$folder/tools.yaml"
    DUMP=(--config "$folder/tools.yaml" --host "rs0/${MONGO_MEMBERS:?}" --username "${BACKUP_DB_USER:?}" --authenticationDatabase admin)
    [ -z "${MONGO_CA_FILE:-}" ] || DUMP+=(--ssl --sslCAFile "$MONGO_CA_FILE")
    ! databases >/tmp/run/databases 2>/tmp/run/said || return 0
  done
  tail -n 3 /tmp/run/said >&2
  return 1
}

# shell SCRIPT [KEY=VALUE]…: mongosh with a script of this folder; what the script needs to know is in its environment.
shell() {
  local script=$1
  shift
  env "$@" mongosh --nodb --norc --quiet "$BIN/$script" 2>/tmp/run/shell || { tail -n 3 /tmp/run/shell >&2; return 1; }
}

# databases: those of the application, a line each.
databases() { shell manifest.js WHAT=databases "PASSWORD_FILE=/tmp/run/password"; }
