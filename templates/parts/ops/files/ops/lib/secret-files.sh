# shellcheck shell=bash
# The secret files: what is in them, how one is made, how one is rewritten. Values stay in the shell: never an argument
# of a program, never a variable of its environment.

# value_of FILE: into VALUE, by the shell itself; every line of it.
value_of() { VALUE=$(<"$1"); }

# first_of FILE: the value to use, into VALUE.
first_of() { value_of "$1" && VALUE=${VALUE%%$'\n'*}; }

# lines_of FILE: its values into LINES, the one to use first.
lines_of() {
  local line
  LINES=()
  while IFS= read -r line || [ -n "$line" ]; do
    [ -z "$line" ] || LINES+=("$line")
  done <"$1"
}

# secret_row NAME: sets KIND, BYTES, DERIVE, CONSUMERS, ROTATE, RECREATE; fails when there is no such secret.
# shellcheck disable=SC2034 # the callers' variables
secret_row() {
  local name _
  while IFS=$'\t' read -r name KIND BYTES DERIVE CONSUMERS _ ROTATE RECREATE; do
    [ "$name" != "$1" ] || return 0
  done < <(rows secrets.tsv)
  return 1
}

# acl_of EXTRA PASSWORD…: the Redis ACL in which these passwords are good; only their SHA-256 is written.
# FLUSHDB, KEYS and INFO are in @dangerous, and caches and queues call them. ACL LOAD reads this file again, no more.
acl_of() {
  local extra=${1:-+info +keys +flushdb} password digest digests=''
  shift
  for password in "$@"; do
    digest=$(printf '%s' "$password" | openssl dgst -sha256 -r)
    digests="$digests #${digest%% *}"
  done
  printf 'user default off\n'
  printf 'user app on%s ~* &* +@all -@admin -@dangerous %s +acl|load\n' "$digests" "$extra"
  printf 'user health on nopass resetkeys resetchannels -@all +ping\n'
}

# derived DERIVE [PASSWORD…]: what the derived file must hold. DERIVE is rule:source[:parameter]; without passwords
# those of the source.
derived() {
  local rule=${1%%:*} rest=${1#*:}
  local source=${rest%%:*} parameter=''
  [ "$rest" = "$source" ] || parameter=${rest#*:}
  shift
  if [ $# -eq 0 ]; then
    [ -s "$SECRETS/$source" ] || die "$rule needs the secret $source, which is missing" "ops/secrets init$AT"
    lines_of "$SECRETS/$source"
    set -- "${LINES[@]}"
  fi
  case $rule in
    redis-acl) acl_of "$parameter" "$@" ;;
    *) die "ops/data/secrets.tsv: unknown rule '$rule'" "git checkout -- ops/data" ;;
  esac
}

# content KIND BYTES DERIVE: on stdout.
content() {
  case $1 in
    hex) VALUE=$(openssl rand -hex "$2") && printf '%s' "$VALUE" ;;
    base64) openssl rand -base64 "$2" | tr -d '\n' ;;
    derived) derived "$3" ;;
    *) die "ops/data/secrets.tsv: unknown kind '$1'" "git checkout -- ops/data" ;;
  esac
}

generate() { # NAME KIND BYTES DERIVE
  local temporary
  temporary=$(mktemp "$SECRETS/.new.XXXXXX")
  at_exit rm -f -- "$temporary"
  content "$2" "$3" "$4" >"$temporary"
  [ -s "$temporary" ] || die "nothing was generated for $1" "openssl rand -hex 4"
  chmod 0444 "$temporary"
  mv -n -- "$temporary" "$SECRETS/$1"
}

# rewrite FILE CONTENT: in place, because a container keeps the file that it was started with, whatever has its name
# now. One write, padded with line ends to the old length; only then the rest is cut off.
rewrite() {
  local LC_ALL=C size pad=''
  size=$(wc -c <"$1")
  [ "${#2}" -ge "$size" ] || { printf -v pad '%*s' $((size - ${#2})) ''; pad=${pad// /$'\n'}; }
  chmod u+w "$1" || die "$(shown "$1") is not yours" "chown it to yourself: $(shown "$1")"
  printf '%s%s' "$2" "$pad" 1<>"$1"
  [ -z "$pad" ] || dd if=/dev/null of="$1" bs=1 seek="${#2}" 2>/dev/null
  chmod 0444 "$1"
}
