# shellcheck shell=bash disable=SC2153
# Moving the traffic from one copy of UNIT to the other. Sourced by deploy, rollback, smoke and status.

# shellcheck source=x509.sh
. "$OPS/lib/x509.sh"
# shellcheck source=edge.sh
. "$OPS/lib/edge.sh"

# known_units [UNIT]…: those that are meant into UNITS; all without a word.
known_units() {
  local word there
  UNITS=()
  there=': this project is deployed as a whole'
  [ ! -f "$DATA/units.tsv" ] || there="; there are: $(units | tr '\n' ' ')"
  for word in "$@"; do
    [ -f "$DATA/units.tsv" ] && units | grep -Fx -- "$word" >/dev/null || bad_usage "there is no unit '$word'$there"
  done
  while IFS= read -r word; do
    [ "$#" -eq 0 ] || printf '%s\n' "$@" | grep -Fx -- "$word" >/dev/null || continue
    UNITS+=("$word")
  done < <(units)
}

# reload_edge: nginx goes by its files, when it finds no fault in them. Says something only when it fails; nginx' own notice is none.
reload_edge() { edge_nginx '-t -q' '-s reload' 2>"$WORK/reload" || { cat "$WORK/reload" >&2; return 1; }; }

# switch_to COPY VERSION: nginx answers from this copy, or everything is as it was. Prints nothing when it went well.
switch_to() { introduce "$1" && obey "$1" "$2" "$(other_copy "$1")"; }

# introduce COPY: nginx knows its addresses. Two seconds: what nginx gives a resolver to answer in.
introduce() {
  routed || return 0
  [ "$(obeyed known)" != "$1" ] || return 0
  obey "$(obeyed copy)" "$(obeyed version)" "$1" && sleep 2
}

# forget_idle: nginx no longer asks for the addresses of the copy without traffic, which is about to be made again.
forget_idle() { ! routed || [ -z "$(obeyed known)" ] || obey "$(obeyed copy)" "$(obeyed version)"; }

# obey COPY VERSION [KNOWN]: nginx goes by such a file, or by the one before.
obey() {
  local live
  live=$(live_file)
  cp -- "$live" "$WORK/upstreams.before"
  upstreams_for "$@" >"$live.next"
  # nginx' user reads it, also when the operator's umask is strict.
  chmod 0644 "$live.next"
  mv -f -- "$live.next" "$live"
  if ! routed; then
    tell_callers "$1"
    return 0
  fi
  reload_edge || { restore_upstreams; return 1; }
  # Other services are told when the edge obeys: both hand requests to a copy that is proven.
  if until_released "$1-$2"; then
    [ "$UNIT" = - ] || tell_callers "$1"
    return 0
  fi
  restore_upstreams
  reload_edge
  return 1
}

# restore_upstreams: the file as it was before obey.
restore_upstreams() {
  cp -- "$WORK/upstreams.before" "$(live_file).next"
  chmod 0644 "$(live_file).next"
  mv -f -- "$(live_file).next" "$(live_file)"
  [ "$UNIT" = - ] || tell_callers "$(live_copy)"
}

# settle: nginx obeys the file, and what is remembered is what the file says. A run that was killed in the middle of a
# switch leaves them apart, and the copy that looks idle may be the one that answers.
settle() {
  local copy version
  copy=$(live_copy)
  version=$(copy_version "$copy")
  [ "$UNIT" = - ] || tell_callers "$copy"
  if routed && [ "$(released)" != "$copy-$version" ]; then
    reload_edge || return 1
    until_released "$copy-$version" || return 1
  fi
  deployed || return 0
  [ "$(remembered LIVE_COPY)/$(remembered LIVE_VERSION)" = "$copy/$version" ] || remember "$copy" "$version"
}

# deployed: something was, ever. remembered WORD: of live.env.
deployed() { [ -n "$(remembered LIVE_COPY)" ]; }
remembered() { dotenv_get "$STATE/live.env" "$(unit_key "$1")" 2>/dev/null || :; }

# until_released NAME: the edge says it in X-Release, three times in a row, within ten seconds.
until_released() {
  local seen=0 end endpoint
  end=$(($(date +%s) + 10))
  endpoint=$(edge_endpoint) || return 1
  while [ "$seen" -lt 3 ]; do
    if [ "$(released "$endpoint")" = "$1" ]; then seen=$((seen + 1)); else seen=0; fi
    [ "$(date +%s)" -lt "$end" ] || [ "$seen" -ge 3 ] || return 1
  done
}

# released [ENDPOINT]: the version header of the edge's answer, what it says of UNIT. The certificate is health's business, not this script's.
released() {
  local scheme host port
  read -r scheme host port < <(if [ "$#" -gt 0 ]; then printf '%s\n' "$1"; else edge_endpoint; fi) || return 0
  { ANY_CERTIFICATE=yes ask_edge "$scheme" "$host" "$port" "$(first_domain)" || :; } |
    tr -d '\r' | sed -n 's/^[Xx]-[Rr]elease: //p' | if [ "$UNIT" = - ]; then cat; else tr ' ' '\n' | sed -n "s/^$UNIT=//p"; fi
}

# smoke_rows: the requests of ops/data/smoke.tsv to services of UNIT, and, where all is one unit, to those without copies.
smoke_rows() {
  rows smoke.tsv | awk -F '\t' -v unit="$UNIT" -v all="$(unit_rows | awk -F '\t' '$8 != "-" { split($8, c, ","); printf " %s ", c[1] }')" 'unit == "-" || index(all, " " $1 " ")'
}

# request NAME PORT PATH: from the edge's own network, by its container $EDGE_ID; to what the edge has no way to from the network of the service itself, by the
# address that it gives its callers.
request() {
  local id host=$1
  local words=(curl -sS --max-time 10 -H "Host: $(first_domain)" -H 'X-Forwarded-Proto: https' -w '\n%{http_code}\n')
  if routed; then
    docker exec "$EDGE_ID" "${words[@]}" "http://$host:$2$3"
    return
  fi
  id=$(service_container "$1") || { echo "$1 does not run"; return 1; }
  host=$(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$id" | sed -n 's/^LISTEN_HOST=\([^,]*\).*/\1/p')
  docker run --rm --network "container:$id" --read-only --cap-drop ALL --security-opt no-new-privileges --user 65534:65534 --entrypoint "${words[0]}" \
    "$(setting "$(fact PROBE_IMAGE_VAR)" "$(fact PROBE_IMAGE)")" "${words[@]:1}" "http://${host:-$1}:$2$3"
}

# smoke_copy COPY: every request to the services of this copy.
smoke_copy() {
  local service port path contains why name failed=0 EDGE_ID
  EDGE_ID=$(service_container "$(fact EDGE_SERVICE)") || die "the edge does not run" "ops/up --production$AT"
  while IFS=$'\t' read -r service port path contains why <&4; do
    name=$(rows services.tsv | awk -F '\t' -v of="$service" -v copy="$1" '$8 == of "," copy { print $1 }')
    if ! request "${name:-$service}" "$port" "$path" >"$WORK/answer" 2>&1; then
      note "${name:-$service} does not answer $path: $(tail -n 1 "$WORK/answer")"
      failed=1
    elif [ "$(tail -n 1 "$WORK/answer")" != 200 ]; then
      note "${name:-$service} answers $(tail -n 1 "$WORK/answer") to $path ($why)"
      failed=1
    elif [ "$contains" != - ] && ! grep -qF -- "$contains" "$WORK/answer"; then
      note "${name:-$service}: the answer to $path has no '$contains' ($why)"
      failed=1
    fi
  done 4< <(smoke_rows)
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
    # What it says of other units stays.
    [ "$UNIT" = - ] || [ ! -f "$STATE/live.env" ] || grep -Ev "^(#|$(unit_key '')[A-Z]+(_VERSION|_COPY)=)" "$STATE/live.env" || :
    printf '%s=%s\n' "$(unit_key LIVE_COPY)" "$1" "$(unit_key LIVE_VERSION)" "$2" "$(unit_key "$(upper "$1")_VERSION")" "$2" "$(unit_key "$(upper "$other")_VERSION")" "$version"
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
    dc --profile "$(profile_of "$other")" stop "$service" >"$WORK/said" 2>&1 </dev/null || { cat "$WORK/said" >&2; return 1; }
  done
  started=$(followers long-running)
  PROFILE=''
  # shellcheck disable=SC2086
  [ -z "$started" ] || remake 120 $started || { cat "$WORK/said" >&2; return 1; }
}

# audit ACTION COPY VERSION RESULT SECONDS: one line a run, as all logs are (docs/operations/logs.md), in the state folder, for ever.
audit() {
  local level=info
  case $4 in *failed*) level=error ;; esac
  printf '{"timestamp":"%s","level":"%s","service":"%s","request_id":"%s","message":"%s","action":"%s",%s"copy":"%s","version":"%s","result":"%s","duration_ms":%s,"user":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$level" "${ME#*/}" "$1-$$" "$1 of $3: $4" "$1" "$([ "$UNIT" = - ] || printf '"unit":"%s",' "$UNIT")" "$2" "$3" "$4" "$(($5 * 1000))" "$(id -un | tr -cd 'A-Za-z0-9._-')" >>"$STATE/deploys.jsonl"
}
