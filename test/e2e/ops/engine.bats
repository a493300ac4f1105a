#!/usr/bin/env bats
# On a real engine, with the image that the fixture names.
load ../../ops/project

setup_file() {
  project "$BATS_FILE_TMPDIR/project"
  export HOME_DIR=$PROJECT_DIR NAME=opsbats-$$
  lane=${E2E_LANE:-0}
  export HTTP=$((28180 + lane)) HTTPS=$((28543 + lane))
  printf 'COMPOSE_PROJECT_NAME=%s\nPROXY_PORT=%s\nPROXY_TLS_PORT=%s\nDB_DEV_PORT=%s\nDOMAIN=localhost\n' "$NAME" "$HTTP" "$HTTPS" $((25532 + lane)) >.env.example
  git init -q .
  ops/up --production >"$BATS_FILE_TMPDIR/up.log" 2>&1 || { cat "$BATS_FILE_TMPDIR/up.log"; return 1; }
}

teardown_file() {
  [ -d "${HOME_DIR:-}" ] || return 0
  cd "$HOME_DIR" || return 0
  [ ! -d instances/second ] || ops/down --instance second --volumes --yes
  ops/down --volumes --yes
}

setup() {
  PROJECT_DIR=$HOME_DIR
  cd "$HOME_DIR" || return
}

container() { docker ps -aq --filter "label=com.docker.compose.project=$NAME" --filter "label=com.docker.compose.service=$1"; }

@test "up: .env, secrets, certificate, healthy services, the URL, and a word on the rehearsal certificate" {
  run -0 cat "$BATS_FILE_TMPDIR/up.log"
  [[ "$output" == *"wrote .env from .env.example"* ]]
  [[ "$output" == *"generated secrets/redis_acl"* ]]
  [[ "$output" == *"ready: https://localhost:$HTTPS/"* ]]
  [[ "$output" == *"REHEARSAL CERTIFICATE"* ]]
}

@test "up again changes no container; another mode is refused" {
  before=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$NAME" | sort)
  run -0 ops/up --production
  [ "$before" = "$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$NAME" | sort)" ]
  run -1 ops/up
  [[ "$output" == *"runs in production mode"* ]]
}

@test "health: every service, the edge over TLS with the CA, the certificate's days" {
  run -0 ops/health
  [[ "$output" == *"migrate: done"* && "$output" == *"https://127.0.0.1:$HTTPS/health answers 200"* && "$output" == *"certificate: 396 days left"* ]]
}

@test "health goes red for a stopped service, and waits for it" {
  docker stop -t 1 "$(container beat)" >/dev/null
  run -1 ops/health
  [[ "$output" == *"bad      beat: exited"* && "$output" == *"ops/logs beat"* ]]
  (sleep 1; docker start "$(container beat)") >/dev/null &
  run -0 ops/health --wait 20
  wait
}

@test "health goes red when nobody trusts what the edge shows" {
  chmod u+w tls/edge/server.*
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=localhost -keyout tls/edge/server.key -out tls/edge/server.crt 2>/dev/null
  docker exec "$(container proxy)" nginx -s reload
  sleep 1
  run -1 ops/health
  rm -f tls/edge/server.*
  ops/tls init >/dev/null
  sleep 1
  [[ "$output" == *"answers nothing"*"verify error"* ]]
  run -0 ops/health
}

@test "tls renew --force is served without a restart" {
  id=$(docker inspect -f '{{.State.StartedAt}}' "$(container proxy)")
  run -0 ops/tls renew --force
  [[ "$output" == *"proxy reloaded"* ]]
  [ "$id" = "$(docker inspect -f '{{.State.StartedAt}}' "$(container proxy)")" ]
  sleep 1
  run -0 ops/health
  [[ "$output" != *"another certificate"* ]]
}

@test "logs: one service, one request" {
  ops/health >/dev/null
  run -0 ops/logs proxy --since 10m
  [[ "$output" == *"GET /health"* ]]
  run -1 ops/logs --request-id no-such-request-0123
  run -2 ops/logs nosuch
}

@test "PROD-9 isolation: the matrix holds, within ten seconds on a quiet machine" {
  run -0 ops/isolation
  [[ "$output" == *"42 cells, 0 mismatches"* ]]
  run -0 ops/isolation --json
  [[ "$output" == '{"ok":true,'*'"from":"migrate","to":"db","port":5432,"expect":"open","got":"open","by":"name"'* ]]
}

@test "PROD-9 isolation: a connected network is reported, by cell and by membership" {
  docker network connect "${NAME}_data" "$(container frontend)"
  run -3 ops/isolation
  docker network disconnect "${NAME}_data" "$(container frontend)"
  [[ "$output" == *"frontend reaches db:5432"*"not allowed"* ]]
  [[ "$output" == *"frontend is on the network data, which it is not declared for — docker network disconnect ${NAME}_data"* ]]
  [[ "$output" == *"OPEN!"* ]]
}

@test "PROD-9 isolation: a network that was taken away is reported" {
  docker network disconnect "${NAME}_cache" "$(container worker)"
  run -3 ops/isolation
  docker network connect "${NAME}_cache" "$(container worker)"
  [[ "$output" == *"worker does not reach redis:6379"* && "$output" == *"worker is not on the network cache"* && "$output" == *"SHUT!"* ]]
}

@test "PROD-9 isolation: a stranger on a network, and a listener nobody declared" {
  docker run -d --rm --name "$NAME-stranger" --network "${NAME}_cache" --entrypoint sleep nginx:1.30.4-trixie 60 >/dev/null
  docker exec -d "$(container beat)" bash -c 'exec nginx -g "daemon off;" -c /etc/fixture/db.conf'
  sleep 1
  run -3 ops/isolation
  docker rm -f "$NAME-stranger" >/dev/null
  docker restart -t 1 "$(container beat)" >/dev/null
  [[ "$output" == *"the container /$NAME-stranger is on ${NAME}_cache but not of this project"* ]]
  [[ "$output" == *"beat listens on port 5432, which is not declared"* ]]
}

@test "PROD-9 isolation: a service that does not run is no proof" {
  docker stop -t 1 "$(container worker)" >/dev/null
  run -1 ops/isolation
  docker start "$(container worker)" >/dev/null
  [[ "$output" == *"worker does not run, so its row and column cannot be proven"* ]]
}

@test "PROD-9 isolation: an internal network that lets the host in is reported" {
  cp compose.yaml kept.yaml
  sed -i 's/, driver_opts: {[^}]*}//' compose.yaml
  ops/down >/dev/null 2>&1
  ops/up --production >/dev/null 2>&1
  run -3 ops/isolation
  mv kept.yaml compose.yaml
  ops/down >/dev/null 2>&1
  ops/up --production >/dev/null 2>&1
  [[ "$output" == *"this host reaches db at"*":5432"*"inhibit_ipv4"* ]]
  [[ "$output" == *"db reaches this host at"* ]]
}

@test "a service that cannot start: up says which, its last lines, and the next command" {
  cat >broken.yaml <<'YAML'
services:
  worker:
    entrypoint: [bash, -c, "echo no such queue; exit 7"]
    restart: "no"
YAML
  COMPOSE_EXTRA=broken.yaml run -1 ops/up --production --timeout 20
  [[ "$output" == *"worker: exited with exit code 7"*"no such queue"*"next: ops/logs worker"* ]]
  run -0 ops/up --production
}

@test "ISO-6 a second instance runs beside the first and neither is in the other's way" {
  ops/instance new second --production
  run -0 ops/up --instance second --production
  run -0 ops/health --instance second
  run -0 ops/isolation --instance second
  run -0 ops/isolation
  run -1 ops/instance remove second --yes
  run -0 ops/down --instance second --volumes --yes
  run -0 ops/instance remove second --yes
}

@test "down keeps the data; --volumes asks first" {
  run -2 ops/down --volumes </dev/null
  run -0 ops/down
  [ -z "$(docker ps -aq --filter "label=com.docker.compose.project=$NAME")" ]
  [ -n "$(docker volume ls -q --filter "label=com.docker.compose.project=$NAME")" ]
  run -0 ops/up
  [[ "$output" == *"ready: http://localhost:$HTTP/"* ]]
  run -1 ops/isolation
  [[ "$output" == *"development mode"* ]]
}
