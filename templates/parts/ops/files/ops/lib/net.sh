# shellcheck shell=bash
# Ports and IPv4 subnets of this host. PROC_NET can be pointed elsewhere by tests.
PROC_NET=${PROC_NET:-/proc/net}

# ip_number A.B.C.D
ip_number() {
  local IFS=. part
  # shellcheck disable=SC2086 # split on dots
  set -- $1
  [ $# -eq 4 ] || return 1
  for part in "$@"; do
    case $part in '' | *[!0-9]* | ????*) return 1 ;; esac
    [ "$((10#$part))" -le 255 ] || return 1
  done
  printf '%s\n' $(((10#$1 << 24) | (10#$2 << 16) | (10#$3 << 8) | 10#$4))
}
number_ip() { printf '%s.%s.%s.%s\n' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)); }

# cidr_range CIDR: first and last address as numbers; fails when it is no IPv4 CIDR.
cidr_range() {
  local base bits=${1#*/} mask
  case $1 in */*) ;; *) return 1 ;; esac
  case $bits in '' | *[!0-9]* | ???*) return 1 ;; esac
  [ "$((10#$bits))" -le 32 ] || return 1
  base=$(ip_number "${1%/*}") || return 1
  mask=$(((0xFFFFFFFF << (32 - 10#$bits)) & 0xFFFFFFFF))
  printf '%s %s\n' $((base & mask)) $(((base & mask) | (~mask & 0xFFFFFFFF)))
}

# cidr_overlap A B
cidr_overlap() {
  local a1 a2 b1 b2
  read -r a1 a2 < <(cidr_range "$1") || return 1
  read -r b1 b2 < <(cidr_range "$2") || return 1
  [ "$a1" -le "$b2" ] && [ "$b1" -le "$a2" ]
}

# little_endian_ip HEX: as /proc/net writes addresses.
little_endian_ip() {
  printf '%s.%s.%s.%s\n' $((16#${1:6:2})) $((16#${1:4:2})) $((16#${1:2:2})) $((16#${1:0:2}))
}

# host_routes: interface and CIDR of each IPv4 route but the default one.
host_routes() {
  local iface dest mask rest number bits
  [ -r "$PROC_NET/route" ] || return 0
  while read -r iface dest _ _ _ _ _ mask rest; do
    case $dest in Destination | 00000000) continue ;; esac
    number=$(ip_number "$(little_endian_ip "$mask")")
    bits=0
    while [ "$number" -ne 0 ]; do
      number=$(((number << 1) & 0xFFFFFFFF))
      bits=$((bits + 1))
    done
    printf '%s\t%s/%s\n' "$iface" "$(little_endian_ip "$dest")" "$bits"
  done <"$PROC_NET/route"
}

# docker_subnets: network, Compose project (or -), CIDR. A network of another project may be gone
# between the list and the look at it.
docker_subnets() {
  local ids
  ids=$(docker network ls -q) || return 1
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # one argument per id
  docker network inspect --format '{{$n := .}}{{range .IPAM.Config}}{{$n.Name}}	{{with index $n.Labels "com.docker.compose.project"}}{{.}}{{else}}-{{end}}	{{.Subnet}}
{{end}}' $ids >"$WORK/inspected" 2>"$WORK/said" || {
    ! grep -viE 'network .* not found|no such network' "$WORK/said" >&2 || return 1
  }
  sed '/^$/d' "$WORK/inspected"
}

# host_listeners [all|outside]: TCP ports this host listens on; "outside" leaves those bound to loopback away.
host_listeners() {
  local file hex
  if [ -r "$PROC_NET/tcp" ]; then
    for file in tcp tcp6; do
      [ -r "$PROC_NET/$file" ] || continue
      awk -v scope="${1:-all}" '$4 == "0A" { split($2, a, ":")
        if (scope == "outside" && (a[1] ~ /^......7F$/ || a[1] ~ /^0+01000000$/ || a[1] ~ /FFFF0000......7F$/)) next
        print a[2] }' "$PROC_NET/$file"
    done | sort -u | while read -r hex; do echo $((16#$hex)); done
  else
    netstat -an 2>/dev/null | awk '/LISTEN/ { n = split($4, a, "."); print a[n] }' | sort -u
  fi
}

# docker_ports [PROJECT]: host ports that containers publish; with PROJECT only that project's.
docker_ports() {
  # shellcheck disable=SC2086 # two words or none
  docker ps ${1:+--filter "label=$L_PROJECT=$1"} --format '{{.Ports}}' | tr ',' '\n' |
    sed -n 's/.*:\([0-9-]*\)->.*/\1/p' | while IFS=- read -r from to; do seq "$from" "${to:-$from}"; done | sort -u
}

# port_rows MODE: service, variable, default, container port of what MODE publishes.
port_rows() {
  if [ "$1" = development ]; then rows development.tsv; else rows published.tsv; fi
}

# subnets_of_instance: network and CIDR that this instance fixes (networks.yaml and subnet variables).
subnets_of_instance() {
  local network var subnet yaml=$ROOT/instances/$INSTANCE/networks.yaml
  while IFS=$'\t' read -r network _ var subnet; do
    [ "$var" = - ] || subnet=$(setting "$var" "$subnet")
    [ "$subnet" = - ] || [ -z "$subnet" ] || printf '%s\t%s\n' "$network" "$subnet"
  done < <(rows networks.tsv)
  [ -n "$INSTANCE" ] && [ -f "$yaml" ] || return 0
  awk '/^  [^ #][^:]*:/ { n = $1; sub(":", "", n) }
    /subnet:/ { s = $0; sub(/.*subnet: */, "", s); gsub(/["'"'"' ]/, "", s); print n "\t" s }' "$yaml"
}
