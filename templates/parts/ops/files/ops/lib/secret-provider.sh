# shellcheck shell=bash
# Where a secret's value has its home besides its file. Without a provider (lib/secrets.d, the column "provider" of
# ops/data/secrets.tsv) it has none, and nothing here does anything.

# provider_init: before what is missing is made.
provider_init() { :; }

# provider_ready: can it take a new value? Ends the run when not, before anything is begun.
provider_ready() { :; }

# provider_store NAME VALUE: before anything believes in a new value. Ends the run when the provider does not take it.
provider_store() { :; }

# provider_value NAME: what the provider has now, into VALUE.
provider_value() { bad_usage "the secrets of this project are files: there is no provider to take $1 from"; }

# provider_check: findings.
provider_check() { :; }

provider_pull() { bad_usage "the secrets of this project are files: there is nobody to fetch them from"; }
provider_push() { bad_usage "the secrets of this project are files: there is nobody to bring them to"; }

# put_secret NAME FILE: a secret's file from this one, in place where it is there already.
put_secret() {
  if [ -f "$SECRETS/$1" ]; then
    value_of "$2"
    rewrite "$SECRETS/$1" "$VALUE"
    return
  fi
  cat -- "$2" >"$SECRETS/.new.$1"
  settle "$SECRETS/.new.$1" "$1"
  mv -f -- "$SECRETS/.new.$1" "$SECRETS/$1"
}
