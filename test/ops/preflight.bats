#!/usr/bin/env bats
load project

setup() {
  project
  fake_docker
  cp .env.example .env
}

@test "a good host: every line ok, exit 0" {
  run -0 ops/preflight
  [[ "$output" == *"ok    Docker engine 27.3.1"* ]]
  [[ "$output" == *"ok    port 28080 (proxy) is free"* ]]
  [[ "$output" != *fail* ]]
}

@test "an old engine and an old Compose fail with the version that is needed" {
  FAKE_ENGINE=19.03.15 FAKE_COMPOSE=2.23.9 run -1 ops/preflight
  [[ "$output" == *"fail  Docker engine 19.03.15 is older than 20.10.0"* ]]
  [[ "$output" == *"fail  Compose 2.23.9 is older than 2.24.4"* ]]
  FAKE_ENGINE=20.10.0+dfsg1 FAKE_COMPOSE=v2.24.4-desktop.1 run -0 ops/preflight
}

@test "an engine that does not answer, or refuses, says what to do" {
  FAKE_DOWN='Cannot connect to the Docker daemon' run -1 ops/preflight
  [[ "$output" == *"systemctl start docker"* ]]
  FAKE_DOWN='permission denied while trying to connect' run -1 ops/preflight
  [[ "$output" == *"docker group"* ]]
}

@test "too little memory warns in development and fails in production" {
  FAKE_MEMORY=268435456 run -0 ops/preflight
  [[ "$output" == *"warn  memory: 256 MiB"*"448 MiB"* ]]
  FAKE_MEMORY=268435456 run -1 ops/preflight --production
}

@test "ports: taken by the host, taken by a container, ours already" {
  listens 28080
  run -1 ops/preflight
  [[ "$output" == *"fail  port 28080 (proxy) is in use — stop what listens there, or set PROXY_PORT in .env"* ]]
  FAKE_OUR_PORTS='127.0.0.1:28080->8080/tcp' run -0 ops/preflight
  [[ "$output" == *"port 28080 (proxy): ours already"* ]]
  FAKE_PORTS='0.0.0.0:25432->5432/tcp, :::25432->5432/tcp' run -1 ops/preflight
  [[ "$output" == *"fail  port 25432 (db) is in use"* ]]
}

@test "production asks for the ports of production" {
  listens 28443
  run -0 ops/preflight
  run -1 ops/preflight --production
  [[ "$output" == *"fail  port 28443"* ]]
}

@test "NET-2 a subnet that a Docker network, or a route of the host, overlaps is found; our own is not" {
  echo DATA_SUBNET=172.21.5.0/24 >>.env
  FAKE_SUBNETS=$'other_net\tother\t172.21.0.0/16' run -1 ops/preflight
  [[ "$output" == *"fail  subnet 172.21.5.0/24 of data overlaps the Docker network other_net (172.21.0.0/16) — choose another one: DATA_SUBNET in .env"* ]]
  FAKE_SUBNETS=$'opsfix_data\topsfix\t172.21.5.0/24' run -0 ops/preflight
  printf 'tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0\n' >>"$PROC_NET/route"
  FAKE_SUBNETS='' run -1 ops/preflight
  [[ "$output" == *"overlaps the host's route 172.16.0.0/12 (tun0)"* ]]
}

@test "Windows line ends and lost modes of scripts are found" {
  printf 'user nginx;\r\n' >conf/broken.conf
  chmod -x ops/down
  run -1 bash ops/preflight
  [[ "$output" == *"fail  Windows line ends in conf/broken.conf"* ]]
  [[ "$output" == *"warn  ops/down is not executable"* ]]
}

@test "a rootless engine and Docker Desktop hide clients' addresses: said as warnings" {
  FAKE_SECURITY='[name=seccomp name=rootless]' FAKE_OS='Docker Desktop' run -0 ops/preflight
  [[ "$output" == *"warn  the engine is rootless"* && "$output" == *"warn  Docker Desktop"* ]]
}

@test "a clock before the project's birth fails" {
  touch -d '+2 days' ops/data/project.env
  run -1 ops/preflight
  [[ "$output" == *"fail  the clock"* ]]
}

@test "--quiet leaves ok away; --json is one document" {
  run -0 ops/preflight --quiet
  [ -z "$output" ]
  listens 28080
  run -1 ops/preflight --json
  [[ "$output" == '{"ok":false,"mode":"development","checks":['*'"level":"fail","what":"port 28080 (proxy) is in use"'*']}' ]]
}

@test "production without .env fails, with localhost and a rehearsal certificate warns" {
  ops/tls init
  run -0 ops/preflight --production
  [[ "$output" == *"warn  DOMAIN is localhost"* && "$output" == *"own CA"* && "$output" == *"ops/pin"* ]]
  rm .env
  PROXY_PORT=28080 PROXY_TLS_PORT=28443 run -1 ops/preflight --production
  [[ "$output" == *"fail  .env is missing"* ]]
}

@test "nothing is left behind" {
  before=$(find . | sort)
  run -0 ops/preflight
  [ "$before" = "$(find . | sort)" ]
}
