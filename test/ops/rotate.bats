#!/usr/bin/env bats
load project

setup() {
  project
  fake_docker
  cp .env.example .env
  ops/secrets init >/dev/null
  export SERVER=$BATS_TEST_TMPDIR/server FAKE_ENGINE_ROOM=$OPS_TESTS/fake/engine-room
  export FAKE_SERVICES='db redis backend worker' FAKE_CONTAINERS='c-db c-redis c-backend c-worker' FAKE_FILES=/x/compose.yaml,/x/compose.production.yaml
  FAKE_FACTS=$(for s in $FAKE_SERVICES; do printf '%s\tc-%s\trunning\thealthy\t0\t-\t-\n' "$s" "$s"; done)
  export FAKE_FACTS FAKE_LOG=$BATS_TEST_TMPDIR/log ROTATE_GRACE=0
  : >"$FAKE_LOG"
  mkdir "$SERVER"
  for role in app:db_app_password app_owner:db_owner_password postgres:postgres_password; do cp "secrets/${role#*:}" "$SERVER/role.${role%%:*}"; done
  chmod u+w "$SERVER"/role.*
  for service in db redis backend worker; do "$FAKE_ENGINE_ROOM" start $service; done
}

# in_use NAME: what the server takes now.
in_use() { case $1 in db_app_password) cat "$SERVER/role.app" ;; db_owner_password) cat "$SERVER/role.app_owner" ;; postgres_password) cat "$SERVER/role.postgres" ;; esac; }
digest() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }

@test "SHOP-8 the role of a password changes with its file, which stays the same file" {
  for name in db_app_password db_owner_password postgres_password; do
    old=$(cat secrets/$name)
    inode=$(stat -c %i secrets/$name)
    run -0 ops/secrets rotate $name
    [[ "$output" == *"proven: the new value gets in, the old one is refused"*"$name has a new value"* ]]
    [ "$(in_use $name)" = "$(cat secrets/$name)" ]
    [ "$old" != "$(cat secrets/$name)" ]
    [ "$inode $(stat -c '%a %s' secrets/$name)" = "$(stat -c '%i' secrets/$name) 444 64" ]
    [[ "$output" != *"$old"* && "$output" != *"$(cat secrets/$name)"* ]]
  done
  [ -z "$(ls secrets/.rotate)" ]
  run -0 ops/secrets check
  [[ "$output" == *"4 of them let in where they live"* ]]
}

@test "SHOP-8 Redis takes both passwords, then the new one alone, and is not restarted" {
  old=$(cat secrets/redis_password)
  run -0 ops/secrets rotate redis_password
  run ! grep -q "$(digest "$old")" "$SERVER/acl"
  grep -q "^user app on #$(digest "$(cat secrets/redis_password)") ~" "$SERVER/acl"
  cmp "$SERVER/acl" secrets/redis_acl
  run ! grep -q '^compose' "$FAKE_LOG"
  run -2 ops/secrets rotate redis_acl
  [[ "$output" == *"ops/secrets rotate redis_password"* ]]
}

@test "SHOP-8 a key that signs keeps the one before until it is retired" {
  old=$(cat secrets/django_secret_key)
  run -0 ops/secrets rotate django_secret_key
  [[ "$output" == *"ops/secrets retire django_secret_key"* ]]
  [ "$(sed -n 2p secrets/django_secret_key)" = "$old" ]
  [ "$(wc -c <secrets/django_secret_key)" -eq 193 ]
  run -0 ops/secrets check
  touch -d '-15 days' secrets/django_secret_key
  run -3 ops/secrets check
  [[ "$output" == *"the value that django_secret_key had 15 days ago is still believed — ops/secrets retire django_secret_key"* ]]
  run -0 ops/secrets retire django_secret_key
  [ "$(wc -c <secrets/django_secret_key)" -eq 96 ]
  run ! grep -q "$old" secrets/django_secret_key
  run -2 ops/secrets retire redis_password
}

# lines NAME: what a reader may try now.
good_line() {
  case $1 in
    redis_password) grep -q "#$(digest "$(sed -n 1p secrets/redis_password)") " "$SERVER/acl" ;;
    django_secret_key) grep -qx "$2" secrets/django_secret_key ;;
    *) grep -qxF "$(in_use "$1")" secrets/"$1" ;;
  esac
}

@test "SHOP-8 cut off at any moment, readers have a value that works, and the next run finishes" {
  for name in db_app_password postgres_password redis_password django_secret_key; do
    for delay in 0.15 0.35 0.6; do
      old=$(sed -n 1p secrets/$name)
      ops/secrets rotate $name >out 2>&1 9>&- &
      sleep $delay
      kill -9 $! 2>/dev/null || :
      wait $! 2>/dev/null || :
      sleep 0.1
      good_line $name "$old"
      if [ -d secrets/.rotate/$name ]; then
        run -3 ops/secrets check
        [[ "$output" == *"the rotation of $name is not finished — ops/secrets rotate $name"* ]]
        run -0 ops/secrets rotate db_owner_password
        [[ "$output" == *"the rotation of $name is not finished either"* ]]
        run -0 ops/secrets rotate $name
        [[ "$output" == *"finishing the rotation of $name"* ]]
      fi
      good_line $name "$(sed -n 1p secrets/$name)"
    done
    run -0 ops/secrets check
  done
}

@test "SHOP-8 who reads a file at the start only is made again, one after another, and nobody else" {
  sed -i 's/^\(redis_password.*\)-$/\1beat,worker/' ops/data/secrets.tsv
  run -0 ops/secrets rotate redis_password
  [[ "$output" == *"worker: made again, was away for up to "*" s"* && "$output" != *"beat: made again"* ]]
  [ "$(grep -c ' create --no-build --no-recreate ' "$FAKE_LOG")" -eq 1 ]
}

@test "SHOP-8 a file that is newer than the volume is found, not rotated by mistake, and mended by --force" {
  rm -f secrets/db_app_password
  ops/secrets init
  run -3 ops/secrets check
  [[ "$output" == *"db_app_password does not log in: the file is newer than the volume — put the old file back, or ops/secrets rotate db_app_password --force"* ]]
  [[ "$output" == *"backend was started with another db_app_password"* ]]
  run -1 ops/secrets rotate db_app_password
  [[ "$output" == *"--force"* ]]
  run -0 ops/secrets rotate db_app_password --force
  [[ "$output" == *"backend: made again"*"worker: made again"* && "$output" != *"db: made again"* ]]
  run -0 ops/secrets check
}

@test "SHOP-8 the superuser's file is newer than the volume: the one that its container still holds gets in" {
  rm -f secrets/postgres_password
  ops/secrets init
  run -0 ops/secrets rotate db_app_password
  run -0 ops/secrets rotate postgres_password --force
  [ "$(cat "$SERVER/role.postgres")" = "$(cat secrets/postgres_password)" ]
  rm -f secrets/postgres_password
  ops/secrets init
  "$FAKE_ENGINE_ROOM" start db
  run -1 ops/secrets rotate db_app_password
  [[ "$output" == *"postgres_password does not log in, so nobody can change db_app_password"*"rotate postgres_password --force"* ]]
  [ ! -e secrets/.rotate/db_app_password ]
}

@test "HARD-4 no value is ever an argument or in the environment of a program" {
  mkdir spy
  for tool in docker openssl mv chmod mktemp dd sync awk grep sed tr wc date stat cat rm cmp; do
    printf '#!/bin/bash\n{ printf "%%s\\n" "$*"; /usr/bin/env; } >>"%s/seen"\nexec "%s" "$@"\n' "$PWD" "$(command -v "$tool")" >"spy/$tool"
    chmod +x "spy/$tool"
  done
  cp -R secrets before
  for name in db_app_password postgres_password redis_password django_secret_key; do PATH=$PWD/spy:$PATH ops/secrets rotate $name; done
  PATH=$PWD/spy:$PATH ops/secrets retire django_secret_key
  [ -s seen ]
  for file in secrets/[a-z]* before/[a-z]*; do run ! grep -qF -- "$(cat "$file")" seen; done
}

@test "one rotation at a time; a stopped service, a missing file and a wrong name are said" {
  mkdir -p state
  (. ops/lib.sh; load_instance; lock_instance stack; sleep 2) &
  sleep 0.5
  run -75 ops/secrets rotate redis_password
  wait
  FAKE_SERVICES=backend run -1 ops/secrets rotate db_app_password
  [[ "$output" == *"db does not run"*"ops/up"* ]]
  run -2 ops/secrets rotate nothing
  [[ "$output" == *"there are: db_app_password"* ]]
  run -2 ops/secrets rotate
  run -2 ops/secrets check redis_password
  run -2 ops/secrets check --force
}

@test "SHOP-8 leak-check finds a value in a file, in a commit that was taken back, in a message, and tells none" {
  unset FAKE_CONTAINERS
  FAKE_CONTAINERS=''
  git init -q .
  git config user.email a@b && git config user.name a
  printf '/secrets/\n/state/\n' >.gitignore
  git add -A && git commit -qm start
  run -0 ops/secrets leak-check
  value=$(cat secrets/redis_password)
  printf 'x=%s' "$value" >notes && git add notes && git commit -qm notes && git rm -q notes && git commit -qm gone
  git commit -q --allow-empty -m "see $(cat secrets/db_app_password)"
  cat secrets/django_secret_key >>compose.yaml
  run -3 ops/secrets leak-check
  [[ "$output" == *"redis_password is in git: notes"* ]]
  [[ "$output" == *"db_app_password is in git: the message of a commit"* ]]
  [[ "$output" == *"django_secret_key is in compose.yaml"* ]]
  for file in secrets/[a-z]*; do [[ "$output" != *"$(cat "$file")"* ]]; done
}
