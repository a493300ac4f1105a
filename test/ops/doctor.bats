#!/usr/bin/env bats
load project

setup() {
  project
  fake_docker
  cp .env.example .env
  ops/secrets init >/dev/null
  ops/tls init >/dev/null
  export SERVER=$BATS_TEST_TMPDIR/server FAKE_ENGINE_ROOM=$OPS_TESTS/fake/engine-room
  export FAKE_FILES='' FAKE_CONTAINERS=''
}

# runs: the project is there, as planned; what a test wants otherwise it sets after this.
runs() {
  local s
  FAKE_FILES=/x/compose.yaml,/x/compose.production.yaml
  FAKE_SERVICES='backend frontend proxy'
  FAKE_CONTAINERS='c-backend c-frontend c-proxy'
  FAKE_HASHES=$'backend aaa\nfrontend bbb\nproxy ccc'
  FAKE_MADE=$FAKE_HASHES
  FAKE_LIVES=$(for s in $FAKE_SERVICES; do printf '%s\timage\tsha256:one\t0\tfalse\n' "$s"; done)
  FAKE_FACTS=$(for s in backend frontend; do printf '%s\tc-%s\trunning\thealthy\t0\t-\t-\n' "$s" "$s"; done
    printf 'proxy\tc-proxy\trunning\thealthy\t0\t-\t0.0.0.0:28080>8080/tcp,0.0.0.0:28443>8443/tcp,:::28443>8443/tcp\n')
  printf 'PROXY_PORT=28080\nPROXY_TLS_PORT=28443\n' >>.env
  export FAKE_FILES FAKE_SERVICES FAKE_CONTAINERS FAKE_HASHES FAKE_MADE FAKE_LIVES FAKE_FACTS
}

@test "PROD-3 a project that does not run: host, files, certificate and secrets, and nothing failed" {
  run -0 ops/doctor
  [[ "$output" == *"ok    Docker engine 27.3.1"*"ok    tls: "*"ok    secrets: all present"*"warn  nothing of opsfix is there to look at — ops/up"* ]]
  [[ "$output" == *"warn  no backup part"* && "$output" != *fail* ]]
  run -0 ops/doctor --quiet
  [[ "$output" != *"ok    "* ]]
}

@test "an engine that does not answer is one line, and the files are looked at all the same" {
  chmod 0755 secrets
  FAKE_DOWN='Cannot connect to the Docker daemon' run -3 ops/doctor
  [[ "$output" == *"fail  the Docker engine does not answer"*"fail  secrets has mode 755, not 700 — chmod 700"* ]]
}

@test "what tls check and secrets check find is found, each with its mend" {
  chmod 0755 secrets tls
  rm -f secrets/redis_password
  run -3 ops/doctor
  [[ "$output" == *"fail  tls has mode 755, not 700 — chmod 700 "* ]]
  [[ "$output" == *"fail  redis_password is missing — ops/secrets init"* ]]
}

@test "Windows line ends fail, scripts that lost their mode warn" {
  printf 'user nginx;\r\n' >conf/broken.conf
  chmod -x ops/down
  run -3 ops/doctor
  [[ "$output" == *"fail  Windows line ends in conf/broken.conf"*"warn  ops/down is not executable"* ]]
}

@test "containers: killed for memory, restarting, made from other files, an older build" {
  runs
  FAKE_LIVES=$'backend\timage\tsha256:one\t7\ttrue\nfrontend\timage\tsha256:two\t1\tfalse'
  FAKE_MADE=$'backend zzz\nfrontend bbb\nstranger ddd'
  run -3 ops/doctor
  [[ "$output" == *"fail  backend was killed for want of memory"* ]]
  [[ "$output" == *"fail  backend ended and was started again 7 times — ops/logs backend"* ]]
  [[ "$output" == *"warn  frontend ended and was started again, 1 time(s)"* ]]
  [[ "$output" == *"warn  frontend runs an older build of image — ops/up --production"* ]]
  [[ "$output" == *"fail  backend was made from another configuration than the files have now — ops/up --production"* ]]
  [[ "$output" == *"fail  stranger runs, and the Compose files do not have it"* ]]
}

@test "what ops/health calls bad is a finding: a service that is missing" {
  runs
  run -3 ops/doctor
  [[ "$output" == *"ok    backend: healthy"*"fail  db: missing — ops/logs db"* ]]
  [[ "$output" == *"ok    every container was made from the files as they are"*"ok    ports are published as planned"* ]]
}

@test "ISO-3 ports: one that the plan does not have, one that is not there" {
  runs
  FAKE_FACTS=$(printf 'db\tc-db\trunning\thealthy\t0\t-\t0.0.0.0:5432>5432/tcp\nproxy\tc-proxy\trunning\thealthy\t0\t-\t0.0.0.0:28443>8443/tcp\n')
  run -3 ops/doctor
  [[ "$output" == *"fail  db publishes 0.0.0.0:5432, which the plan does not"* ]]
  [[ "$output" == *"fail  proxy does not publish port 28080, which the plan does — ops/up --production"* ]]
}

@test "in development a tool's port that is open to the world is found" {
  runs
  FAKE_FILES=/x/compose.yaml,/x/compose.override.yaml
  printf 'DB_DEV_PORT=5432\n' >>.env
  FAKE_FACTS=$(printf 'db\tc-db\trunning\thealthy\t0\t-\t0.0.0.0:5432>5432/tcp\nproxy\tc-proxy\trunning\thealthy\t0\t-\t127.0.0.1:28080>8080/tcp\n')
  run -3 ops/doctor
  [[ "$output" == *"fail  db publishes 0.0.0.0:5432, which the plan does not"*"— take it out of the Compose files, then ops/up"* ]]
  [[ "$output" != *"proxy publishes"* && "$output" != *"proxy does not"* ]]
}

@test "all clients with the engine's address: a warning at home, a finding for a public name" {
  runs
  FAKE_LOGS=$(for _ in {1..60}; do echo '{"remote_addr":"172.24.0.1"}'; done)
  export FAKE_LOGS FAKE_SUBNETS=172.24.0.1
  run -3 ops/doctor
  [[ "$output" == *"warn  all of the last 60 requests came from 172.24.0.1, the engine itself — right when they all came from this host"* ]]
  echo DOMAIN=shop.example.com >>.env
  run -3 ops/doctor
  [[ "$output" == *"fail  all of the last 60 requests came from 172.24.0.1"*"userland-proxy"* ]]
  FAKE_LOGS=$FAKE_LOGS$'\n{"remote_addr":"203.0.113.7"}' run -3 ops/doctor
  [[ "$output" == *"ok    clients have addresses of their own"* ]]
}

@test "the backup part's own script is asked where it is" {
  printf '#!/bin/bash\necho "the last good backup is 30 h old — ops/backup"; exit 3\n' >ops/backup-status
  run -3 ops/doctor
  [[ "$output" == *"fail  the last good backup is 30 h old — ops/backup"* ]]
  printf '#!/bin/bash\necho "last good backup 3 h ago"\n' >ops/backup-status
  run -0 ops/doctor
  [[ "$output" == *"ok    last good backup 3 h ago"* ]]
}

@test "--json is one document with the same lines" {
  chmod 0755 secrets
  run -3 ops/doctor --json
  [[ "$output" == '{"ok":false,"mode":"development","checks":['*'"level":"fail","what":"secrets has mode 755, not 700","mend":"chmod 700 '*']}' ]]
}

@test "nothing is left behind" {
  runs
  before=$(find . | sort)
  run -3 ops/doctor
  [ "$before" = "$(find . | sort)" ]
}
