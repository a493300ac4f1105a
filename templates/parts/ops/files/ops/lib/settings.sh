# shellcheck shell=bash
# The project's facts (ops/data), the instance's settings (.env), and which instance is meant.

# need_data FILE…: stops here, since a failure inside a pipe would not.
need_data() {
  local file
  for file in "$@"; do
    [ -f "$DATA/$file" ] || die "ops/data/$file is missing" "git checkout -- ops/data"
  done
}

# rows FILE: the data lines of ops/data/FILE.
rows() {
  sed -e 's/\r$//' -e '/^#/d' -e '/^[[:space:]]*$/d' "$DATA/$1"
}

# dotenv_get FILE KEY: the last assignment wins, as in Compose; fails when there is none. The file is never run.
dotenv_get() {
  local line value found=1
  [ -f "$1" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    line=${line#export }
    case $line in "$2="*) ;; *) continue ;; esac
    value=${line#*=}
    found=0
    case $value in
      \"*) value=${value#\"}; value=${value%%\"*} ;;
      \'*) value=${value#\'}; value=${value%%\'*} ;;
      *) value=${value%%[[:space:]]#*}; value=${value%"${value##*[![:space:]]}"} ;;
    esac
  done <"$1"
  [ "$found" -eq 0 ] && printf '%s\n' "$value"
}

# fact KEY [DEFAULT]: from ops/data/project.env.
fact() {
  dotenv_get "$DATA/project.env" "$1" && return
  [ $# -ge 2 ] || die "ops/data/project.env has no $1" "git checkout -- ops/data"
  printf '%s\n' "$2"
}

# setting KEY [DEFAULT]: environment, then image lock, then the instance's .env: Compose's own order.
setting() {
  local name=$1 value
  value=${!name:-}
  [ -n "$value" ] || value=$(dotenv_get "$LOCK_ENV" "$name" || :)
  [ -n "$value" ] || value=$(dotenv_get "$ENV_FILE" "$name" || :)
  printf '%s\n' "${value:-${2:-}}"
}

# in_root PATH: relative paths are meant from the project's root, as Compose does.
in_root() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$ROOT" "${1#./}" ;;
  esac
}

# shown PATH: short when inside the project.
shown() { printf '%s\n' "${1#"$ROOT"/}"; }

valid_instance_name() {
  [ ${#1} -le 30 ] && [ "$1" != default ] && printf '%s' "$1" | LC_ALL=C grep -Eqx '[a-z0-9]([a-z0-9-]*[a-z0-9])?'
}

# load_instance: sets INSTANCE, ENV_FILE, PROJECT, SECRETS, TLS, STATE. Call it after the options are read.
# shellcheck disable=SC2034 # the callers' variables
load_instance() {
  local home=.
  INSTANCE=${INSTANCE:-}
  [ "$INSTANCE" != default ] || INSTANCE=''
  LOCK_ENV=$ROOT/images.lock.env
  ENV_FILE=$ROOT/.env
  AT=''
  if [ -n "$INSTANCE" ]; then
    valid_instance_name "$INSTANCE" || bad_usage "'$INSTANCE' is no instance name: lower-case letters, digits, '-', at most 30"
    home=./instances/$INSTANCE
    ENV_FILE=$ROOT/instances/$INSTANCE/.env
    AT=" --instance $INSTANCE"
    [ -f "$ENV_FILE" ] || die "there is no instance '$INSTANCE'" "ops/instance new $INSTANCE"
  fi
  PROJECT=$(setting COMPOSE_PROJECT_NAME "$(fact PROJECT_NAME)${INSTANCE:+-$INSTANCE}")
  SECRETS=$(in_root "$(setting SECRETS_DIR "$home/secrets")")
  TLS=$(in_root "$(setting TLS_DIR "$home/tls")")
  STATE=$(in_root "$(setting STATE_DIR "$home/state")")
}

# domains: one a line, from DOMAIN (comma list).
domains() {
  setting DOMAIN localhost | tr -s ', ' '[\n*]' | sed '/^$/d'
}

# first_domain: a name that the edge serves.
first_domain() {
  local name
  name=$(domains | sed -n 1p)
  name=${name#.}
  [ "$name" != '*' ] || name=localhost
  printf '%s\n' "$name"
}

# settings_changed: what other parts do when settings, secrets or certificates were made or changed (lib/settings.d).
settings_changed() {
  local hook
  for hook in "$OPS"/lib/settings.d/*.sh; do
    # shellcheck source=/dev/null
    [ ! -f "$hook" ] || (. "$hook")
  done
}

# project_started: what other parts do when every service is healthy (lib/started.d).
project_started() {
  local hook
  for hook in "$OPS"/lib/started.d/*.sh; do
    # shellcheck source=/dev/null
    [ ! -f "$hook" ] || (. "$hook")
  done
}

# lock_instance NAME [SECONDS]
lock_instance() {
  private_dir "$STATE"
  take_lock "$STATE/$1.lock" "${2:-0}"
}
