#!/usr/bin/env bats
load project

setup() {
  project
  git init -q .
  printf '/secrets/\n' >.gitignore
}

@test "HARD-4 init makes every secret: hex of its length, no newline, 0444 in a 0700 directory" {
  run -0 ops/secrets init
  [ "$(stat -c %a secrets)" = 700 ]
  for name in db_app_password db_owner_password django_secret_key postgres_password redis_password redis_acl; do
    [ "$(stat -c %a "secrets/$name")" = 444 ]
  done
  [[ "$(cat secrets/redis_password)" =~ ^[0-9a-f]{64}$ ]]
  [ "$(wc -c <secrets/redis_password)" -eq 64 ]
  [ "$(wc -c <secrets/django_secret_key)" -eq 96 ]
}

@test "HARD-4 the Redis ACL holds the password's SHA-256 and not the password" {
  ops/secrets init
  grep -q "^user app on #$(sha256sum <secrets/redis_password | cut -d' ' -f1) ~\* &\* +@all -@admin -@dangerous " secrets/redis_acl
  grep -qx 'user default off' secrets/redis_acl
  run ! grep -qF "$(cat secrets/redis_password)" secrets/redis_acl
}

@test "init keeps what exists, from any directory, and makes only what is missing" {
  ops/secrets init
  cp -R secrets before
  rm -f secrets/db_app_password
  run -0 bash -c "cd / && '$PROJECT_DIR/ops/secrets' init"
  [ "$(grep -c generated <<<"$output")" -eq 1 ]
  cmp before/redis_password secrets/redis_password
  run ! cmp -s before/db_app_password secrets/db_app_password
}

@test "two at once make one set" {
  for _ in 1 2 3 4; do ops/secrets init >>out & done
  wait
  [ "$(grep -c generated out)" -eq 6 ]
  run -0 ops/secrets check
}

@test "HARD-4 no value is ever an argument or in the environment of a program" {
  mkdir spy
  for tool in openssl mv chmod mktemp od tail tr stat git cat sed awk grep date; do
    printf '#!/bin/bash\n{ printf "%%s\\n" "$*"; /usr/bin/env; } >>"%s/seen"\nexec "%s" "$@"\n' "$PWD" "$(command -v "$tool")" >"spy/$tool"
    chmod +x "spy/$tool"
  done
  PATH=$PWD/spy:$PATH ops/secrets init
  PATH=$PWD/spy:$PATH ops/secrets check
  PATH=$PWD/spy:$PATH run -0 ops/secrets list
  [ -s seen ]
  for file in secrets/[a-z]*; do
    run ! grep -qF -- "$(cat "$file")" seen
  done
  for file in secrets/[a-z]*; do [[ "$output" != *"$(cat "$file")"* ]]; done
}

@test "check names each finding and ends with 3" {
  ops/secrets init
  chmod 0640 secrets/postgres_password
  chmod 0750 secrets
  rm -f secrets/db_app_password secrets/django_secret_key secrets/db_owner_password
  printf 'changeme' >secrets/db_owner_password
  printf '%096d\n' 7 >secrets/django_secret_key
  chmod 0444 secrets/d*
  run -3 ops/secrets check
  [[ "$output" == *"secrets has mode 750"* ]]
  [[ "$output" == *"postgres_password has mode 640"* ]]
  [[ "$output" == *"db_app_password is missing"* ]]
  [[ "$output" == *"db_owner_password is a placeholder"* ]]
  [[ "$output" == *"django_secret_key ends with a newline"* ]]
}

@test "check sees a derived file that no longer fits its source" {
  ops/secrets init
  rm -f secrets/redis_password
  ops/secrets init
  run -3 ops/secrets check
  [[ "$output" == *"redis_acl does not match its source (redis_password)"* ]]
}

@test "check sees a secret in git, and one that git would take" {
  ops/secrets init
  rm .gitignore secrets/.gitignore
  run -3 ops/secrets check
  [[ "$output" == *"secrets/redis_password is not ignored by git"* ]]
  git add -f secrets/redis_password
  run -3 ops/secrets check
  [[ "$output" == *"secrets/redis_password is tracked by git"* ]]
}

@test "list shows names, consumers and age" {
  ops/secrets init
  run -0 ops/secrets list
  [[ "$output" == *"redis_password"*"0d"*"backend,beat,worker"* ]]
}

@test "an empty file is not taken for a secret, nor written over" {
  mkdir secrets
  : >secrets/redis_password
  run -1 ops/secrets init
  [[ "$output" == *"secrets/redis_password is empty"* ]]
  [ ! -s secrets/redis_password ]
}

@test "missing data files stop it" {
  rm ops/data/secrets.tsv
  run -1 ops/secrets init
  [[ "$output" == *"ops/data/secrets.tsv is missing"* ]]
  run -2 ops/secrets nonsense
}
