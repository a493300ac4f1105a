# shellcheck shell=bash
# The objects of the application's bucket. A mirror of it is kept on a volume, so that a night copies what is new alone; the
# backup is of the mirror. Nothing here runs in a project without object storage (no S3_HOST).

MIRROR=/backup/objects

has_objects() { [ -n "${S3_HOST:-}" ]; }

# objects_login FOLDER [KEY]: the storage as "store:" of rclone; the key is in a file of this run. A file under rotation has two
# lines: the second one when the first is refused.
objects_login() {
  local key line
  export RCLONE_CONFIG=$1/rclone.conf
  [ "$#" -gt 1 ] || mapfile -t lines <"$SECRETS/s3_backup_secret_key"
  [ "$#" -eq 1 ] || lines=("$2")
  for key in "${lines[@]}"; do
    [ -n "$key" ] || continue
    (
      umask 077
      printf '%s\n' '[store]' 'type = s3' 'provider = Other' 'env_auth = false' "access_key_id = ${S3_USER:-backup}" \
        "secret_access_key = $key" "endpoint = https://$S3_HOST:$S3_PORT" 'region = us-east-1' 'force_path_style = true' 'no_check_bucket = true' >"$RCLONE_CONFIG"
    )
    line=$(objects_rclone lsf --max-depth 1 "store:$S3_BUCKET" 2>&1 >/dev/null) && return 0
  done
  printf '%s\n' "$line" | tail -n 2 >&2
  return 1
}

# The time of the storage, not one that a client gave: else every object would be asked for by itself.
objects_rclone() {
  rclone --ca-cert "${S3_CA_FILE:-/etc/ssl/certs/ca-certificates.crt}" --use-server-modtime --fast-list --transfers 4 --retries 2 --low-level-retries 3 \
    --contimeout 10s --timeout 60s --s3-chunk-size 16M --stats 0 -q "$@"
}

# objects_listing FOLDER: path, size and checksum of each object, sorted.
objects_listing() {
  (cd "$1" && find . -type f -printf '%P\t%s\n' | LC_ALL=C sort | while IFS=$'\t' read -r path size; do
    printf 'object\t%s\t%s\t%s\n' "$path" "$size" "$(sha256sum -- "$path" | cut -d ' ' -f 1)"
  done)
}

# copy_objects: before the rows are read and after, so that every object that a row knows is there, also one deleted in between.
copy_objects() {
  has_objects || return 0
  must "the object storage does not let us in" objects_login /tmp/run
  must "the objects cannot be copied" objects_rclone copy "store:$S3_BUCKET" "$MIRROR"
}

# save_objects: the mirror into the repository; then what is no longer in the bucket leaves the mirror.
save_objects() {
  local id
  has_objects || return 0
  must "the objects cannot be listed" objects_listing "$MIRROR" >"$SET/manifest-objects"
  must "the objects could not be saved" quiet_restic backup --json --time "$TIME" --host backup --tag objects "$MIRROR" >/tmp/run/summary
  id=$(jq -r 'select(.message_type == "summary") | .snapshot_id' /tmp/run/summary)
  [ -n "$id" ] || fail "restic did not say which snapshot holds the objects"
  SAVED+=("$id")
  must "the mirror of the objects cannot be made even" objects_rclone sync "store:$S3_BUCKET" "$MIRROR"
}

# objects_of SET-TIME: the snapshot that belongs to the set; empty when that backup is of a project without objects.
objects_of() {
  quiet_restic snapshots --json --tag objects | jq -r --arg time "$1" '.[] | select(.time == $time) | .id' | tail -n 1
}

# objects_into FOLDER SET-TIME MANIFEST: restores them there and compares each with what the backup says of it.
objects_into() {
  local id
  id=$(objects_of "$2")
  [ -n "$id" ] || fail "the objects of this backup are missing"
  must "the objects cannot be restored" quiet_restic restore "$id:$MIRROR" --target "$1" --delete >/dev/null
  objects_listing "$1" >/tmp/run/objects
  diff "$3" /tmp/run/objects >/tmp/run/difference || fail "the objects came back different from what was backed up" /tmp/run/difference
}
