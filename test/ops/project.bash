# shellcheck shell=bash
# Each test gets a project of its own: the fixture with the scripts that are shipped.
bats_require_minimum_version 1.5.0
OPS_TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# project [DIRECTORY]
project() {
  PROJECT_DIR=${1:-$BATS_TEST_TMPDIR/project}
  mkdir -p "$PROJECT_DIR"
  cp -R "$OPS_TESTS/fixture/." "$PROJECT_DIR/"
  cp -R "$OPS_TESTS/../../templates/parts/ops/files/ops/." "$PROJECT_DIR/ops/"
  # Only what a test sets may decide, whatever the caller's shell holds.
  unset INSTANCE COMPOSE_PROJECT_NAME COMPOSE_FILE PROXY_PORT PROXY_TLS_PORT SECRETS_DIR TLS_DIR STATE_DIR DOMAIN NGINX_IMAGE POSTGRES_IMAGE DOCKER_HOST
  cd "$PROJECT_DIR" || return
}

# parts NAME…: with the scripts and services that these parts bring.
parts() {
  local name files
  for name in "$@"; do
    files=$OPS_TESTS/../../templates/parts/$name/files
    cp -R "$files/ops/." ops/
    [ ! -d "$files/services" ] || cp -R "$files/services" .
  done
}

# backup_project: one with backups of PostgreSQL. How a database is backed up comes with its part.
backup_project() {
  project
  fake_docker
  parts backup postgres
  cp .env.example .env
  mkdir -p nginx .breakwater
  # shellcheck disable=SC2034 # the tests'
  BIN=$PWD/services/backup/bin
}

fake_docker() {
  export PATH="$OPS_TESTS/fake:$PATH"
  export PROC_NET=$BATS_TEST_TMPDIR/net
  mkdir -p "$PROC_NET"
  printf '  sl  local_address rem_address   st\n' >"$PROC_NET/tcp"
  printf 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' >"$PROC_NET/route"
}

# listens PORT: as /proc/net/tcp shows a listener on 0.0.0.0.
listens() { printf '   0: 00000000:%04X 00000000:0000 0A\n' "$1" >>"$PROC_NET/tcp"; }

# A fake engine with these services running, of which the rest of the words have an image of the first version; deploys may begin.
deploy_room() { # SERVICES CONTAINERS SERVICE...
  export SERVER=$BATS_TEST_TMPDIR/server FAKE_ENGINE_ROOM=$OPS_TESTS/fake/deploy-room FAKE_LOG=$BATS_TEST_TMPDIR/log
  export FAKE_SERVICES=$1 FAKE_CONTAINERS=$2 FAKE_FILES=/x/compose.yaml,/x/compose.production.yaml
  shift 2
  local service ports
  FAKE_FACTS=$(for service in $FAKE_SERVICES; do
    ports=-
    [ "$service" != proxy ] || ports='127.0.0.1:28443>8443/tcp'
    printf '%s\tc-%s\trunning\thealthy\t0\t-\t%s\n' "$service" "$service" "$ports"
  done)
  export FAKE_FACTS
  mkdir -p "$SERVER" state/live
  : >"$FAKE_LOG"
  for service in "$@"; do echo "opsfix/$service:dev" >"$SERVER/image.c-$service"; done
  # A second that nobody needs here.
  sleep() { :; }
  export -f sleep
}

# The number of the first line of the log that is like this.
lines() { grep -nE "$1" "$FAKE_LOG" | head -n 1 | cut -d : -f 1; }
