#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # what looks like an expansion is the test; the variables are the library's
load project

setup() {
  project
  fake_docker
  # shellcheck source=/dev/null
  . ops/lib.sh
  # shellcheck source=/dev/null
  . ops/lib/net.sh
  ENV_FILE=$PWD/.env
  LOCK_ENV=$PWD/images.lock.env
}

@test ".env is read, never run: quotes, comments, CR, last assignment" {
  printf 'A=plain # note\nB="two words"\nC='"'"'$(touch ran)`touch ran`'"'"'\nD=x\r\nexport E=e\nA=later\n#F=no\n' >.env
  [ "$(dotenv_get .env A)" = later ]
  [ "$(dotenv_get .env B)" = 'two words' ]
  [ "$(dotenv_get .env C)" = '$(touch ran)`touch ran`' ]
  [ "$(dotenv_get .env D)" = x ]
  [ "$(dotenv_get .env E)" = e ]
  run -1 dotenv_get .env F
  [ ! -e ran ]
}

@test "the environment beats the lock, the lock beats .env, .env beats the default" {
  [ "$(setting NGINX_IMAGE d)" = d ]
  echo NGINX_IMAGE=env >.env
  [ "$(setting NGINX_IMAGE d)" = env ]
  echo NGINX_IMAGE=lock >images.lock.env
  [ "$(setting NGINX_IMAGE d)" = lock ]
  [ "$(NGINX_IMAGE=shell setting NGINX_IMAGE d)" = shell ]
}

@test "versions" {
  version_at_least 20.10.24+dfsg1 20.10.0
  version_at_least v2.24.4-desktop.1 2.24.4
  version_at_least 29.7.2 20.10.0
  version_at_least 2.26.1-4 2.24.4
  run ! version_at_least 2.9.0 2.24.4
  run ! version_at_least 19.03.08 20.10.0
  run ! version_at_least dev 20.10.0
}

@test "subnets overlap or they do not" {
  cidr_overlap 10.0.0.0/8 10.210.3.0/24
  cidr_overlap 10.210.3.0/24 10.0.0.0/8
  cidr_overlap 0.0.0.0/0 192.168.1.0/24
  cidr_overlap 192.168.1.7/32 192.168.1.0/24
  run ! cidr_overlap 192.168.0.0/24 192.168.1.0/24
  run ! cidr_overlap 172.16.0.0/12 172.32.0.0/16
  for bad in 10.0.0.0 10.0.0/8 10.0.0.256/8 10.0.0.0/33 ::1/64 a.b.c.d/8 ''; do run ! cidr_range "$bad"; done
}

@test "routes are read from /proc as they are written there" {
  printf 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' >>"$PROC_NET/route"
  [ "$(host_routes)" = $'eth0\t192.0.2.0/24' ]
}

@test "listeners on loopback are left away when only the outside matters" {
  listens 80
  printf '   1: 0100007F:1F90 00000000:0000 0A\n   2: 00000000:0016 00000000:0000 01\n' >>"$PROC_NET/tcp"
  [ "$(host_listeners | sort -n | tr '\n' ' ')" = '80 8080 ' ]
  [ "$(host_listeners outside)" = 80 ]
}

@test "a held lock ends with 75; a dead holder's lock is taken where flock is missing" {
  private_dir state
  (take_lock state/x; sleep 3) &
  sleep 0.5
  run -75 bash -c '. ops/lib.sh; take_lock state/x'
  wait
  mkdir -p nolock state/y.d
  for tool in mkdir cat rm sleep dirname basename; do ln -s "$(command -v $tool)" nolock/; done
  echo 999999 >state/y.d/pid
  PATH=$PWD/nolock run -0 /bin/bash -c '. ops/lib.sh; take_lock state/y; [ "$(cat state/y.d/pid)" = $$ ]'
  [ ! -e state/y.d ]
}

@test "pin writes a digest for each image, and nothing when one is missing" {
  run -0 ops/pin
  [ "$(grep -c '^[A-Z_]*=.*@sha256:[0-9a-f]\{64\}$' images.lock.env)" -eq 2 ]
  run -0 ops/pin --check
  sum=$(sha256sum <images.lock.env)
  FAKE_NO_REGISTRY=1 run -1 ops/pin
  [ "$sum" = "$(sha256sum <images.lock.env)" ]
  echo NGINX_IMAGE=nginx:9 >.env
  run -3 ops/pin --check
  [[ "$output" == *"NGINX_IMAGE is nginx:9, the lock has nginx:1.30.4-trixie@sha256:"* ]]
  run -0 ops/pin
  grep -q '^NGINX_IMAGE=nginx:9@sha256:' images.lock.env
}

@test "every script explains itself and refuses what it does not know" {
  for script in preflight up down secrets tls isolation instance health doctor logs pin; do
    run -0 ops/$script --help
    [[ "$output" == usage:* && "$output" == *"exit codes:"* ]]
    run -2 ops/$script --no-such-option
  done
}

@test "PROD-12 what nginx includes can be read by its user, whatever umask ops/restore or an operator has" {
  load_instance
  printf 'backend\tlong-running\tapp,data\t8000\t64\tapp\t-\tbackend,blue\tBLUE_VERSION\n' >ops/data/services.tsv
  mkdir -p nginx/plan
  echo 'upstream backend {}' >nginx/plan/upstreams-blue.conf
  # shellcheck source=/dev/null
  . ops/lib/containers.sh
  umask 077
  live_folder
  [ "$(stat -c %a state/live state/live/upstreams.conf | tr '\n' ' ')" = '755 644 ' ]
  chmod 0600 state/live/upstreams.conf
  live_folder
  [ "$(stat -c %a state/live/upstreams.conf)" = 644 ]
}
