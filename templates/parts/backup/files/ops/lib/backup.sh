# shellcheck shell=bash disable=SC2153
# What ops/backup, ops/restore, ops/drill and ops/backup-status share.

# load_backup: after load_instance. Sets BACKUP_SERVICE, DB_SERVICE, and what load_target does.
load_backup() {
  load_target
  BACKUP_SERVICE=$(service_of_role backup)
  DB_SERVICE=$(service_of_role database)
}

# The target, here a folder of this host; lib/backup-s3.sh has other words for the same five functions.

# load_target: sets BACKUPS.
load_target() {
  local home=.
  [ -z "$INSTANCE" ] || home=./instances/$INSTANCE
  # Compose's own default is the first instance's folder: two instances in one repository would replace each other's backups.
  [ -z "$INSTANCE" ] || [ -n "$(setting BACKUP_DIR)" ] ||
    die "$(shown "$ENV_FILE") does not say where the backups of this instance go" "echo BACKUP_DIR=$home/backups >>$(shown "$ENV_FILE")"
  BACKUPS=$(in_root "$(setting BACKUP_DIR "$home/backups")")
}

# target_words: the repository, as a person knows it.
target_words() { printf '%s/repository\n' "$(shown "$BACKUPS")"; }

# need_target: stops where nothing could be restored from.
need_target() {
  [ -e "$BACKUPS/repository/config" ] || die "there is no repository at $(target_words)" "copy yours there, or set BACKUP_DIR in $(shown "$ENV_FILE")"
}

# target_arguments: sets TARGET, what "docker run" needs to reach the repository, and no more.
target_arguments() { TARGET=(--network none -v "$BACKUPS/repository:/backup/repository"); }

# service_of_role ROLE · service_providing CAPABILITY: the first one of the plan.
service_of_role() { rows services.tsv | awk -F '\t' -v w="$1" '$6 == w && !n++ { print $1 }'; }
service_providing() { rows services.tsv | awk -F '\t' -v w="$1" 'index("," $7 ",", "," w ",") && !n++ { print $1 }'; }

# backup_folders: what the service writes into. Its user is none of this host, so the folders are open, below one that is closed.
# The group of what it writes is yours, so that you can copy the repository elsewhere.
backup_folders() {
  private_dir "$STATE"
  mkdir -p -- "$STATE/host" "$STATE/backup"
  chmod 0755 "$STATE/host"
  chmod 2777 "$STATE/backup"
  target_folders
}

target_folders() {
  local part
  [ -d "$BACKUPS" ] || private_dir "$BACKUPS"
  mkdir -p -- "$BACKUPS/repository"
  if [ ! -e "$BACKUPS/repository/data/ff" ]; then
    for part in index keys locks snapshots; do mkdir -p -- "$BACKUPS/repository/$part"; done
    printf '%02x\n' $(seq 0 255) | while read -r part; do mkdir -p -- "$BACKUPS/repository/data/$part"; done
  fi
  # A copy that was brought back belongs to whoever brought it.
  find "$BACKUPS/repository" -user "$(id -u)" -type d ! -perm 2777 -exec chmod 2777 {} +
  find "$BACKUPS/repository" -user "$(id -u)" -type f ! -perm -0444 -exec chmod a+r {} +
}

# host_files: logical name and path of each file and folder that goes into a backup beside the rows.
host_files() {
  local name
  printf '%s\t%s\n' env "$ENV_FILE" secrets "$SECRETS" tls "$TLS" live.env "$STATE/live.env"
  [ -z "$INSTANCE" ] || printf '%s\t%s\n' networks.yaml "$ROOT/instances/$INSTANCE/networks.yaml"
  for name in images.lock.env .breakwater nginx; do printf '%s\t%s\n' "$name" "$ROOT/$name"; done
  for name in "$ROOT"/compose*.yaml; do printf '%s\t%s\n' "$(basename -- "$name")" "$name"; done
}

# host_listing: a checksum for each of their files, to see whether what is staged is what there is.
host_listing() {
  local name path
  host_files | while IFS=$'\t' read -r name path; do
    [ -e "$path" ] || continue
    find "$path" -type f ! -name .lock ! -name .gitignore ! -name '.new.*' -exec cksum {} +
  done | LC_ALL=C sort
}

# stage_host_files: puts them where the service can read them. It may not read the folders themselves, which are yours alone.
stage_host_files() {
  local stage name path
  [ -f "$ENV_FILE" ] && [ -d "$SECRETS" ] || return 0
  stage=$(umask 077 && mktemp -d "$STATE/host/.stage.XXXXXX")
  host_files | while IFS=$'\t' read -r name path; do
    [ ! -e "$path" ] || cp -Rp -- "$path" "$stage/$name"
  done
  rm -f -- "$stage/secrets/.lock" "$stage/tls/.lock"
  (umask 077 && cd "$stage" && tar -cf "$stage.tar" -- *  .[a-z]*)
  chmod 0444 "$stage.tar"
  host_listing >"$stage.listing"
  mv -f -- "$stage.tar" "$STATE/host/host.tar"
  mv -f -- "$stage.listing" "$STATE/host/listing"
  rm -rf -- "$stage"
}

# by_hand PROGRAM: runs a program of the backup service in its container, and tells what it says.
by_hand() {
  local id
  id=$(service_container "$BACKUP_SERVICE") || die "the service $BACKUP_SERVICE does not run" "ops/up$AT --production"
  docker exec -e BACKUP_BY_HAND=yes "$id" "/opt/backup/bin/$1"
}

# backup_image: into IMAGE; built when this host does not have it.
backup_image() {
  IMAGE=$PROJECT/$BACKUP_SERVICE:$(setting APP_VERSION dev)
  docker image inspect "$IMAGE" >/dev/null 2>&1 && return
  say "building $IMAGE"
  dc build -q "$BACKUP_SERVICE" >&2 || die "the image of $BACKUP_SERVICE cannot be built" "docker compose build $BACKUP_SERVICE"
}

# vault ARGUMENTS…: "fetch" of the backup image, with the repository, its password, and no network but the way to it.
vault() {
  target_arguments
  docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m --pids-limit 128 \
    --tmpfs /tmp:size=128m,mode=1777 "${TARGET[@]}" -v "$PASSWORD:/run/secrets/restic_password:ro" \
    --entrypoint /opt/backup/bin/fetch "$IMAGE" "$@" </dev/null
}

# state_of FILE KEY [DEFAULT]
state_of() {
  local value
  value=$(sed -n "s/^$2=//p" "$STATE/backup/$1" 2>/dev/null | tail -n 1)
  printf '%s\n' "${value:-${3:-}}"
}

# when_was SECONDS: as a time.
when_was() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }

# shellcheck source=/dev/null
[ ! -f "$OPS/lib/backup-s3.sh" ] || . "$OPS/lib/backup-s3.sh"
