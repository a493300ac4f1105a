# shellcheck shell=bash disable=SC2153
# Moving the traffic from one copy to the other. Sourced by deploy, rollback, smoke and status.

# shellcheck source=x509.sh
. "$OPS/lib/x509.sh"
# shellcheck source=edge.sh
. "$OPS/lib/edge.sh"

# reload_edge: it says something only when it fails; nginx' own notice is none.
reload_edge() { edge_nginx -s reload 2>"$WORK/reload" || { cat "$WORK/reload" >&2; return 1; }; }

# switch_to COPY VERSION: nginx answers from this copy, or everything is as it was. Prints nothing when it went well.
switch_to() { introduce "$1" && obey "$1" "$2" "$(other_copy "$1")"; }

# introduce COPY: nginx knows its addresses. Two seconds: what nginx gives a resolver to answer in.
introduce() {
  [ "$(obeyed known)" != "$1" ] || return 0
  obey "$(obeyed copy)" "$(obeyed version)" "$1" && sleep 2
}

# forget_idle: nginx no longer asks for the addresses of the copy without traffic, which is about to be made again.
forget_idle() { [ -z "$(obeyed known)" ] || obey "$(obeyed copy)" "$(obeyed version)"; }

# obey COPY VERSION [KNOWN]: nginx goes by such a file, or by the one before.
obey() {
  local live=$STATE/live/upstreams.conf
  cp -- "$live" "$WORK/upstreams.before"
  upstreams_for "$@" >"$live.next"
  # nginx' user reads it, also when the operator's umask is strict.
  chmod 0644 "$live.next"
  mv -f -- "$live.next" "$live"
  if ! edge_nginx -t -q 2>"$WORK/said"; then
    restore_upstreams
    cat "$WORK/said" >&2
    return 1
  fi
  reload_edge
  until_released "$1-$2" && return 0
  restore_upstreams
  reload_edge
  return 1
}

# restore_upstreams: the file as it was before obey.
restore_upstreams() {
  cp -- "$WORK/upstreams.before" "$STATE/live/upstreams.conf.next"
  chmod 0644 "$STATE/live/upstreams.conf.next"
  mv -f -- "$STATE/live/upstreams.conf.next" "$STATE/live/upstreams.conf"
}

# settle: nginx obeys the file, and what is remembered is what the file says. A run that was killed in the middle of a
# switch leaves them apart, and the copy that looks idle may be the one that answers.
settle() {
  local copy version
  copy=$(live_copy)
  version=$(copy_version "$copy")
  if [ "$(released)" != "$copy-$version" ]; then
    edge_nginx -t -q 2>"$WORK/said" || { cat "$WORK/said" >&2; return 1; }
    reload_edge
    until_released "$copy-$version" || return 1
  fi
  [ ! -f "$STATE/live.env" ] || [ "$(dotenv_get "$STATE/live.env" LIVE_COPY)/$(dotenv_get "$STATE/live.env" LIVE_VERSION)" = "$copy/$version" ] || remember "$copy" "$version"
}

# until_released NAME: the edge says it in X-Release, three times in a row, within ten seconds.
until_released() {
  local seen=0 end
  end=$(($(date +%s) + 10))
  while [ "$seen" -lt 3 ]; do
    if [ "$(released)" = "$1" ]; then seen=$((seen + 1)); else seen=0; fi
    [ "$(date +%s)" -lt "$end" ] || [ "$seen" -ge 3 ] || return 1
  done
}

# released: the version header of the edge's answer. The certificate is health's business, not this script's.
released() {
  local scheme host port
  read -r scheme host port < <(edge_endpoint) || return 0
  { ANY_CERTIFICATE=yes ask_edge "$scheme" "$host" "$port" "$(first_domain)" || :; } |
    tr -d '\r' | sed -n 's/^[Xx]-[Rr]elease: //p'
}

# smoke_copy COPY: every request of ops/data/smoke.tsv, from the edge's own network, to the services of this copy.
smoke_copy() {
  local id service port path contains why name failed=0
  id=$(service_container "$(fact EDGE_SERVICE)") || die "the edge does not run" "ops/up --production$AT"
  while IFS=$'\t' read -r service port path contains why; do
    name=$(rows services.tsv | awk -F '\t' -v of="$service" -v copy="$1" '$8 == of "," copy { print $1 }')
    if ! docker exec "$id" curl -sS --max-time 10 -H "Host: $(first_domain)" -H 'X-Forwarded-Proto: https' -w '\n%{http_code}\n' "http://${name:-$service}:$port$path" >"$WORK/answer" 2>&1; then
      note "${name:-$service} does not answer $path: $(tail -n 1 "$WORK/answer")"
      failed=1
    elif [ "$(tail -n 1 "$WORK/answer")" != 200 ]; then
      note "${name:-$service} answers $(tail -n 1 "$WORK/answer") to $path ($why)"
      failed=1
    elif [ "$contains" != - ] && ! grep -qF -- "$contains" "$WORK/answer"; then
      note "${name:-$service}: the answer to $path has no '$contains' ($why)"
      failed=1
    fi
  done < <(rows smoke.tsv)
  return "$failed"
}

# drained: nginx processes that still finish old connections are gone, or 35 seconds have passed.
drained() {
  local id end
  id=$(service_container "$(fact EDGE_SERVICE)") || return 0
  end=$(($(date +%s) + 35))
  # The brackets: what asks must not find itself.
  # shellcheck disable=SC2016 # expanded inside
  while docker exec "$id" sh -c 'grep -l "[s]hutting down" /proc/[0-9]*/cmdline' >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || { note "some connections are still open after 35 s; they are cut"; return 0; }
    sleep 1
  done
}

# remember COPY VERSION: what is live, and which version the other copy still holds. Whole or not at all.
remember() {
  local other version
  other=$(other_copy "$1")
  version=$(copy_version "$other")
  {
    printf '# Written by ops/deploy and ops/rollback. Read by every script, and by Compose.\n'
    printf 'LIVE_COPY=%s\nLIVE_VERSION=%s\n%s_VERSION=%s\n%s_VERSION=%s\n' "$1" "$2" "$(upper "$1")" "$2" "$(upper "$other")" "$version"
  } >"$STATE/live.env.next"
  mv -f -- "$STATE/live.env.next" "$STATE/live.env"
}

# hand_over COPY VERSION: background services of the copy start, those of the other finish and stop; schedulers follow.
# The other scheduler is gone before the new one starts: Compose recreates, and there is one name.
hand_over() {
  local other started service PROFILE
  other=$(other_copy "$1")
  started=$(services_of "$1" background)
  unset DC
  PROFILE=$1
  # shellcheck disable=SC2086 # one argument per service
  [ -z "$started" ] || remake 120 $started || { cat "$WORK/said" >&2; return 1; }
  # Two versions that take jobs at once are no version: a worker that does not stop fails the step.
  for service in $(services_of "$other" background); do
    dc --profile "$other" stop "$service" >"$WORK/said" 2>&1 </dev/null || { cat "$WORK/said" >&2; return 1; }
  done
  started=$(followers long-running)
  PROFILE=''
  # shellcheck disable=SC2086
  [ -z "$started" ] || remake 120 $started || { cat "$WORK/said" >&2; return 1; }
}

# container_image SERVICE: what its container was made from; nothing without one.
container_image() {
  local id
  id=$(made_container "$1")
  [ -z "$id" ] || docker inspect --format '{{.Config.Image}}' "$id"
}

# audit ACTION COPY VERSION RESULT SECONDS: one line a run, as all logs are (docs/operations/logs.md), in the state folder, for ever.
audit() {
  local level=info
  case $4 in *failed*) level=error ;; esac
  printf '{"timestamp":"%s","level":"%s","service":"%s","request_id":"%s","message":"%s","action":"%s","copy":"%s","version":"%s","result":"%s","duration_ms":%s,"user":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$level" "${ME#*/}" "$1-$$" "$1 of $3: $4" "$1" "$2" "$3" "$4" "$(($5 * 1000))" "$(id -un | tr -cd 'A-Za-z0-9._-')" >>"$STATE/deploys.jsonl"
}
