# shellcheck shell=bash
# Free ports and subnets for a new instance: what the host, Docker and the other instances hold is taken.

# Outside the pools that Docker itself hands out by default (172.17-31, 192.168).
POOLS=${INSTANCE_POOLS:-10.210.0.0/16 10.64.0.0/16 172.16.0.0/16}

# taken_ports: one a line.
taken_ports() {
  local file
  host_listeners
  docker_ports
  { port_rows production; port_rows development; } | cut -f 3
  for file in "$ROOT/.env" "$ROOT"/instances/*/.env; do
    [ -f "$file" ] || continue
    { port_rows production; port_rows development; } | cut -f 2 | sort -u | while read -r var; do dotenv_get "$file" "$var" || :; done
  done
}

# free_port FROM: the first that is not in $WORK/ports; notes it there.
free_port() {
  local port=$1
  while grep -qx "$port" "$WORK/ports"; do port=$((port + 1)); done
  [ "$port" -le 65535 ] || die "no free port above $1" "ops/instance list"
  echo "$port" >>"$WORK/ports"
  printf '%s\n' "$port"
}

# taken_subnets: one a line.
taken_subnets() {
  local file var
  docker_subnets | cut -f 3
  host_routes | cut -f 2
  { cat "$ROOT"/instances/*/networks.yaml 2>/dev/null || :; } | sed -n 's/.*subnet: *"\{0,1\}\([0-9./]*\).*/\1/p'
  rows networks.tsv | cut -f 4 | sed '/^-$/d'
  rows networks.tsv | cut -f 3 | sed '/^-$/d' | while read -r var; do
    for file in "$ROOT/.env" "$ROOT"/instances/*/.env; do dotenv_get "$file" "$var" 2>/dev/null || :; done
  done
}

# free_subnets COUNT: that many /24 that touch no range of $WORK/taken, one a line.
free_subnets() {
  local want=$1 pool first last base from to
  for pool in $POOLS; do
    read -r first last < <(cidr_range "$pool") || die "INSTANCE_POOLS: '$pool' is no IPv4 subnet"
    base=$first
    while [ "$base" -le "$last" ] && [ "$want" -gt 0 ]; do
      base=$((base + 256))
      while read -r from to; do
        { [ "$from" -ge "$base" ] || [ "$to" -lt $((base - 256)) ]; } || continue 2
      done <"$WORK/taken"
      printf '%s/24\n' "$(number_ip $((base - 256)))"
      want=$((want - 1))
    done
    [ "$want" -gt 0 ] || return 0
  done
  return 1
}

# env_with FILE LINES: FILE with the assignments of LINES in place of its own, new ones at the end.
env_with() {
  awk -v lines="$2" '
    BEGIN { while ((getline l < lines) > 0) { k = l; sub(/=.*/, "", k); value[k] = l; order[++n] = k } }
    { k = $0; sub(/^(export )?/, "", k); sub(/=.*/, "", k); if (k in value) { print value[k]; done[k] = 1 } else print }
    END { for (i = 1; i <= n; i++) if (!done[order[i]]) print value[order[i]] }' "$1"
}
