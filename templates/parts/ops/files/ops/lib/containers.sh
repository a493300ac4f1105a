# shellcheck shell=bash
# What this instance's containers are doing.
# shellcheck source=copies.sh
. "$OPS/lib/copies.sh"

# container_facts: service, id, status, health, exit code, networks (name=ip,…), published (host:port>port/proto,…), image; "-" for nothing.
container_facts() {
  local ids
  ids=$(container_ids)
  [ -n "$ids" ] || return 0
  # .Id, as the API spells it, makes every client read the plain document, where only "index" survives a missing key.
  # shellcheck disable=SC2086 # one argument per id
  docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}}	{{.Id}}	{{.State.Status}}	{{with index .State "Health"}}{{.Status}}{{else}}-{{end}}	{{.State.ExitCode}}	-{{range $n, $v := .NetworkSettings.Networks}},{{$n}}={{$v.IPAddress}}{{with index $v "GlobalIPv6Address"}},{{$n}}={{.}}{{end}}{{end}}	-{{range $p, $b := .NetworkSettings.Ports}}{{range $b}},{{.HostIp}}:{{.HostPort}}>{{$p}}{{end}}{{end}}	{{.Config.Image}}' $ids |
    sed -e 's/	-,/	/g' | LC_ALL=C sort
}

# service_states: service, word, sentence. Words: ok, wait, bad, standby.
service_states() {
  container_facts >"$WORK/facts" || die "the engine does not say what runs" "docker ps"
  services_now | awk -F '\t' -v OFS='\t' '
    FILENAME == ARGV[1] { n[$1]++; status[$1, n[$1]] = $3; health[$1, n[$1]] = $4; code[$1, n[$1]] = $5; next }
    {
      word = "ok"; text = ""
      if (!n[$1]) { word = ($2 == "standby" ? "standby" : "bad"); text = ($2 == "standby" ? "not started" : "missing") }
      for (i = 1; i <= n[$1]; i++) {
        s = status[$1, i]; h = health[$1, i]; c = code[$1, i]
        if ($2 == "one-shot") {
          if (s == "exited" && c == 0) { w = "ok"; t = "done" }
          else if (s == "exited" || s == "dead") { w = "bad"; t = "failed with exit code " c }
          else { w = "wait"; t = s }
        } else if (s == "running") {
          if (h == "healthy" || h == "-") { w = "ok"; t = (h == "-" ? "running, no health check" : h) }
          else if (h == "starting") { w = "wait"; t = h }
          else { w = "bad"; t = h }
        } else if ($2 == "standby") { w = "standby"; t = "stopped" }
        else if (s == "created") { w = "wait"; t = s }
        else { w = "bad"; t = s (s == "exited" ? " with exit code " c : "") }
        text = text (text == "" ? "" : ", ") t
        if (w == "bad" || (w == "wait" && word != "bad") || word == "ok") word = w
      }
      print $1, word, text
    }' "$WORK/facts" -
}

# bindings_in FACTS SERVICE: host address, host port, container port of what it publishes now.
bindings_in() {
  awk -F '\t' -v s="$2" '$1 == s && $7 != "-" {
    n = split($7, all, ",")
    for (i = 1; i <= n; i++) {
      split(all[i], side, ">"); port = side[2]; sub(/\/.*/, "", port)
      host = side[1]; sub(/:[0-9]+$/, "", host)
      number = side[1]; sub(/.*:/, "", number)
      if (host == "0.0.0.0" || host == "") host = "127.0.0.1"
      if (host == "::") continue
      print host "\t" number "\t" port
    }
  }' "$1" | sort -u
}

# edge_endpoint: "scheme host port" of the edge as published now, https before http; fails when nothing is published.
edge_endpoint() {
  local edge found
  edge=$(fact EDGE_SERVICE)
  found=$({ rows published.tsv; bindings_in <(container_facts) "$edge" | sed 's/^/now	/'; } | awk -F '\t' -v edge="$edge" '
    $1 == "now" { scheme = ($4 in schemes) ? schemes[$4] : "http"; print (scheme == "https" ? 0 : 1), scheme, $2, $3; next }
    $1 == edge { schemes[$4] = $5 }' | sort -n | sed -n 1p)
  [ -n "$found" ] && printf '%s\n' "${found#* }"
}

# edge_url: what a person opens.
edge_url() {
  local scheme port host
  read -r scheme host port < <(edge_endpoint) || return 1
  host=$(first_domain)
  case $scheme:$port in
    http:80 | https:443) printf '%s://%s/\n' "$scheme" "$host" ;;
    *) printf '%s://%s:%s/\n' "$scheme" "$host" "$port" ;;
  esac
}

# remake SECONDS SERVICE…: new containers made from the files as they are, well within so many seconds; every other container is
# left alone. Not by "up --no-deps", whose containers the next "up" takes for another configuration and replaces, and not by
# "up", which runs finished one-shots again. What Compose says is in $WORK/said. PROFILE names the copy that they belong to, if they do.
remake() {
  local seconds=$1 service
  shift
  dc ${PROFILE:+--profile "$(profile_of "$PROFILE")"} rm -sf "$@" >"$WORK/said" 2>&1 </dev/null || return 1
  dc ${PROFILE:+--profile "$(profile_of "$PROFILE")"} create --no-build --no-recreate "$@" >>"$WORK/said" 2>&1 </dev/null || return 1
  for service in "$@"; do
    docker start "$(made_container "$service")" >>"$WORK/said" 2>&1 || return 1
  done
  until_well "$seconds" "$@"
}

# made_container SERVICE: its container, running or not.
made_container() {
  docker ps -aq --filter "label=$L_PROJECT=$PROJECT" --filter "label=$L_SERVICE=$1" --filter "label=com.docker.compose.oneoff=False" | sed -n 1p
}

# well SERVICE: it runs, and is healthy where that is asked.
well() {
  case $(container_facts | awk -F '\t' -v s="$1" '$1 == s { print $3 " " $4 }') in 'running healthy' | 'running -') ;; *) return 1 ;; esac
}

# until_well SECONDS SERVICE…
until_well() {
  local end service
  end=$(($(date +%s) + $1))
  shift
  for service in "$@"; do
    until well "$service"; do
      [ "$(date +%s)" -lt "$end" ] || { echo "$service is not healthy" >>"$WORK/said"; return 1; }
      sleep 0.5
    done
  done
}
