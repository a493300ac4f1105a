# shellcheck shell=bash disable=SC2153
# The steps of ops/restore. WORK/set holds what the backup says of itself.

# open_set WORD: fetches what the backup says of itself; sets SET_ID.
open_set() {
  vault sets >"$WORK/sets" 2>"$WORK/error" || refuse_repository
  [ -s "$WORK/sets" ] || die "there is no whole backup in $(target_words)" "docs/operations/backup-restore.md, The machine is lost"
  # For a time: roles and files of the backup before it.
  if [ -n "${AT_TIME:-}" ]; then SET_ID=$(awk -F '\t' -v t="$AT_TIME" 'substr($2, 1, 19) "Z" <= t { id = $1 } END { print id }' "$WORK/sets")
  elif [ "$1" = latest ]; then SET_ID=$(tail -n 1 "$WORK/sets" | cut -f 1)
  else SET_ID=$(awk -F '\t' -v w="$1" 'index($1, w) == 1 { print $1 }' "$WORK/sets"); fi
  [ -z "${AT_TIME:-}" ] || [ -n "$SET_ID" ] || die "no backup is older than $AT_TIME, so there is nothing to play the log onto" "ops/backup-status$AT"
  case $SET_ID in '' | *[!0-9a-f]*) cut -c 1-8,65- "$WORK/sets" >&2; die "no backup is called '$1', or more than one is; above is what there is" "ops/restore$AT latest" ;; esac
  mkdir -p "$WORK/set" "$WORK/host"
  vault set "$SET_ID" 2>"$WORK/error" | tar -xf - -C "$WORK/set" --strip-components 2 2>>"$WORK/error" ||
    die "the backup ${SET_ID:0:8} cannot be read: $(tail -n 1 "$WORK/error")" "ops/restore$AT with an older one: ops/backup-status$AT"
  [ -s "$WORK/set/databases" ] && [ -s "$WORK/set/host.tar" ] || die "the backup ${SET_ID:0:8} is not whole" "ops/backup-status$AT"
  # By numbers: a server's uid may have another name here.
  tar -xpf "$WORK/set/host.tar" --numeric-owner -C "$WORK/host"
  say "backup ${SET_ID:0:8} of $(sed -n 's/^time=//p' "$WORK/set/facts") UTC, version $(sed -n 's/^version=//p' "$WORK/set/facts")"
}
refuse_repository() {
  local said
  said=$(grep -v '^ *$' "$WORK/error" | tail -n 1)
  case $(cat "$WORK/error") in
    *'wrong password'* | *'no key found'*) die "the password does not open $(target_words)" "write the one you kept into $(shown "$PASSWORD")" ;;
    *) die "the repository $(target_words) does not open: $said" "docs/operations/backup-restore.md, The repository does not open" ;;
  esac
}

# bring_back_files: what is missing comes back; what is there stays, since running services depend on it.
bring_back_files() {
  local name path file target
  host_files >"$WORK/places"
  while IFS=$'\t' read -r name path; do
    [ -e "$WORK/host/$name" ] || continue
    if [ -f "$WORK/host/$name" ]; then
      bring_back "$WORK/host/$name" "$path"
      continue
    fi
    # Folders first: a server's own user must enter some of them, and nobody the others.
    while IFS= read -r file; do
      target=$path${file#"$WORK/host/$name"}
      if [ ! -d "$file" ]; then bring_back "$file" "$target"
      elif [ ! -d "$target" ]; then mkdir -p -- "$target" && chmod "$(file_mode "$file")" "$target"; fi
    done < <(find "$WORK/host/$name")
  done <"$WORK/places"
}
bring_back() { # FILE TARGET
  if [ -e "$2" ]; then
    cmp -s "$1" "$2" || DIFFERENT+=("$2")
    return 0
  fi
  mkdir -p -- "$(dirname -- "$2")"
  cp -p -- "$1" "$2"
  settle_brought "$2"
  BROUGHT=$((BROUGHT + 1))
}

# objects_back: the objects of a backup that has some, before the rows that know them go live. What came into the bucket since stays.
objects_back() {
  local storage setup key
  [ -s "$WORK/set/manifest-objects" ] || return 0
  storage=$(service_providing s3)
  setup=$(service_of_role storage-setup)
  [ -n "$storage" ] || die "the backup holds objects, and this project has no object storage" "git log: was the option taken away?"
  say "restoring $(grep -c '^object' "$WORK/set/manifest-objects") objects into $storage"
  # Never "--no-deps": Compose takes what that makes for another configuration, and the next "up" replaces it.
  service_container "$storage" >/dev/null ||
    { dc up -d --no-build --wait --wait-timeout 180 "$storage" >"$WORK/said" 2>&1 &&
      { [ -z "$setup" ] || dc up --no-build --exit-code-from "$setup" "$setup" >"$WORK/said" 2>&1; }; } ||
    { tail -n 5 "$WORK/said" >&2; die "$storage does not start" "ops/logs$AT $storage"; }
  IFS= read -r key <"$SECRETS/s3_app_secret_key" || :
  printf '%s\n' "$key" | dc run --rm --no-deps -T --entrypoint /opt/backup/bin/put-objects "$BACKUP_SERVICE" "$SET_ID" >"$WORK/said" 2>"$WORK/error" ||
    { tail -n 5 "$WORK/error" >&2; die "the objects do not come back, the live database is untouched" "ops/logs$AT $storage"; }
  say "$(tail -n 1 "$WORK/said")"
}
