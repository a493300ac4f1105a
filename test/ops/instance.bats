#!/usr/bin/env bats
load project

setup() {
  project
  fake_docker
  cp .env.example .env
}

value() { sed -n "s/^$2=//p" "instances/$1/.env"; }

@test "ISO-6 new writes .env and networks.yaml with ports, subnets, folders and files of its own" {
  run -0 ops/instance new staging
  [ "$(value staging COMPOSE_PROJECT_NAME)" = opsfix-staging ]
  [ "$(value staging SECRETS_DIR)" = ./instances/staging/secrets ]
  [ "$(value staging TLS_DIR)" = ./instances/staging/tls ]
  [ "$(value staging COMPOSE_FILE)" = compose.yaml:compose.override.yaml:instances/staging/networks.yaml ]
  [ "$(value staging DOMAIN)" = localhost ]
  [ "$(grep -c '^PROXY_PORT=' instances/staging/.env)" -eq 1 ]
  [ "$(grep -c 'subnet: 10.210.' instances/staging/networks.yaml)" -eq 4 ]
  [[ "$(value staging DATA_SUBNET)" == 10.210.*.0/24 ]]
  [ "$(stat -c %a instances/staging instances/staging/.env | tr '\n' ' ')" = '700 600 ' ]
}

@test "ISO-6 two instances share no port and no subnet" {
  ops/instance new one
  ops/instance new two --production
  [ "$(value two COMPOSE_FILE)" = compose.yaml:compose.production.yaml:instances/two/networks.yaml ]
  ports=$(for i in one two; do value $i PROXY_PORT; value $i PROXY_TLS_PORT; value $i DB_DEV_PORT; done)
  [ "$(sort -u <<<"$ports" | wc -l)" -eq 6 ]
  subnets=$(cat instances/*/networks.yaml instances/*/.env | grep -o '10\.210\.[0-9]*\.0/24')
  [ "$(wc -l <<<"$subnets")" -eq 10 ]
  [ "$(sort -u <<<"$subnets" | wc -l)" -eq 10 ]
}

@test "ISO-6 four made at once get four different sets" {
  for i in a b c d; do ops/instance new $i >/dev/null & done
  wait
  [ "$(cat instances/*/.env | sed -n 's/^PROXY_PORT=//p' | sort -u | wc -l)" -eq 4 ]
  [ "$(cat instances/*/networks.yaml instances/*/.env | grep -o '10\.210\.[0-9]*\.0/24' | sort -u | wc -l)" -eq 20 ]
}

@test "what the host listens on, routes or Docker holds is not allotted" {
  listens 8081
  printf 'wg0\t0000D20A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' >>"$PROC_NET/route"
  FAKE_PORTS='0.0.0.0:8082->80/tcp' FAKE_SUBNETS=$'x_y\tx\t10.210.1.0/24' ops/instance new staging
  [ "$(value staging PROXY_PORT)" = 8083 ]
  run ! grep -q '10\.210\.[01]\.0/24' instances/staging/networks.yaml
}

@test "a host whose routes cover the whole pool gets another pool, or a reason" {
  printf 'tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n' >>"$PROC_NET/route"
  ops/instance new staging
  [ "$(grep -c 'subnet: 172.16.' instances/staging/networks.yaml)" -eq 4 ]
  INSTANCE_POOLS=10.1.0.0/16 run -1 ops/instance new other
  [[ "$output" == *"no free subnets left"*"INSTANCE_POOLS="* ]]
  [ ! -e instances/other ]
  [ -z "$(find instances -name '.new.*')" ]
}

@test "asked ports are taken, and refused when they are not free" {
  listens 9000
  run -1 ops/instance new staging --http-port 9000
  [[ "$output" == *"port 9000 is taken"* ]]
  run -0 ops/instance new staging --http-port 9001 --https-port 9002
  [ "$(value staging PROXY_PORT) $(value staging PROXY_TLS_PORT)" = '9001 9002' ]
  run -2 ops/instance new other --http-port 99999
}

@test "bad, existing and reserved names are refused" {
  for name in '' default -a a- A a_b ../x a/b 'a b' "$(printf 'a%.0s' {1..31})"; do
    run -2 ops/instance new "$name"
  done
  ops/instance new a
  run -1 ops/instance new a
  [[ "$output" == *"exists"* ]]
  FAKE_CONTAINERS=123 run -1 ops/instance new b
  [[ "$output" == *"exist already"* ]]
}

@test "list shows all of them" {
  ops/instance new staging
  run -0 ops/instance list
  [[ "$output" == *"default"*"opsfix "*"28080"* && "$output" == *"staging"*"opsfix-staging"*"8081"*"10.210."* ]]
}

@test "remove refuses while containers or volumes exist, and says the command" {
  ops/instance new staging
  FAKE_CONTAINERS=123 run -1 ops/instance remove staging --yes
  [[ "$output" == *"ops/down --instance staging --volumes"* ]]
  FAKE_VOLUMES=opsfix-staging_state run -1 ops/instance remove staging --yes
  [[ "$output" == *"opsfix-staging_state"* ]]
  run -2 ops/instance remove staging
  [ -d instances/staging ]
  run -0 ops/instance remove staging --yes
  [ ! -e instances/staging ]
  run -1 ops/instance remove staging --yes
}

@test "an instance that does not exist stops every script" {
  for script in up down health logs isolation preflight 'secrets init' 'tls check' pin; do
    # shellcheck disable=SC2086 # a script and its command
    run -1 ops/$script --instance nowhere
    [[ "$output" == *"ops/instance new nowhere"* ]]
  done
}

@test "a network of another project that goes meanwhile is no reason to stop; an engine that answers nothing is" {
  FAKE_SUBNETS=$'other\telse\t10.210.0.0/24' FAKE_INSPECT_SAYS='Error response from daemon: network 62781dc4ad20 not found' run -0 ops/instance new staging
  run ! grep -F 10.210.0.0/24 instances/staging/networks.yaml instances/staging/.env
  FAKE_INSPECT_SAYS='Cannot connect to the Docker daemon' run -1 ops/instance new other
  [[ "$output" == *'Cannot connect to the Docker daemon'* ]]
  [ ! -e instances/other ]
}
