# shellcheck shell=bash disable=SC2153
# What ops/doctor looks at beyond lib/checks.sh. Needs $WORK/report; RUNNING is the mode of what runs.

instance_option() { [ -z "$INSTANCE" ] || printf -- '--instance\n%s\n' "$INSTANCE"; }

# ask_script SCRIPT [COMMAND]: what another script finds is ours; its own sentence when it finds nothing.
ask_script() {
  local status=0 line options=()
  while IFS= read -r line; do options+=("$line"); done < <(instance_option)
  bash "$OPS/$1" ${2:+"$2"} ${options[@]+"${options[@]}"} >"$WORK/asked" 2>"$WORK/asked.err" </dev/null || status=$?
  case $status in
    0) report ok "$(tail -n 1 "$WORK/asked")" ;;
    3)
      while IFS= read -r line; do
        case $line in *' — '*) report fail "${line%% — *}" "${line#* — }" ;; esac
      done <"$WORK/asked"
      ;;
    *) report fail "$(sed -n 1p "$WORK/asked.err")" "$(sed -n 's/^  next: //p' "$WORK/asked.err" | sed -n 1p)" ;;
  esac
}

# check_services: as ops/health says it.
check_services() {
  local word text options=()
  while IFS= read -r word; do options+=("$word"); done < <(instance_option)
  "$OPS/health" ${options[@]+"${options[@]}"} >"$WORK/asked" 2>/dev/null </dev/null || :
  [ -s "$WORK/asked" ] || report fail "ops/health says nothing" "ops/health$AT"
  while read -r word text; do
    case $word in
      ok | standby) report ok "$text" ;;
      warn) report warn "${text%%: *}" "${text#*: }" ;;
      *) report fail "$text" "ops/logs$AT ${text%%:*}" ;;
    esac
  done <"$WORK/asked"
}

# check_containers: what a container that looks well may have behind it.
check_containers() {
  local service image id restarts oom now was=$FOUND
  # shellcheck disable=SC2046 # one argument per id
  docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}}	{{.Config.Image}}	{{.Image}}	{{.RestartCount}}	{{.State.OOMKilled}}' $(container_ids) | LC_ALL=C sort >"$WORK/lives"
  while IFS=$'\t' read -r service image id restarts oom <&3; do
    if [ "$oom" = true ]; then
      FOUND=$((FOUND + 1))
      report fail "$service was killed for want of memory" "raise its memory limit, or its load is too much: ops/logs$AT $service"
    fi
    if [ "$restarts" -ge 5 ]; then
      FOUND=$((FOUND + 1))
      report fail "$service ended and was started again $restarts times" "ops/logs$AT $service"
    elif [ "$restarts" -gt 0 ]; then
      report warn "$service ended and was started again, $restarts time(s)" "ops/logs$AT $service"
    fi
    now=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || echo "$id")
    [ "$now" = "$id" ] || report warn "$service runs an older build of $image" "$(up_again)"
  done 3<"$WORK/lives"
  [ "$FOUND" -gt "$was" ] || report ok "no container was killed for want of memory or keeps restarting"
}

up_again() { if [ "$MODE" = production ]; then printf 'ops/up --production%s' "$AT"; else printf 'ops/up%s' "$AT"; fi; }

# check_drift: Compose labels each container with a hash of the configuration that it was made from.
check_drift() {
  local service is was=$FOUND
  if ! dc --profile '*' config --hash '*' >"$WORK/hashes" 2>"$WORK/asked.err" </dev/null; then
    report fail "Compose cannot read the files: $(tail -n 1 "$WORK/asked.err")" "docker compose config -q"
    return 0
  fi
  # shellcheck disable=SC2046 # one argument per id
  docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{index .Config.Labels "com.docker.compose.config-hash"}}' $(container_ids) | LC_ALL=C sort >"$WORK/made"
  while read -r service is <&3; do
    ! grep -qxF -- "$service $is" "$WORK/hashes" || continue
    FOUND=$((FOUND + 1))
    if ! grep -q "^$service " "$WORK/hashes"; then report fail "$service runs, and the Compose files do not have it" "docker compose up -d --remove-orphans, with the files of this mode"
    else report fail "$service was made from another configuration than the files have now" "$(up_again)"; fi
  done 3<"$WORK/made"
  [ "$FOUND" -gt "$was" ] || report ok "every container was made from the files as they are"
}

# planned_ports: service, container port, host port, address, of the mode that runs.
planned_ports() {
  local service var default container address=any
  [ "$MODE" = production ] || address=127.0.0.1
  while IFS=$'\t' read -r service var default container _; do
    [ "$RUNNING" != base ] || [ "$service" = "$(fact EDGE_SERVICE)" ] || continue
    printf '%s\t%s\t%s\t%s\n' "$service" "$container" "$(setting "$var" "$default")" "$address"
  done < <(port_rows "$MODE")
}

# check_published: each port that is open on the host against the plan, and the other way round.
check_published() {
  local service binding host port was=$FOUND
  container_facts >"$WORK/facts"
  planned_ports >"$WORK/planned"
  awk -F '\t' '$3 == "running" && $7 != "-" { n = split($7, all, ","); for (i = 1; i <= n; i++) print $1 "\t" all[i] }' "$WORK/facts" >"$WORK/open"
  while IFS=$'\t' read -r service binding; do
    host=${binding%%>*}
    port=${binding##*>}
    awk -F '\t' -v s="$service" -v c="${port%/*}" -v h="${host##*:}" -v a="${host%:*}" '
      $1 == s && $2 == c && $3 == h && ($4 == "any" || $4 == a) { ok = 1 } END { exit !ok }' "$WORK/planned" && continue
    FOUND=$((FOUND + 1))
    report fail "$service publishes $host, which the plan does not" "take it out of the Compose files, then $(up_again)"
  done <"$WORK/open"
  while IFS=$'\t' read -r service port host _; do
    awk -F '\t' -v s="$service" -v b=":$host>$port/" '$1 == s && index($2, b) { ok = 1 } END { exit !ok }' "$WORK/open" && continue
    FOUND=$((FOUND + 1))
    report fail "$service does not publish port $host, which the plan does" "$(up_again)"
  done <"$WORK/planned"
  [ "$FOUND" -gt "$was" ] || report ok "ports are published as planned"
}

# check_addresses: an engine that hands connections on by itself shows its own address for every client, and then rate
# limits count all of them as one. A request from this host looks the same, so many must have been seen.
check_addresses() {
  local id requests address
  id=$(service_container "$(fact EDGE_SERVICE)") || return 0
  docker logs --tail 2000 "$id" 2>/dev/null | sed -n 's/.*"remote_addr":"\([^"]*\)".*/\1/p' | sort | uniq -c | sort -rn >"$WORK/addresses"
  read -r requests address <"$WORK/addresses" || return 0
  if [ "$(wc -l <"$WORK/addresses")" -gt 1 ] || [ "$requests" -lt 50 ]; then
    report ok "clients have addresses of their own, or were too few to say"
    return 0
  fi
  docker network ls -q --filter "label=$L_PROJECT=$PROJECT" | xargs docker network inspect --format '{{range .IPAM.Config}}{{println .Gateway}}{{end}}' >"$WORK/gateways"
  grep -qxF -- "$address" "$WORK/gateways" || { report ok "one client, with an address of its own"; return 0; }
  case ,$(setting DOMAIN localhost), in
    *,localhost,*) report warn "all of the last $requests requests came from $address, the engine itself" "right when they all came from this host" ;;
    *) report fail "all of the last $requests requests came from $address, the engine itself: rate limits count all clients as one" "\"userland-proxy\": false in daemon.json and no rootless engine; behind a load balancer, name it in nginx/common/client.conf" ;;
  esac
}

# check_backups: the backup part has a script that knows; without the part somebody should know that there is none.
check_backups() {
  if [ -f "$OPS/backup-status" ]; then ask_script backup-status
  else report warn "no backup part: nothing saves this project's data by itself" "docs/operations/database.md has a dump by hand"; fi
}
