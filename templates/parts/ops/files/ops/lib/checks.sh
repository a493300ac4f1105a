# shellcheck shell=bash disable=SC2153
# The checks of ops/preflight; ops/doctor has them too. Each calls report LEVEL WHAT [MEND] for what it looked at.

report() { # ok|warn|fail WHAT [MEND]
  printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$WORK/report"
}

# print_report: $WORK/report for people, or with $JSON as one document; with $QUIET without what is ok. Sets FAILED.
print_report() {
  local level what mend separator=''
  FAILED=$(grep -c '^fail' "$WORK/report" || :)
  if [ -n "$JSON" ]; then
    printf '{"ok":%s,"mode":"%s","checks":[' "$([ "$FAILED" -eq 0 ] && echo true || echo false)" "$MODE"
    while IFS=$'\t' read -r level what mend; do
      printf '%s{"level":"%s","what":%s,"mend":%s}' "$separator" "$level" "$(json_string "$what")" "$(json_string "$mend")"
      separator=,
    done <"$WORK/report"
    printf ']}\n'
    return
  fi
  while IFS=$'\t' read -r level what mend; do
    [ -z "$QUIET" ] || [ "$level" != ok ] || continue
    printf '%-4s  %s%s\n' "$level" "$what" "${mend:+ — $mend}"
  done <"$WORK/report"
}

check_engine() {
  local said version compose
  if ! command -v docker >/dev/null 2>&1; then
    report fail "docker is not installed" "install Docker Engine $MIN_ENGINE or later with the Compose plugin"
    return 1
  fi
  if ! said=$(docker version --format '{{.Server.Version}}' 2>&1); then
    case $said in
      *"permission denied"*) report fail "no permission to use the Docker engine" "add yourself to the docker group and log in again (that group is as strong as root)" ;;
      *) report fail "the Docker engine does not answer ($(printf '%s' "$said" | tail -n 1))" "start it: systemctl start docker, or Docker Desktop; check DOCKER_HOST and 'docker context ls'" ;;
    esac
    return 1
  fi
  version=$(printf '%s\n' "$said" | tail -n 1)
  if version_at_least "$version" "$MIN_ENGINE"; then report ok "Docker engine $version"
  else report fail "Docker engine $version is older than $MIN_ENGINE" "upgrade Docker Engine"; fi
  if ! compose=$(docker compose version --short 2>/dev/null); then
    report fail "the Compose plugin is missing" "install docker-compose-plugin $MIN_COMPOSE or later (docker-compose 1.x will not do)"
  elif version_at_least "$compose" "$MIN_COMPOSE"; then report ok "Compose $compose"
  else report fail "Compose $compose is older than $MIN_COMPOSE" "upgrade the Compose plugin"; fi
}

check_host() {
  local memory cpus root os clock security limits pids need
  IFS='|' read -r memory cpus root os clock limits pids security < <(docker info \
    --format '{{.MemTotal}}|{{.NCPU}}|{{.DockerRootDir}}|{{.OperatingSystem}}|{{.SystemTime}}|{{.MemoryLimit}}|{{.PidsLimit}}|{{.SecurityOptions}}' 2>/dev/null) || :
  need=$(fact MEMORY_MIB)
  memory=$((${memory:-0} / 1048576))
  if [ "$memory" -ge "$need" ]; then report ok "memory: $memory MiB for limits of $need MiB"
  elif [ "$MODE" = production ]; then report fail "memory: $memory MiB, but the services' limits add up to $need MiB" "give the engine more memory, or lower the limits"
  else report warn "memory: $memory MiB, but the services' limits add up to $need MiB" "close other programs if services are killed"; fi
  if [ "${cpus:-0}" -ge 2 ]; then report ok "cpus: $cpus"; else report warn "cpus: ${cpus:-unknown}" "two or more are advised"; fi
  [ "$limits" != false ] || report warn "the engine ignores memory limits" "enable the memory cgroup controller"
  [ "$pids" != false ] || report warn "the engine ignores process limits" "enable the pids cgroup controller"
  case $security in *rootless*) report warn "the engine is rootless" "clients' addresses are hidden, so rate limits count all clients as one; ports below 1024 need net.ipv4.ip_unprivileged_port_start" ;; esac
  case $os in *"Docker Desktop"*) report warn "Docker Desktop" "clients' addresses are hidden: fine for development, not for production" ;; esac
  check_disk "$ROOT" "the project"
  [ ! -d "${root:-/nonexistent}" ] || check_disk "$root" "the engine"
  check_clock "$clock"
}

check_disk() { # PATH WHOSE
  local free
  free=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "${free:-0}" -lt 1024 ]; then report fail "disk of $2: ${free:-0} MiB free" "free some: docker system df"
  elif [ "$free" -lt 5120 ]; then report warn "disk of $2: $free MiB free" "images and volumes want 5 GiB: docker system df"
  else report ok "disk of $2: $((free / 1024)) GiB free"; fi
}

check_clock() { # ENGINE-TIME
  local now engine drift
  now=$(date +%s)
  if [ "$now" -lt "$(file_mtime "$DATA/project.env")" ]; then
    report fail "the clock is before the project was made" "set the clock (NTP): certificates and tokens depend on it"
    return
  fi
  engine=${1%%.*}
  engine=$(date -u -d "${engine%Z}Z" +%s 2>/dev/null || date -j -u -f '%Y-%m-%dT%H:%M:%S' "${engine%Z}" +%s 2>/dev/null || echo "$now")
  case $1 in *[+-][0-9][0-9]:[0-9][0-9]) engine=$(date -u -d "$1" +%s 2>/dev/null || echo "$now") ;; esac
  drift=$((now - engine))
  if [ "${drift#-}" -le 60 ]; then report ok "clock"
  else report warn "the engine's clock is ${drift#-} s off this one" "restart the engine's machine, or its time service"; fi
}

check_ports() {
  local service var default _ port busy ours
  busy=$({ host_listeners; docker_ports; } | sort -u)
  ours=$(docker_ports "$PROJECT")
  while IFS=$'\t' read -r service var default _; do
    port=$(setting "$var" "$default")
    case $port in '' | *[!0-9]*) report fail "$var is '$port'" "set a port number in $(shown "$ENV_FILE")"; continue ;; esac
    if printf '%s\n' "$ours" | grep -x "$port" >/dev/null; then report ok "port $port ($service): ours already"
    elif printf '%s\n' "$busy" | grep -x "$port" >/dev/null; then report fail "port $port ($service) is in use" "stop what listens there, or set $var in $(shown "$ENV_FILE")"
    else report ok "port $port ($service) is free"; fi
  done < <(port_rows "$MODE")
}

check_subnets() {
  local network cidr name project other iface clash total
  docker_subnets >"$WORK/subnets"
  while IFS=$'\t' read -r network cidr; do
    clash=''
    cidr_range "$cidr" >/dev/null || { report fail "subnet of $network: '$cidr' is no IPv4 subnet" "write it as 10.210.0.0/24"; continue; }
    while IFS=$'\t' read -r name project other; do
      [ "$project" != "$PROJECT" ] && cidr_overlap "$cidr" "$other" && clash="the Docker network $name ($other)"
    done <"$WORK/subnets"
    while IFS=$'\t' read -r iface other; do
      # Docker's own bridges have routes too; the networks above speak for them.
      case $iface in br-* | docker*) continue ;; esac
      cidr_overlap "$cidr" "$other" && clash="the host's route $other ($iface)"
    done < <(host_routes)
    if [ -n "$clash" ]; then report fail "subnet $cidr of $network overlaps $clash" "choose another one$(subnet_place "$network")"
    else report ok "subnet $cidr of $network"; fi
  done < <(subnets_of_instance)
  total=$(wc -l <"$WORK/subnets")
  [ "$total" -lt 26 ] || report warn "$total Docker networks: the engine's default pools end at about 31" "set default-address-pools with /24 in daemon.json"
}
subnet_place() {
  local var
  var=$(rows networks.tsv | awk -F '\t' -v n="$1" '$1 == n { print $3 }')
  if [ "${var:--}" != - ]; then printf ': %s in %s' "$var" "$(shown "$ENV_FILE")"
  else printf ' in instances/%s/networks.yaml' "$INSTANCE"; fi
}

check_files() {
  local probe bad file
  probe=$(mktemp -d "$ROOT/.preflight.XXXXXX" 2>/dev/null) || { report fail "$ROOT is not writable" "chown it to yourself"; return; }
  at_exit rm -rf -- "$probe"
  : >"$probe/case"
  [ ! -e "$probe/CASE" ] || report warn "the file system ignores case" "two names that differ in case only would clash: keep the project on another one for production"
  printf '#!/bin/sh\n' >"$probe/run"
  chmod 0755 "$probe/run"
  "$probe/run" 2>/dev/null || report fail "the file system does not run programs (noexec)" "move the project, or remount it with exec"
  chmod 0444 "$probe/case"
  if [ "$(file_mode "$probe/case")" != 444 ]; then
    report fail "the file system keeps no modes, so secrets would be open" "move the project to a Linux file system, or set SECRETS_DIR and TLS_DIR to one"
  fi
  case $(stat -f -c %T "$ROOT" 2>/dev/null || :) in
    v9fs | 9p | cifs | smb* | msdos | exfat | fuseblk | vboxsf) report warn "the project lies on a Windows or network mount" "slow, and modes are not kept: inside WSL use ~/" ;;
  esac
  rm -rf -- "$probe"
  bad=$(find "$ROOT" \( -name node_modules -o -name .git -o -name instances -o -name .venv \) -prune -o -type f \
    \( -name '*.sh' -o -name 'Dockerfile*' -o -name '*.conf' -o -name 'compose*.yaml' -o -path "$OPS/*" \) -print0 |
    xargs -0 grep -l $'\r$' 2>/dev/null | sed -n 1,3p) || :
  if [ -n "$bad" ]; then report fail "Windows line ends in $(printf '%s\n' "$bad" | sed "s|^$ROOT/||" | tr '\n' ' ')" "git config --global core.autocrlf input, then clone the project again"
  else report ok "line ends"; fi
  for file in "$OPS"/*; do
    case $file in *.sh | *.md | */lib | */data) continue ;; esac
    [ -x "$file" ] || { report warn "$(shown "$file") is not executable" "chmod +x ops/*"; break; }
  done
}

check_production() {
  local images
  [ -f "$ENV_FILE" ] || report fail "$(shown "$ENV_FILE") is missing" "cp .env.example $(shown "$ENV_FILE"), then set DOMAIN"
  case ,$(setting DOMAIN localhost), in
    *,localhost,*) report warn "DOMAIN is localhost" "set DOMAIN in $(shown "$ENV_FILE") to the names that this host serves" ;;
    *) report ok "DOMAIN $(setting DOMAIN)" ;;
  esac
  case $(setting APP_VERSION dev) in
    dev) report warn "APP_VERSION is dev, so every release would overwrite the images of the last one" "set APP_VERSION in $(shown "$ENV_FILE"), like 1.0.0" ;;
    *) report ok "APP_VERSION $(setting APP_VERSION)" ;;
  esac
  if [ -f "$TLS/ca.crt" ] && [ -f "$TLS/edge/server.crt" ] && issued_by "$TLS/ca.crt" "$TLS/edge/server.crt"; then
    report warn "the edge's certificate comes from this project's own CA" "good for rehearsal; for the public put server.crt and server.key of a public CA into $(shown "$TLS")/edge"
  fi
  if [ ! -f "$LOCK_ENV" ]; then
    report warn "base images are named by tag, not by digest" "ops/pin"
  else
    images=$("$OPS/pin" --check 2>/dev/null) || report warn "images.lock.env is out of date: $(printf '%s' "$images" | sed -n 1p)" "ops/pin"
  fi
}
