# shellcheck shell=bash
# Where the repository is: a folder, or S3-compatible object storage (RESTIC_REPOSITORY=s3:https://…).

STORAGE=${TMPDIR:-/tmp}/.storage

is_local() { case $REPOSITORY in /*) ;; *) return 1 ;; esac; }
storage_setting() { if is_local; then echo BACKUP_DIR; else echo BACKUP_S3_URL; fi; }
storage_words() { if is_local; then echo "BACKUP_DIR: is the disk mounted?"; else echo "${REPOSITORY#s3:}: are bucket and folder right?"; fi; }

# storage_login: restic takes the keys from a file or from variables; docker inspect and /proc would show variables.
storage_login() {
  local file key secret
  ! is_local || return 0
  [ ! -s "${BACKUP_TRUST:-/backup/trust}/ca.crt" ] || export RESTIC_CACERT=${BACKUP_TRUST:-/backup/trust}/ca.crt
  IFS= read -r key <"$SECRETS/s3_key_id" || [ -n "$key" ]
  IFS= read -r secret <"$SECRETS/s3_secret_key" || [ -n "$secret" ]
  file=$(umask 077 && mktemp "$STORAGE.XXXXXX")
  printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$key" "$secret" >"$file"
  mv -f -- "$file" "$STORAGE"
  export AWS_SHARED_CREDENTIALS_FILE=$STORAGE
}

# repository_config [ARGUMENTS…]: 0 and the configuration on stdout; 4 there is no repository; else it does not open, and stderr says why.
# restic itself goes on trying for 15 minutes, also with a key that is refused.
repository_config() {
  local status=0
  if is_local; then
    [ -e "$REPOSITORY/config" ] || return 4
    quiet_restic "$@" cat config
    return
  fi
  timeout "${BACKUP_STORAGE_SECONDS:-30}" restic --no-cache -q "$@" cat config 2>"$STORAGE-said" || status=$?
  case $status in
    0) return 0 ;;
    10) return 4 ;;
    124) echo "the storage did not let us in for ${BACKUP_STORAGE_SECONDS:-30} s: $(sed -n 's/.*retrying after [^:]*: //p' "$STORAGE-said" | tail -n 1)" >&2 ;;
    *) tail -n 3 "$STORAGE-said" >&2 ;;
  esac
  return 1
}

# repository_kib: what it takes up.
repository_kib() {
  if is_local; then du -sk "$REPOSITORY" | cut -f 1
  else quiet_restic --no-lock stats --mode raw-data --json | jq '.total_size / 1024 | floor'; fi
}
