#!/usr/bin/env bats
# A key that members know each other by: base64, its server's alone, read again by nobody who runs.
load project

setup() {
  project
  printf 'mongo_keyfile\tbase64\t756\t-\tmongo\tMembers know each other by it.\tkeyfile:mongo\t-\tfile\t/etc/mongo-keyfile\t999\n' >>ops/data/secrets.tsv
}
mode() { stat -c '%a %u' secrets/mongo_keyfile; }
wanted() { if [ "$(id -u)" -eq 0 ]; then echo '400 999'; else echo "444 $(id -u)"; fi; }

@test "HARD-1 one secret by its name: 756 random bytes in base64, closed, and never written over" {
  run -0 ops/secrets init mongo_keyfile
  [ "$(ls secrets)" = mongo_keyfile ]
  [ "$(wc -c <secrets/mongo_keyfile)" -eq 1008 ]
  [ "$(openssl base64 -d -A <secrets/mongo_keyfile | wc -c)" -eq 756 ]
  [ "$(mode)" = "$(wanted)" ]
  before=$(cat secrets/mongo_keyfile)
  run -0 ops/secrets init mongo_keyfile
  [[ "$output" == *'exists, and stays as it is'* ]]
  [ "$(cat secrets/mongo_keyfile)" = "$before" ]
  run -2 ops/secrets init nosuch
}

@test "HARD-1 a key that others can read is refused with the mend, by init and by check" {
  [ "$(id -u)" -eq 0 ] || skip 'only root can give a file to its server'
  ops/secrets init
  chmod 444 secrets/mongo_keyfile
  run -3 ops/secrets check
  [[ "$output" == *"chmod 400 '"*"secrets/mongo_keyfile'"* ]]
  run -1 ops/secrets init
  [[ "$output" == *'is open to others'* ]]
  chown 0:0 secrets/mongo_keyfile
  chmod 400 secrets/mongo_keyfile
  run -3 ops/secrets check
  chown 999:999 secrets/mongo_keyfile
  run -0 ops/secrets check
}

@test "a key that is no base64, or too short, is found" {
  ops/secrets init
  rm -f secrets/mongo_keyfile
  printf 'short' >secrets/mongo_keyfile
  chmod 444 secrets/mongo_keyfile
  run -3 ops/secrets check
  [[ "$output" == *'is shorter than 756 bytes'* ]]
}

@test "a key that somebody gave us is its service's alone as well, the first time and each time after" {
  printf 'pay_key\tgiven\t32\t-\tpay\tCharges.\tfile\t-\tfile\t-\t999\n' >>ops/data/secrets.tsv
  for value in first-value-0123456789 second-value-012345678; do
    run -0 ops/secrets set pay_key <<<"$value"
    [ "$(cat secrets/pay_key)" = "$value" ]
    [ "$(stat -c '%a %u' secrets/pay_key)" = "$(wanted)" ]
  done
}

@test "PROD-12 a key that comes back from a backup of another host's user is its server's alone again" {
  parts backup mongo
  mkdir -m 0700 -p secrets there/secrets
  printf key >there/secrets/mongo_keyfile
  chmod 440 there/secrets/mongo_keyfile
  [ "$(id -u)" -ne 0 ] || chown 1234:1234 there/secrets/mongo_keyfile
  run -0 bash -c '. ops/lib.sh; . "$OPS/lib/secret-files.sh"; . "$OPS/lib/restore.sh"; SECRETS=$PWD/secrets BROUGHT=0; bring_back there/secrets/mongo_keyfile "$SECRETS/mongo_keyfile"'
  [ "$(mode)" = "$(wanted)" ]
}

@test "HARD-1 the container refuses a key that others may read, but where the file system shows each file as the reader's" {
  parts mongo
  mkdir fake run
  printf '#!/bin/sh\necho started\n' >fake/docker-entrypoint.sh
  printf '#!/bin/sh\n' >fake/mongod
  chmod +x fake/*
  openssl rand -base64 756 | tr -d '\n' >keyfile
  chmod 444 keyfile
  for system in ext4:1 overlay:1 fakeowner:0 virtiofs:0 fuse.grpcfuse:0; do
    printf '40 29 0:42 / %s ro,relatime master:1 - %s x rw\n' "$PWD/keyfile" "${system%:*}" >mounts
    run "-${system#*:}" env PATH="$PWD/fake:$PATH" MONGO_KEYFILE="$PWD/keyfile" MONGO_RUN="$PWD/run" MONGO_DATA="$PWD" MONGO_MOUNTS="$PWD/mounts" services/mongo/bin/start mongod
    [[ "${system#*:}" -eq 1 || "$output" == started ]]
  done
  [ "$(stat -c %a run/keyfile)" = 400 ]
}
