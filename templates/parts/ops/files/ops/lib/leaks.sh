# shellcheck shell=bash
# "ops/secrets leak-check": is a value that is in use somewhere it must not be? Where it was found is said, never what.
# Nothing found proves nothing by itself, so each place must first show what is surely in it.

# patterns: one file a value, and one of all. The files are in $WORK, which goes with this run.
patterns() {
  local name kind _ value n=0
  mkdir "$WORK/value"
  : >"$WORK/all"
  while IFS=$'\t' read -r name kind _; do
    if [ "$kind" = derived ] || [ ! -s "$SECRETS/$name" ]; then continue; fi
    lines_of "$SECRETS/$name"
    for value in "${LINES[@]}"; do
      [ "${#value}" -ge 8 ] || die "$name is too short to be looked for" "ops/secrets check$AT"
      n=$((n + 1))
      printf '%s\n' "$value" >"$WORK/value/$n.$name"
      printf '%s\n' "$value" >>"$WORK/all"
    done
  done < <(rows secrets.tsv)
  [ "$n" -gt 0 ] || die "there is no secret to look for" "ops/secrets init$AT"
  # The control: each value is found in the middle of something that holds it.
  for value in "$WORK"/value/*; do
    { printf 'x="'; tr -d '\n' <"$value"; printf '";\0binary'; } | holds_value "$value" || die "the search itself does not work" "grep --version"
  done
}

holds_value() { LC_ALL=C grep -aqF -f "$1"; }

# found WHAT MEND: on file, as the last program of a pipe is a shell of its own and keeps nothing.
found() { printf '%s\t%s\n' "$1" "$2" >>"$WORK/found"; }

# examine WHERE MARK: stdin is searched for every value, as it passes. MARK is what is surely in it; "-" where it may be
# empty.
examine() {
  local value name mark=()
  [ "$2" = - ] || mark=(-e "$2")
  LC_ALL=C grep -aoF -f "$WORK/all" ${mark[@]+"${mark[@]}"} | sort -u >"$WORK/hits" || :
  echo "$1" >>"$WORK/seen"
  if [ "$2" != - ] && ! grep -qxF -e "$2" "$WORK/hits"; then
    found "$1 could not be looked into" "run this as a user who may"
    return 0
  fi
  for value in "$WORK"/value/*; do
    holds_value "$value" <"$WORK/hits" || continue
    name=${value##*/}
    name=${name#*.}
    found "$name is in $1" "ops/secrets rotate$AT $name, then remove it there"
  done
}

leaks_in_folder() {
  local file
  # What is meant to hold them (a backup is made from state/host), and what others are responsible for, is left away.
  find "$ROOT" \( -path "$SECRETS" -o -path "$STATE/host" -o -path "$TLS" -o -path "$ROOT/.git" -o -path "$ROOT/instances/*/secrets" -o -name node_modules \) -prune \
    -o -type f -print0 | LC_ALL=C xargs -0 grep -laF -f "$WORK/all" -- /dev/null >"$WORK/files" 2>/dev/null || :
  echo "the files of this folder" >>"$WORK/seen"
  # shellcheck disable=SC2094 # examine writes elsewhere
  while IFS= read -r file; do examine "$(shown "$file")" - <"$file"; done <"$WORK/files"
}

# leaks_in_git: every object that a branch, a tag, a stash or the reflog knows, messages included; then what is staged.
leaks_in_git() {
  local object path
  if ! git -C "$ROOT" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    say "git: this folder is in no repository"
    return 0
  fi
  { git -C "$ROOT" rev-list --all --reflog --objects
    git -C "$ROOT" ls-files -s | sed -n 's/^[0-9]* \([0-9a-f]*\) [0-9]	/\1 /p'; } | LC_ALL=C sort -u >"$WORK/objects"
  [ -s "$WORK/objects" ] || return 0
  echo "git's objects" >>"$WORK/seen"
  cut -d ' ' -f 1 "$WORK/objects" | sort -u | git -C "$ROOT" cat-file --batch | LC_ALL=C grep -aoE -f <(LC_ALL=C sed 's/[^A-Za-z0-9_-]/[&]/g' "$WORK/all") \
    -e '^[0-9a-f]{40,64} (blob|commit|tree|tag) [0-9]+$' | sed -E 's/^[0-9a-f]{40,64} (blob|commit|tree|tag) [0-9]+$/object/' | sort -u >"$WORK/hits" || :
  grep -qx object "$WORK/hits" || { found "git's history could not be looked into" "git fsck"; return 0; }
  holds_value "$WORK/all" <"$WORK/hits" || return 0
  while read -r object path; do
    git -C "$ROOT" cat-file -p "$object" 2>/dev/null | holds_value "$WORK/all" || continue
    git -C "$ROOT" cat-file -p "$object" | examine "git: ${path:-the message of a commit or tag} ($(printf '%.12s' "$object"))" -
  done <"$WORK/objects"
}

leaks_in_containers() {
  local id service path
  for id in $(container_ids); do
    service=$(docker inspect --format "{{index .Config.Labels \"$L_SERVICE\"}}" "$id")
    docker inspect "$id" | examine "docker inspect of $service" "$id"
    docker logs "$id" 2>&1 | examine "the logs of $service" -
    [ "$(docker inspect --format '{{.State.Running}}' "$id")" = true ] || continue
    # shellcheck disable=SC2016 # the container's shell expands it
    docker exec "$id" sh -c 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\0" "\n"' | examine "the environment of a process of $service" PATH=
    # shellcheck disable=SC2016
    docker exec "$id" sh -c 'for p in /proc/[0-9]*; do tr "\0" " " <"$p/cmdline" 2>/dev/null; echo; done' | examine "a command line of $service" tr
    # What was added or changed on the container's own disk; tmpfs and volumes are not it.
    docker inspect --format '{{range .Mounts}}{{println .Destination}}{{end}}' "$id" | sed '/^$/d' >"$WORK/mounts"
    docker diff "$id" | sed -n 's/^[AC] //p' | grep -vFx -f "$WORK/mounts" | sed -n 1,500p >"$WORK/diff" || :
    examine "the names of files that $service wrote" - <"$WORK/diff"
    while IFS= read -r path <&4; do
      docker cp "$id:$path" - 2>/dev/null | examine "$service: $path" -
    done 4< <(leaf_paths <"$WORK/diff")
  done
}

# leaf_paths: without the folders that others of the list, or mounts, lie in.
leaf_paths() {
  cat - "$WORK/mounts" | LC_ALL=C sort -ru | awk 'FILENAME ~ /\/mounts$/ { mount[$0] = 1; next } index(before, $0 "/") != 1 && !($0 in mount) { print } { before = $0 }' "$WORK/mounts" -
}

# leaks_in_images: configuration and history of every image that runs or was built here; the layers of the latter.
leaks_in_images() {
  local image name whose dir=$WORK/layers
  { for name in "reference=$PROJECT/*" "label=$L_PROJECT=$PROJECT"; do
      docker images --no-trunc --filter "$name" --format '{{.ID}}	{{.Repository}}:{{.Tag}}	ours'
    done
    # shellcheck disable=SC2046 # one argument per id
    docker inspect --format '{{.Image}}	{{.Config.Image}}	used' $(container_ids); } | LC_ALL=C sort -t "$(printf '\t')" -k 1,1 -k 3,3 -u |
    awk -F '\t' '!seen[$1]++' >"$WORK/images"
  while IFS=$'\t' read -r image name whose <&4; do
    case $name in *'<none>'*) name=$(printf '%.19s' "$image") ;; esac
    docker image inspect "$image" | examine "the configuration of $name" "$image"
    docker history --no-trunc "$image" | examine "the history of $name" IMAGE
    [ "$whose" = ours ] || continue
    mkdir "$dir"
    docker save "$image" | tar -xf - -C "$dir"
    # Some engines store layers compressed; --force lets gzip pass on what is not.
    find "$dir" -type f -exec gzip -cdf {} + 2>/dev/null | examine "a layer of $name" root:x:0:0
    rm -rf -- "$dir"
  done 4<"$WORK/images"
}

leak_check() {
  local what mend
  # Beside the secrets, since it holds their values while this runs.
  [ -d "$SECRETS" ] || die "$(shown "$SECRETS") is missing" "ops/secrets init$AT"
  WORK=$(mktemp -d "$SECRETS/.leaks.XXXXXX")
  at_exit rm -rf -- "$WORK"
  : >"$WORK/found"
  patterns
  leaks_in_folder
  leaks_in_git
  if stack_runs; then
    leaks_in_containers
    leaks_in_images
  else
    say "containers and images: nothing of $PROJECT is there"
  fi
  while IFS=$'\t' read -r what mend; do finding "$what" "$mend"; done <"$WORK/found"
  stop_on_findings
  say "no value in use was found in $(wc -l <"$WORK/seen" | tr -d ' ') places"
}
