# shellcheck shell=bash disable=SC2153
# Services of which there are copies (blue, green): which copy has the traffic, which stands by.
# $STATE/live.env remembers versions; the file that nginx obeys, $STATE/live/upstreams.conf, has the last word.
#
# A unit is what is deployed together. A project has one, which has no name (-), or several (ops/data/units.tsv), each with a file of
# its own, upstreams-UNIT.conf, and versions of its own in live.env. Everything here is about the unit in UNIT.

UNIT=${UNIT:--}

# units: their names, in the order in which they are deployed.
units() { if [ -f "$DATA/units.tsv" ]; then rows units.tsv | cut -f 1; else echo -; fi; }

# unit_rows: the rows of services.tsv that belong to UNIT.
unit_rows() { rows services.tsv | awk -F '\t' -v unit="$UNIT" '($10 == "" ? "-" : $10) == unit'; }

# mark: -UNIT, for names of files and profiles. unit_key WORD: the word of live.env. routed: does the edge hand requests to UNIT?
mark() { [ "$UNIT" = - ] || printf -- '-%s' "$UNIT"; }
unit_key() { if [ "$UNIT" = - ]; then printf '%s\n' "$1"; else printf '%s_%s\n' "$(upper "$UNIT" | tr - _)" "$1"; fi; }
routed() { [ ! -f "$DATA/units.tsv" ] || rows units.tsv | awk -F '\t' -v unit="$UNIT" '$1 == unit && $2 == "yes" { found = 1 } END { exit !found }'; }
profile_of() { if [ "$UNIT" = - ]; then printf '%s\n' "$1"; else printf '%s-%s\n' "$UNIT" "$1"; fi; }
live_file() { printf '%s/live/upstreams%s.conf\n' "$STATE" "$(mark)"; }

# copies: their names, the first one first; nothing in a project without copies.
copies() {
  unit_rows | awk -F '\t' '$8 != "-" { split($8, c, ","); if (!(c[2] in seen)) { seen[c[2]] = 1; if (c[1] == $1) first = c[2]; else rest = rest "\n" c[2] } } END { if (first != "") print first rest }'
}

# live_copy: the copy that has the traffic.
live_copy() {
  local named=''
  named=$(obeyed copy)
  [ -n "$named" ] || named=$(dotenv_get "$STATE/live.env" "$(unit_key LIVE_COPY)" || :)
  [ -n "$named" ] || named=$(copies | sed -n 1p)
  printf '%s\n' "$named"
}

# obeyed copy|version|known: what stands in the file that nginx obeys; nothing before the first start.
obeyed() { [ ! -f "$(live_file)" ] || sed -n "s/^# $1: \([A-Za-z0-9_.-]*\)\$/\1/p" "$(live_file)"; }

# other_copy COPY
other_copy() { copies | grep -Fvx -- "$1" | sed -n 1p; }

# copy_version COPY: what it runs, as far as a deploy has said.
copy_version() {
  if [ "$(obeyed copy)" = "$1" ]; then obeyed version; return; fi
  dotenv_get "$STATE/live.env" "$(unit_key "$(upper "$1")_VERSION")" || setting APP_VERSION dev
}

upper() { printf '%s' "$1" | tr '[:lower:]' '[:upper:]'; }

# live_copies: unit and live copy of each.
live_copies() {
  local UNIT
  while IFS= read -r UNIT; do printf '%s=%s\n' "$UNIT" "$(live_copy)"; done < <(units)
}

# services_now: the rows of services.tsv, with kind standby for copies that do not have the traffic.
services_now() {
  rows services.tsv | awk -F '\t' -v OFS='\t' -v all="$(live_copies | tr '\n' ' ')" '
    BEGIN { n = split(all, each, " "); for (i = 1; i <= n; i++) { at = index(each[i], "="); live[substr(each[i], 1, at - 1)] = substr(each[i], at + 1) } }
    $8 != "-" { split($8, c, ","); if (c[2] != live[$10 == "" ? "-" : $10]) $2 = "standby" } { print }'
}

# services_of COPY web|background: services of a copy that others call, or that nobody calls.
services_of() {
  unit_rows | awk -F '\t' -v copy="$1" -v web="$2" '$8 != "-" { split($8, c, ","); if (c[2] == copy && (($4 != "-") == (web == "web"))) print $1 }'
}

# followers KIND: services without copies that run the live version: one-shot (migrations) or long-running (schedulers).
followers() {
  unit_rows | awk -F '\t' -v kind="$1" '$8 == "-" && $9 != "-" && $2 == kind { print $1 }'
}

# live_folder: what nginx includes and callers read exists, whatever was or was not deployed before, and their users can read it,
# whatever umask the caller has (ops/restore has a strict one). Says nothing when it does.
live_folder() {
  local UNIT
  mkdir -p -- "$STATE/live"
  chmod 0755 "$STATE/live"
  while IFS= read -r UNIT; do live_unit; done < <(units)
}
live_unit() {
  local copy
  copy=$(live_copy)
  # nginx asks for the addresses of a copy that it knows every two seconds, and complains when there are none.
  if [ -n "$copy" ] && { [ ! -f "$(live_file)" ] || ! runs "$(obeyed known)"; }; then
    upstreams_for "$copy" "$(copy_version "$copy")" >"$(live_file).next"
    mv -f -- "$(live_file).next" "$(live_file)"
  fi
  [ ! -f "$(live_file)" ] || chmod 0644 "$(live_file)"
  [ "$UNIT" = - ] || tell_callers "$copy"
}

# tell_callers COPY: whom to call of each service of UNIT, one file a service. Callers open it at each call.
tell_callers() {
  local of name
  while IFS=$'\t' read -r of name; do
    [ "$(cat "$STATE/live/$of" 2>/dev/null)" != "$name" ] || continue
    printf '%s\n' "$name" >"$STATE/live/.$of.next"
    chmod 0644 "$STATE/live/.$of.next"
    mv -f -- "$STATE/live/.$of.next" "$STATE/live/$of"
  done < <(unit_rows | awk -F '\t' -v copy="$1" -v OFS='\t' '$8 != "-" && $4 != "-" { split($8, c, ","); if (c[2] == copy) print c[1], $1 }')
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
  local plan
  plan=$ROOT/nginx/plan/upstreams$(mark)
  printf '# copy: %s\n# version: %s\n# known: %s\n# Written by ops/deploy and ops/rollback.\n' "$1" "$2" "${3:-}"
  # What the edge hands no request to is in no file of nginx: this one is what we remember.
  routed || return 0
  printf 'map "" $release%s { default "%s-%s"; }\n\n' "$([ "$UNIT" = - ] || printf '_%s' "$UNIT" | tr - _)" "$1" "$2"
  awk -v known="${3:-}" '
    /^upstream / { of = $2 }
    FILENAME != ARGV[ARGC - 1] { if ($1 == "server") { sub(/;/, " down;"); server[of] = $0 } next }
    { print }
    $1 == "server" && of in server { print server[of] }' \
    ${3:+"$plan-$3.conf"} "$plan-$1.conf"
}

valid_version() { printf '%s' "$1" | LC_ALL=C grep -Eqx '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'; }
