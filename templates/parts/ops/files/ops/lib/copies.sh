# shellcheck shell=bash disable=SC2153
# Services of which there are copies (blue, green): which copy has the traffic, which stands by.
# $STATE/live.env remembers versions; $STATE/live/upstreams.conf is what nginx obeys, so it has the last word.

# copies: their names, the first one first; nothing in a project without copies.
copies() {
  rows services.tsv | awk -F '\t' '$8 != "-" { split($8, c, ","); if (!(c[2] in seen)) { seen[c[2]] = 1; if (c[1] == $1) first = c[2]; else rest = rest "\n" c[2] } } END { if (first != "") print first rest }'
}

# live_copy: the copy that has the traffic.
live_copy() {
  local named=''
  named=$(obeyed copy)
  [ -n "$named" ] || named=$(dotenv_get "$STATE/live.env" LIVE_COPY || :)
  [ -n "$named" ] || named=$(copies | sed -n 1p)
  printf '%s\n' "$named"
}

# obeyed copy|version|known: what stands in the file that nginx obeys; nothing before the first start.
obeyed() { [ ! -f "$STATE/live/upstreams.conf" ] || sed -n "s/^# $1: \([A-Za-z0-9_.-]*\)\$/\1/p" "$STATE/live/upstreams.conf"; }

# other_copy COPY
other_copy() { copies | grep -Fvx -- "$1" | sed -n 1p; }

# copy_version COPY: what it runs, as far as a deploy has said.
copy_version() {
  if [ "$(obeyed copy)" = "$1" ]; then obeyed version; return; fi
  dotenv_get "$STATE/live.env" "$(upper "$1")_VERSION" || setting APP_VERSION dev
}

upper() { printf '%s' "$1" | tr '[:lower:]' '[:upper:]'; }

# services_now: the rows of services.tsv, with kind standby for copies that do not have the traffic.
services_now() {
  rows services.tsv | awk -F '\t' -v OFS='\t' -v live="$(live_copy)" '$8 != "-" { split($8, c, ","); if (c[2] != live) $2 = "standby" } { print }'
}

# services_of COPY web|background: services of a copy that others call, or that nobody calls.
services_of() {
  rows services.tsv | awk -F '\t' -v copy="$1" -v web="$2" '$8 != "-" { split($8, c, ","); if (c[2] == copy && (($4 != "-") == (web == "web"))) print $1 }'
}

# followers KIND: services without copies that run the live version: one-shot (migrations) or long-running (schedulers).
followers() {
  rows services.tsv | awk -F '\t' -v kind="$1" '$8 == "-" && $9 != "-" && $2 == kind { print $1 }'
}

# live_folder: what nginx includes exists, whatever was or was not deployed before, and its user can read it, whatever umask
# the caller has (ops/restore has a strict one). Says nothing when it does.
live_folder() {
  local copy
  mkdir -p -- "$STATE/live"
  chmod 0755 "$STATE/live"
  copy=$(live_copy)
  # nginx asks for the addresses of a copy that it knows every two seconds, and complains when there are none.
  if [ -n "$copy" ] && { [ ! -f "$STATE/live/upstreams.conf" ] || ! runs "$(obeyed known)"; }; then
    upstreams_for "$copy" "$(copy_version "$copy")" >"$STATE/live/upstreams.conf.next"
    mv -f -- "$STATE/live/upstreams.conf.next" "$STATE/live/upstreams.conf"
  fi
  [ ! -f "$STATE/live/upstreams.conf" ] || chmod 0644 "$STATE/live/upstreams.conf"
}

# runs COPY: what others call of it is running. True without a copy.
runs() {
  local service
  [ -n "$1" ] || return 0
  for service in $(services_of "$1" web); do
    service_container "$service" >/dev/null 2>&1 || return 1
  done
}

# upstreams_for COPY VERSION [KNOWN]: the file that gives a copy the traffic. Of the copy KNOWN nginx knows the addresses too,
# so that it can have the traffic the moment it is asked for: a worker that starts knows what the one before it knew, and
# its first requests find no server when that is nothing.
upstreams_for() {
  printf '# copy: %s\n# version: %s\n# known: %s\n# Written by ops/deploy and ops/rollback.\n' "$1" "$2" "${3:-}"
  printf 'map "" $release { default "%s-%s"; }\n\n' "$1" "$2"
  awk -v known="${3:-}" '
    /^upstream / { of = $2 }
    FILENAME != ARGV[ARGC - 1] { if ($1 == "server") { sub(/;/, " down;"); server[of] = $0 } next }
    { print }
    $1 == "server" && of in server { print server[of] }' \
    ${3:+"$ROOT/nginx/plan/upstreams-$3.conf"} "$ROOT/nginx/plan/upstreams-$1.conf"
}

valid_version() { printf '%s' "$1" | LC_ALL=C grep -Eqx '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'; }
