# shellcheck shell=bash disable=SC2153
# Vault or OpenBao is the home of the secrets whose column "provider" names the service that fetches them. The files are copies:
# what runs, and what starts again, needs them alone. Values change hands in a folder inside secrets/ that is gone afterwards.

# provided: name, kind and bytes of what has its home there.
provided() { rows secrets.tsv | awk -F '\t' -v OFS='\t' '$9 != "" && $9 != "-" && $9 != "file" { print $1, $2, $3 }'; }

vault_service() { rows secrets.tsv | awk -F '\t' '$9 != "" && $9 != "-" && $9 != "file" && !n++ { print $9 }'; }

exchange_open() {
  local part
  [ -d "$TLS" ] || private_dir "$TLS"
  mkdir -p -- "$TLS/vault"
  # Its user must enter the folders; what is above them keeps others out.
  chmod 0755 "$TLS/vault"
  [ ! -f "$TLS/vault/ca.crt" ] || chmod 0644 "$TLS/vault/ca.crt"
  EXCHANGE=$SECRETS/.exchange
  exchange_close
  at_exit rm -rf -- "$EXCHANGE"
  mkdir "$EXCHANGE"
  for part in pull create fill push; do mkdir "$EXCHANGE/$part"; done
  chmod 0777 "$EXCHANGE" "$EXCHANGE"/*
}
exchange_close() { rm -rf -- "$EXCHANGE"; }

# no_networks: Compose makes all networks of a project to run one service, as the mode of the moment has them, and never changes
# one that is there. Where nothing of the project exists, none may be left: production would start on those of development.
no_networks() {
  local id
  [ -z "$(container_ids)" ] || return 0
  docker network ls -q --filter "label=$L_PROJECT=$PROJECT" | while IFS= read -r id; do docker network rm "$id" >/dev/null 2>&1 || :; done
}

# vault VERB [NAME…]: runs the agent; its exit code, and in SAID the reason for it.
vault() {
  local status=0 name
  for name in vault_role_id vault_secret_id; do
    [ -s "$SECRETS/$name" ] || die "$name is not here yet: without it nobody gets into Vault" "ops/secrets set$AT $name: it asks for the value, or takes it from a pipe"
  done
  [ -n "$(setting VAULT_ADDR)" ] || die "VAULT_ADDR is empty: where is Vault?" "VAULT_ADDR=https://vault.example.com:8200 in $(shown "$ENV_FILE"); docs/operations/vault.md"
  [ -z "$INSTANCE" ] || [ "$(setting VAULT_PATH)" != "$(dotenv_get "$ROOT/.env" VAULT_PATH || :)" ] ||
    die "$(shown "$ENV_FILE") names the path of the first instance" "write another VAULT_PATH into $(shown "$ENV_FILE")"
  command -v docker >/dev/null 2>&1 || die "docker is not installed" "ops/preflight$AT"
  work_dir
  chmod -R a+rX "$EXCHANGE"
  no_networks
  dc run --rm --no-deps -T "$(vault_service)" "$@" >"$WORK/agent" 2>&1 </dev/null || status=$?
  no_networks
  # A wrapped id was opened: from now on the one inside is the one to use, whatever came after.
  if [ -s "$EXCHANGE/secret_id" ]; then
    put_secret vault_secret_id "$EXCHANGE/secret_id"
    rm -f -- "$EXCHANGE/secret_id"
  fi
  SAID=$(sed -n 's/^vault: //p' "$WORK/agent" | tail -n 1)
  [ "$status" -eq 0 ] || [ -n "$SAID" ] || SAID="the agent did not run: $(tail -n 1 "$WORK/agent")"
  return "$status"
}

# vault_mend STATUS: the next command.
vault_mend() {
  case $1 in
    10) echo "look at the server, VAULT_ADDR, its authority ($(shown "$TLS")/vault/ca.crt) and this host's firewall" ;;
    11) echo "unseal it: vault operator unseal, or bao operator unseal" ;;
    12) echo "a new secret id from whoever runs Vault, then ops/secrets set$AT vault_secret_id" ;;
    13) echo "the policy of the role: docs/operations/vault.md" ;;
    14) echo "if that was not you, have the secret id revoked. Then a new one: ops/secrets set$AT vault_secret_id" ;;
    15) echo "ops/secrets pull$AT" ;;
    17) echo "vault kv undelete, or bao kv undelete: a database may know that value and no other. Then the same command again" ;;
    *) echo "docs/operations/vault.md" ;;
  esac
}

# vault_or_die VERB [NAME…]
vault_or_die() {
  local status=0
  vault "$@" || status=$?
  [ "$status" -eq 0 ] || die "$SAID" "$(vault_mend "$status")"
}

# names: those that have their home there, one a word.
names() { provided | cut -f 1 | tr '\n' ' '; }

# missing_here: those whose file is not there.
missing_here() {
  local name
  for name in $(names); do [ -s "$SECRETS/$name" ] || printf '%s ' "$name"; done
}

# compare: DIFFER is what has another value there, ABSENT what is not there, of what is here.
compare() {
  local name
  DIFFER='' ABSENT=''
  for name in $(names); do
    if [ ! -s "$SECRETS/$name" ] || [ -d "$SECRETS/.rotate/$name" ]; then continue
    elif [ ! -s "$EXCHANGE/pull/$name" ]; then ABSENT="$ABSENT $name"
    elif ! cmp -s "$SECRETS/$name" "$EXCHANGE/pull/$name"; then DIFFER="$DIFFER $name"; fi
  done
}

# differences: findings. A value that a server knows cannot simply be replaced in its file.
differences() {
  local name
  for name in $DIFFER; do
    finding "$name is another one in Vault than here" "ops/secrets rotate$AT $name --take brings Vault's everywhere, ops/secrets push$AT $name brings this one there"
  done
  for name in $ABSENT; do finding "$name is not in Vault" "ops/secrets push$AT $name"; done
}

# place: what is missing comes into its file, what others give out is renewed in it, and what neither side has is made: in
# Vault first. Sets CHANGED.
place() {
  local name kind bytes made=''
  while IFS=$'\t' read -r name kind bytes <&3; do
    if [ -s "$EXCHANGE/pull/$name" ]; then
      if [ ! -s "$SECRETS/$name" ]; then
        put_secret "$name" "$EXCHANGE/pull/$name"
        say "fetched $(shown "$SECRETS/$name") from Vault"
        CHANGED=yes
      elif [ "$kind" = given ] && ! cmp -s "$SECRETS/$name" "$EXCHANGE/pull/$name"; then
        put_secret "$name" "$EXCHANGE/pull/$name"
        say "$name is another one in Vault: that is in $(shown "$SECRETS/$name") now"
        CHANGED=yes
      fi
    elif [ ! -s "$SECRETS/$name" ] && [ "$kind" != given ]; then
      content "$kind" "$bytes" - >"$EXCHANGE/create/$name"
      made="$made $name"
    fi
  done 3< <(provided)
  [ -n "$made" ] || return 0
  vault_or_die create
  for name in $made; do
    put_secret "$name" "$EXCHANGE/create/$name"
    cat -- "$EXCHANGE/create/$name" >"$EXCHANGE/pull/$name"
    say "generated $(shown "$SECRETS/$name"), which is in Vault as well"
    CHANGED=yes
  done
}

provider_init() {
  local status=0 missing age CHANGED=''
  exchange_open
  missing=$(missing_here)
  # shellcheck disable=SC2046 # one argument per name
  vault pull $(names) || status=$?
  if [ "$status" -ne 0 ]; then
    [ -z "$missing" ] || die "$SAID; and not here either: ${missing% }" "$(vault_mend "$status")"
    set -- "$(names)"
    age=$((($(date +%s) - $(file_mtime "$SECRETS/${1%% *}")) / 86400))
    note "$ME: $SAID. The files in $(shown "$SECRETS") are used; ${1%% *} is $age days old"
    note "  next: $(vault_mend "$status")"
  else
    place
    compare
    [ -z "$DIFFER" ] || note "$ME: Vault has other values, and the files stay as they are:$DIFFER. ops/secrets pull$AT says what to do"
    [ -z "$ABSENT" ] || note "$ME: not in Vault:$ABSENT. ops/secrets push$AT brings them there"
  fi
  exchange_close
  [ -z "$CHANGED" ] || settings_changed
}

provider_pull() {
  local CHANGED=''
  exchange_open
  # shellcheck disable=SC2046
  vault_or_die pull $(names)
  place
  compare
  exchange_close
  [ -z "$CHANGED" ] || settings_changed
  differences
  stop_on_findings
  say "the files in $(shown "$SECRETS") are what Vault has"
}

provider_check() {
  local status=0
  [ -z "$(missing_here)" ] && [ -s "$SECRETS/vault_role_id" ] && [ -s "$SECRETS/vault_secret_id" ] || return 0
  exchange_open
  # shellcheck disable=SC2046
  vault pull $(names) || status=$?
  if [ "$status" -ne 0 ]; then
    finding "$SAID; what runs goes on with the files" "$(vault_mend "$status")"
  else
    compare
    differences
  fi
  exchange_close
}

# shellcheck disable=SC2034 # the caller's
provider_value() {
  exchange_open
  vault_or_die pull "$1"
  [ -s "$EXCHANGE/pull/$1" ] || die "$1 is not in Vault" "ops/secrets push$AT $1"
  value_of "$EXCHANGE/pull/$1"
  exchange_close
}

provider_ready() {
  exchange_open
  vault_or_die look
  exchange_close
}

provider_store() {
  case " $(names)" in *" $1 "*) ;; *) return 0 ;; esac
  exchange_open
  printf '%s' "$2" >"$EXCHANGE/push/$1"
  vault_or_die push
  exchange_close
}

# provider_push: without a name what Vault lacks; with one, that value over the one there.
provider_push() {
  local name brought=''
  if [ -n "$NAME" ]; then
    case " $(names)" in *" $NAME "*) ;; *) bad_usage "$NAME is a file here and nowhere else" ;; esac
    [ -s "$SECRETS/$NAME" ] || die "$(shown "$SECRETS/$NAME") is missing" "ops/secrets pull$AT"
    [ ! -d "$SECRETS/.rotate/$NAME" ] || die "the rotation of $NAME is not finished" "ops/secrets rotate$AT $NAME"
    value_of "$SECRETS/$NAME"
    provider_store "$NAME" "$VALUE"
    say "$NAME is in Vault as it is here"
    return
  fi
  exchange_open
  # shellcheck disable=SC2046
  vault_or_die pull $(names)
  compare
  for name in $ABSENT; do
    cat -- "$SECRETS/$name" >"$EXCHANGE/fill/$name"
    brought="$brought $name"
  done
  [ -z "$brought" ] || vault_or_die fill
  exchange_close
  for name in $brought; do say "$name is in Vault now"; done
  ABSENT=''
  differences
  stop_on_findings
  say "Vault has what is in $(shown "$SECRETS")"
}
