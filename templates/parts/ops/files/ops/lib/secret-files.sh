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

# secret_row NAME: sets KIND, BYTES, DERIVE, CONSUMERS, ROTATE, RECREATE, PROVIDER; fails when there is no such secret.
# shellcheck disable=SC2034 # the callers' variables
secret_row() {
  local name _
  while IFS=$'\t' read -r name KIND BYTES DERIVE CONSUMERS _ ROTATE RECREATE PROVIDER _; do
    [ "$name" != "$1" ] || return 0
  done < <(rows secrets.tsv)
  return 1
}

# hashes NAME CHANGED PASSWORD…: SHA-256 of what lets a user in: the values of the secret NAME, or these where it is CHANGED.
hashes() {
  local name=$1 changed=$2 password digest
  shift 2
  if [ "$name" != "$changed" ]; then
    [ -s "$SECRETS/$name" ] || die "the ACL needs the secret $name, which is missing" "ops/secrets init$AT"
    lines_of "$SECRETS/$name"
    set -- "${LINES[@]}"
  fi
  for password in "$@"; do
    digest=$(printf '%s' "$password" | openssl dgst -sha256 -r)
    printf ' #%s' "${digest%% *}"
  done
}

# acl_users: secret, user and rights of each further user of the ACL (rotate: redis-acl:service:user:rights).
acl_users() {
  rows secrets.tsv | awk -F '\t' '$7 ~ /^redis-acl:/ { n = split($7, part, ":"); if (n == 4) print $1 "\t" part[3] "\t" part[4] }'
}

# acl_of EXTRA SOURCE [CHANGED PASSWORD…]: the Redis ACL. Of the secret CHANGED these passwords are good, of the others those in
# their files; only SHA-256 is written. FLUSHDB, KEYS and INFO are in @dangerous, and caches and queues call them. ACL LOAD
# reads this file again, no more.
acl_of() {
  local extra=${1:-+info +keys +flushdb} source=$2 changed=${3:-} name user may
  shift 2
  [ $# -eq 0 ] || shift
  printf 'user default off\n'
  printf 'user app on%s ~* &* +@all -@admin -@dangerous %s +acl|load\n' "$(hashes "$source" "$changed" "$@")" "$extra"
  printf 'user health on nopass resetkeys resetchannels -@all +ping\n'
  acl_users | while IFS=$'\t' read -r name user may; do
    printf 'user %s on%s resetchannels %s\n' "$user" "$(hashes "$name" "$changed" "$@")" "$may"
  done
}

# acl_lacks FILE: an ACL of before a further user was asked for.
acl_lacks() {
  local name user _
  while IFS=$'\t' read -r name user _; do
    grep -q "^user $user " "$1" || return 0
  done < <(acl_users)
  return 1
}

# derived DERIVE [NAME PASSWORD…]: what the derived file must hold, with these as the values of NAME. DERIVE is
# rule:source[:parameter].
derived() {
  local rule=${1%%:*} rest=${1#*:}
  local source=${rest%%:*} parameter=''
  [ "$rest" = "$source" ] || parameter=${rest#*:}
  shift
  case $rule in
    redis-acl) acl_of "$parameter" "$source" "$@" ;;
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

# mode_of NAME: the mode its file must have. A key that a server wants for itself alone is its own, where we may say so (root); elsewhere
# the folder, which only you enter, guards it as all others.
mode_of() {
  local uid
  uid=$(rows secrets.tsv | awk -F '\t' -v n="$1" '$1 == n { print $11 }')
  case $uid in
    '' | - ) echo 444 ;;
    *) if [ "$(id -u)" -eq 0 ]; then echo "400 $uid"; else echo 444; fi ;;
  esac
}

# settle FILE NAME: gives it this mode, and this owner.
settle() {
  local mode uid
  read -r mode uid <<<"$(mode_of "$2")"
  [ -z "$uid" ] || chown "$uid:$uid" "$1"
  chmod "0$mode" "$1"
}

# settle_brought FILE: one that came from another host, where another user may have run the scripts.
settle_brought() {
  local name
  name=$(basename -- "$1")
  if [ "$1" = "$SECRETS/$name" ] && secret_row "$name"; then settle "$1" "$name"; fi
}

generate() { # NAME KIND BYTES DERIVE
  local temporary
  temporary=$(mktemp "$SECRETS/.new.XXXXXX")
  at_exit rm -f -- "$temporary"
  content "$2" "$3" "$4" >"$temporary"
  [ -s "$temporary" ] || die "nothing was generated for $1" "openssl rand -hex 4"
  settle "$temporary" "$1"
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
  settle "$1" "$(basename -- "$1")"
}
