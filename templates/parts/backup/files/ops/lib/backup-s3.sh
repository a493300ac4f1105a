# shellcheck shell=bash disable=SC2153,SC2034
# The repository is in object storage: what lib/backup.sh says of a folder, said of a bucket.

# load_target: sets URL.
load_target() {
  URL=$(setting BACKUP_S3_URL)
  [ -z "$INSTANCE" ] || [ -z "$URL" ] || [ "$URL" != "$(dotenv_get "$ROOT/.env" BACKUP_S3_URL || :)" ] ||
    die "$(shown "$ENV_FILE") names the bucket and folder of the first instance" "write another BACKUP_S3_URL into $(shown "$ENV_FILE")"
}

target_words() { printf '%s\n' "${URL:-BACKUP_S3_URL, which is empty}"; }

need_target() {
  local name
  [ -n "$URL" ] || die "BACKUP_S3_URL is empty: where are the backups?" "BACKUP_S3_URL=https://s3.example.com/bucket/shop $ME$AT"
  for name in s3_key_id s3_secret_key; do
    [ -s "$SECRETS/$name" ] || die "$(shown "$SECRETS/$name") is missing: the key of the object storage" "ops/secrets set$AT $name"
  done
}

# The engine's own network: that of the project may not be there yet, on an empty host.
target_arguments() {
  TARGET=(--network bridge -e "RESTIC_REPOSITORY=s3:$URL" -e "AWS_DEFAULT_REGION=$(setting BACKUP_S3_REGION us-east-1)"
    -v "$SECRETS/s3_key_id:/run/secrets/s3_key_id:ro" -v "$SECRETS/s3_secret_key:/run/secrets/s3_secret_key:ro"
    -v "$TLS/backup-storage:/backup/trust:ro")
}

# The service's user must enter the folder; tls/ above it keeps others out.
target_folders() {
  [ -d "$TLS" ] || private_dir "$TLS"
  mkdir -p -- "$TLS/backup-storage"
  chmod 0755 "$TLS/backup-storage"
  [ ! -f "$TLS/backup-storage/ca.crt" ] || chmod 0644 "$TLS/backup-storage/ca.crt"
}
