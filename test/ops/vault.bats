#!/usr/bin/env bats
# The scripts' side of Vault: what an operator reads, and in which order things happen. The agent is a stand-in here; its own
# requests are in test/e2e/suite/97-vault.
load project

setup() {
  project
  parts vault
  awk -F '\t' -v OFS='\t' '/^#/ { print; next } { print $0, ($2 == "derived" ? "file" : "vault") }' ops/data/secrets.tsv >rows
  printf 'vault_role_id\tgiven\t32\t-\tvault\twho we are\tfile\t-\tfile\nvault_secret_id\tgiven\t32\t-\tvault\tproves it\tfile\t-\tfile\n' >>rows
  printf 'mail_key\tgiven\t32\t-\tbackend\ta provider'"'"'s\tfile\t-\tvault\n' >>rows
  mv rows ops/data/secrets.tsv
  printf 'VAULT_ADDR=https://vault.test:8200\nVAULT_PATH=shop\n' >.env
  export STORE=$BATS_TEST_TMPDIR/store FAKE_SAYS=$BATS_TEST_TMPDIR/says SEEN=$BATS_TEST_TMPDIR/seen
  mkdir "$STORE" bin
  # Docker with one thing to run: the agent, on a folder for a server. FAKE_SAYS: "CODE sentence".
  cat >bin/docker <<'SH'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$SEEN"
case "$*" in
  version*) echo 27.3.1; exit ;;
  *' run '*) ;;
  *) exit 0 ;;
esac
if [ -s "$FAKE_SAYS" ]; then read -r code said <"$FAKE_SAYS"; echo "vault: $said" >&2; exit "$code"; fi
while [ "$1" != vault ]; do shift; done
verb=$2
shift 2
exchange=$PROJECT_DIR/secrets/.exchange
case $verb in
  pull) for name; do [ ! -f "$STORE/$name" ] || cp "$STORE/$name" "$exchange/pull/$name"; done ;;
  create | fill | push)
    for file in "$exchange/$verb"/*; do
      [ -f "$file" ] || continue
      [ "$verb" = push ] || [ ! -f "$STORE/${file##*/}" ] || { echo "vault: ${file##*/} is in Vault already" >&2; exit 15; }
      cp "$file" "$STORE/${file##*/}"
    done
    ;;
esac
[ ! -f "$STORE/.unwrapped" ] || cp "$STORE/.unwrapped" "$exchange/secret_id"
SH
  chmod +x bin/docker
  export PROJECT_DIR PATH=$PWD/bin:$PATH
  printf 'a-key-of-the-mail-provider' >"$STORE/mail_key"
}

let_in() {
  printf 'role' | ops/secrets set vault_role_id
  printf 'hvs.wrapped' | ops/secrets set vault_secret_id
}
says() { printf '%s\n' "$*" >"$FAKE_SAYS"; }
quiet() { rm -f "$FAKE_SAYS"; }

@test "nothing is made before the project is let in" {
  run -1 ops/secrets init
  [[ "$output" == *"vault_role_id is not here yet"*"next: ops/secrets set vault_role_id"* ]]
  [ -z "$(ls secrets)" ]
  let_in
  printf 'VAULT_PATH=shop\n' >.env
  run -1 ops/secrets init
  [[ "$output" == *"VAULT_ADDR is empty"* ]]
}

@test "init makes what neither side has, in Vault first, fetches the rest, and leaves no folder behind" {
  let_in
  run -0 ops/secrets init
  [[ "$output" == *"fetched secrets/mail_key from Vault"* ]]
  [[ "$output" == *"generated secrets/db_app_password, which is in Vault as well"* ]]
  for name in db_app_password db_owner_password django_secret_key postgres_password redis_password mail_key; do
    cmp "secrets/$name" "$STORE/$name"
    [ "$(stat -c %a "secrets/$name")" = 444 ]
  done
  [ ! -e "$STORE/redis_acl" ]
  [ ! -e "$STORE/vault_role_id" ]
  [ -s secrets/redis_acl ]
  [ ! -e secrets/.exchange ]
  rm -rf secrets/db_* secrets/redis_*
  run -0 ops/secrets init
  cmp secrets/db_app_password "$STORE/db_app_password"
  run -0 ops/secrets check
}

@test "two hosts that start at once end with one value" {
  let_in
  # Between the look and the writing another host was faster.
  sed -i 's|  pull) for name|  pull) [ -e "$STORE/.raced" ] \|\| { : >"$STORE/.raced"; printf "%064d" 1 >"$STORE/redis_password"; exit 0; }; for name|' bin/docker
  run -1 ops/secrets init
  [[ "$output" == *"redis_password is in Vault already"*"next: ops/secrets pull"* ]]
  [ ! -e secrets/redis_password ]
  run -0 ops/secrets init
  [ "$(cat secrets/redis_password)" = "$(printf '%064d' 1)" ]
}

@test "a wrapped id that was opened is replaced by what was in it" {
  let_in
  printf '11111111-2222' >"$STORE/.unwrapped"
  ops/secrets init
  [ "$(cat secrets/vault_secret_id)" = 11111111-2222 ]
}

@test "without Vault what is here is used, and what is missing is not made" {
  let_in
  ops/secrets init
  says 11 https://vault.test:8200 is sealed
  run -0 ops/secrets init
  [[ "$output" == *"is sealed. The files in secrets are used"*"next: unseal it"* ]]
  run -3 ops/secrets check
  [[ "$output" == *"is sealed; what runs goes on with the files — unseal it"* ]]
  before=$(cat secrets/db_app_password)
  run -1 ops/secrets rotate django_secret_key
  [[ "$output" == *"is sealed"* ]]
  [ ! -e secrets/.rotate/django_secret_key ]
  rm -f secrets/db_app_password
  run -1 ops/secrets init
  [[ "$output" == *"is sealed; and not here either: db_app_password"* ]]
  [ ! -e secrets/db_app_password ]
  quiet
  run -0 ops/secrets pull
  [ "$(cat secrets/db_app_password)" = "$before" ]
}

@test "each refusal has its own next command" {
  let_in
  ops/secrets init
  while IFS='|' read -r code next; do
    says "$code" refused
    run -1 ops/secrets pull
    [[ "$output" == *"next: $next"* ]]
  done <<'END'
10|look at the server, VAULT_ADDR
12|a new secret id
13|the policy of the role
14|if that was not you, have the secret id revoked
END
}

@test "a value that was changed in Vault is told; one that others give out is renewed" {
  let_in
  ops/secrets init
  printf '%064d' 7 >"$STORE/redis_password"
  printf 'another-key-of-the-provider' >"$STORE/mail_key"
  before=$(cat secrets/redis_password)
  run -3 ops/secrets pull
  [[ "$output" == *"redis_password is another one in Vault than here — ops/secrets rotate redis_password --take"* ]]
  [ "$(cat secrets/redis_password)" = "$before" ]
  [ "$(cat secrets/mail_key)" = another-key-of-the-provider ]
  run -0 ops/secrets push redis_password
  [ "$(cat "$STORE/redis_password")" = "$before" ]
  run -0 ops/secrets check
}

@test "a rotation stores before it begins, keys that sign with their older values, and takes what is there when asked" {
  let_in
  ops/secrets init
  old=$(cat secrets/django_secret_key)
  ROTATE_GRACE=0 run -0 ops/secrets rotate django_secret_key
  cmp secrets/django_secret_key "$STORE/django_secret_key"
  [ "$(sed -n 2p "$STORE/django_secret_key")" = "$old" ]
  run -0 ops/secrets retire django_secret_key
  [ "$(grep -c . "$STORE/django_secret_key")" -eq 1 ]
  cmp secrets/django_secret_key "$STORE/django_secret_key"
  theirs=$(printf '%096d' 3)
  printf '%s' "$theirs" >"$STORE/django_secret_key"
  ROTATE_GRACE=0 run -0 ops/secrets rotate django_secret_key --take
  [ "$(sed -n 1p secrets/django_secret_key)" = "$theirs" ]
  printf 'no hex' >"$STORE/django_secret_key"
  run -1 ops/secrets rotate django_secret_key --take
  [[ "$output" == *"is not hexadecimal"* ]]
}

@test "push brings what Vault lacks and never over another value unasked" {
  let_in
  ops/secrets init
  rm -f "$STORE/db_app_password"
  printf '%064d' 9 >"$STORE/redis_password"
  run -3 ops/secrets push
  [[ "$output" == *"db_app_password is in Vault now"* ]]
  [[ "$output" == *"redis_password is another one in Vault than here"* ]]
  cmp secrets/db_app_password "$STORE/db_app_password"
  [ "$(cat "$STORE/redis_password")" = "$(printf '%064d' 9)" ]
  run -2 ops/secrets push vault_role_id
}

@test "a second instance needs a path of its own" {
  mkdir -p instances/two
  printf 'VAULT_ADDR=https://vault.test:8200\nVAULT_PATH=shop\n' >instances/two/.env
  for name in vault_role_id vault_secret_id; do printf x | ops/secrets set "$name" --instance two; done
  run -1 ops/secrets init --instance two
  [[ "$output" == *"names the path of the first instance"* ]]
}

@test "HARD-4 no value is an argument of docker" {
  let_in
  ops/secrets init
  ROTATE_GRACE=0 ops/secrets rotate django_secret_key
  for file in secrets/[a-z]*; do run ! grep -qF -- "$(head -n 1 "$file")" "$SEEN"; done
  grep -q ' run --rm --no-deps -T vault push' "$SEEN"
}

@test "a project of files has nobody to pull from" {
  rm -rf ops/lib/secrets.d
  run -2 ops/secrets pull
  [[ "$output" == *"the secrets of this project are files"* ]]
  run -2 ops/secrets push
  run -2 ops/secrets init --take
}
