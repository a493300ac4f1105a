# shellcheck shell=bash
# Probes: short-lived containers that borrow a service's network and try to connect.
# Needs in $WORK: facts (container_facts), nets (network_facts). Service images need no tools for this.

# network_facts: name, key, internal, bridge interface, gateways (comma), containers (id,…).
network_facts() {
  local ids
  ids=$(docker network ls -q --filter "label=$L_PROJECT=$PROJECT")
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # one argument per id
  docker network inspect --format '{{.Name}}	{{index .Labels "com.docker.compose.network"}}	{{.Internal}}	{{with .Options}}{{with index . "com.docker.network.bridge.name"}}{{.}}{{else}}-{{end}}{{else}}-{{end}}	br-{{printf "%.12s" .Id}}	-{{range .IPAM.Config}}{{with index . "Gateway"}},{{.}}{{end}}{{end}}	-{{range $id, $c := .Containers}},{{$id}}{{end}}' $ids |
    awk -F '\t' -v OFS='\t' '{ print $1, $2, $3, ($4 == "-" ? $5 : $4), $6, $7 }' | sed -e 's/	-,/	/g'
}

# host_addresses: this host's own IPv4 addresses, without loopback and Docker's bridges.
host_addresses() {
  [ -r "$PROC_NET/fib_trie" ] || return 0
  docker network ls -q --filter driver=bridge | xargs docker network inspect --format '{{range .IPAM.Config}}{{println .Gateway}}{{end}}' >"$WORK/gateways"
  awk '/\|-- / { ip = $2 } /32 host LOCAL/ && ip !~ /^127\./ { print ip }' "$PROC_NET/fib_trie" | sort -u | grep -Fvx -f <(sed '/^$/d' "$WORK/gateways") || :
}

# bridge_of IP: the interface by which this host has a route of its own to IP (never the default route); fails without.
bridge_of() {
  local iface cidr number first last
  number=$(ip_number "$1") || return 1
  while IFS=$'\t' read -r iface cidr; do
    read -r first last < <(cidr_range "$cidr")
    if [ "$number" -ge "$first" ] && [ "$number" -le "$last" ]; then printf '%s\n' "$iface"; return 0; fi
  done <"$WORK/routes"
  return 1
}

# targets_of SERVICE: the probe lines for its row: each port of each other service, by name and by every address.
# From a container with a way out, an address that this host has no bridge route for would leave the machine: not sent.
targets_of() {
  awk -F '\t' -v from="$1" -v way_out="$2" '
    FILENAME ~ /\/routed$/ { routed[$1] = 1; next }
    FILENAME ~ /\/facts$/ {
      n = split($6, nets, ",")
      for (i = 1; i <= n; i++) { split(nets[i], pair, "="); if (pair[2] != "") { ips[$1] = ips[$1] " " pair[2]; net[pair[2]] = pair[1] } if ($1 == from) mine[pair[1]] = 1 }
      next
    }
    $1 == from {
      print $2 ":" $3 ":name", $2, $3
      m = split(ips[$2], all, " ")
      for (i = 1; i <= m; i++) if (!way_out || (net[all[i]] in mine) || (all[i] in routed)) print $2 ":" $3 ":" all[i], all[i], $3
    }' "$WORK/routed" "$WORK/facts" "$WORK/reach"
}

# out_targets NETWORKS: where a container without a way out must not get: its gateways, Docker's, the host; a closed
# port there answers "refused", which is reach enough.
out_targets() {
  local ip port
  { printf '%s\n' "$1" | tr ',' '\n' | cut -d= -f1 | awk -F '\t' 'NR == FNR { want[$1] = 1; next } $1 in want { print $5 }' - "$WORK/nets" | tr ',' '\n'
    cat "$WORK/outside"; } | grep -v '^-*$' | sort -u | while read -r ip; do
    for port in 1 $(cat "$WORK/listeners"); do printf 'out:%s:%s %s %s\n' "$ip" "$port" "$ip" "$port"; done
  done
}

PROBE_ARGS=(--user 65534:65534 --cap-drop ALL --read-only --security-opt no-new-privileges --pids-limit 1024 --memory 256m
  --log-driver none --label breakwater.probe=1 --env 'RES_OPTIONS=timeout:1 attempts:1' --entrypoint bash)

# probe SERVICE ID STATUS SECONDS: results on stdout. A container that has ended is stood in for by one on the same networks.
probe() {
  local script id network rest
  script=$(sed '/^#/d' "$OPS/lib/probe-inside.sh")
  if [ "$3" = running ]; then
    docker run --rm -i --pull never --network "container:$2" "${PROBE_ARGS[@]}" "$IMAGE" -c "$script" probe "$4"
    return
  fi
  rest=$(awk -F '\t' -v id="$2" '$2 == id { print $6 }' "$WORK/facts" | tr ',' '\n' | sed 's/=.*//' | sort -u)
  network=$(printf '%s\n' "$rest" | sed -n 1p)
  id=$(docker create --rm -i --pull never --network "$network" "${PROBE_ARGS[@]}" "$IMAGE" -c "$script" probe "$4") || return 1
  for network in $(printf '%s\n' "$rest" | sed 1d); do
    docker network connect "$network" "$id" || { docker rm -f "$id" >/dev/null; return 1; }
  done
  docker start -ai "$id"
}

# probe_all SECONDS: every $WORK/rows/* that has targets, all at once. who: service, id, status; results are added up.
probe_all() {
  local row service id status
  for row in "$WORK"/rows/*; do
    [ -s "$row/targets" ] || continue
    IFS=$'\t' read -r service id status <"$row/who"
    probe "$service" "$id" "$status" "$1" <"$row/targets" >"$row/answer" 2>"$row/error" &
  done
  wait
  for row in "$WORK"/rows/*; do
    [ -s "$row/targets" ] || continue
    grep -q '^P' "$row/answer" || { cat "$row/error" >&2; die "a probe from $(cut -f 1 "$row/who") did not run" "docker run --rm --pull never --entrypoint bash $IMAGE -c true"; }
    cat "$row/answer" >>"$row/results"
  done
}
