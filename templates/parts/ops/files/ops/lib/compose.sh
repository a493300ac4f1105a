# shellcheck shell=bash disable=SC2153
# Docker and Compose: which files, which project, what runs.

L_PROJECT=com.docker.compose.project
L_SERVICE=com.docker.compose.service
# A variable of this name in the caller's environment (some tools have one) is not meant.
MODE=''

# version_at_least HAVE WANT
version_at_least() {
  local have=${1#v} want=${2#v} i a b
  have=${have%%[-+~]*}
  want=${want%%[-+~]*}
  for i in 1 2 3; do
    a=$(printf '%s.0.0' "$have" | cut -d. -f"$i")
    b=$(printf '%s.0.0' "$want" | cut -d. -f"$i")
    case $a$b in *[!0-9]* | '') return 1 ;; esac
    [ "$((10#$a))" -eq "$((10#$b))" ] || { [ "$((10#$a))" -gt "$((10#$b))" ]; return; }
  done
}

need_engine() {
  local reason
  command -v docker >/dev/null 2>&1 || die "docker is not installed" "install Docker Engine $(fact MIN_ENGINE) or later"
  reason=$(docker version --format '{{.Server.Version}}' 2>&1) || die "the Docker engine does not answer: $(printf '%s' "$reason" | tail -n 1)" "ops/preflight$AT"
}

# choose_mode [production|development]: without a word, what COMPOSE_FILE in the instance's .env says.
choose_mode() {
  MODE=${1:-}
  [ -z "$MODE" ] || return 0
  case $(setting COMPOSE_FILE) in
    *compose.production.yaml*) MODE=production ;;
    *) MODE=development ;;
  esac
}

# running_mode: what the containers that exist were made from; empty without any.
running_mode() {
  local files
  files=$(docker ps -a --filter "label=$L_PROJECT=$PROJECT" --format "{{.Label \"$L_PROJECT.config_files\"}}" | sed -n 1p)
  case $files in
    '') ;;
    *compose.production.yaml*) echo production ;;
    *compose.override.yaml*) echo development ;;
    *) echo base ;;
  esac
}

# compose_args: sets DC, the whole "docker compose" command of this instance and MODE.
compose_args() {
  local overlay=compose.override.yaml extra
  [ "$MODE" != production ] || overlay=compose.production.yaml
  DC=(docker compose -p "$PROJECT" --project-directory "$ROOT")
  [ ! -f "$ENV_FILE" ] || DC+=(--env-file "$ENV_FILE")
  [ ! -f "$LOCK_ENV" ] || DC+=(--env-file "$LOCK_ENV")
  # What ops/deploy made live beats what .env says of versions.
  [ ! -f "$STATE/live.env" ] || DC+=(--env-file "$STATE/live.env")
  DC+=(-f "$ROOT/compose.yaml")
  if [ -f "$ROOT/$overlay" ]; then
    DC+=(-f "$ROOT/$overlay")
  elif [ "$MODE" = production ]; then
    die "$overlay is missing" "git checkout -- $overlay"
  fi
  [ -z "$INSTANCE" ] || [ ! -f "$ROOT/instances/$INSTANCE/networks.yaml" ] || DC+=(-f "$ROOT/instances/$INSTANCE/networks.yaml")
  while IFS= read -r extra; do
    [ -z "$extra" ] || DC+=(-f "$(in_root "$extra")")
  done < <(setting COMPOSE_EXTRA | tr : '\n')
}

# dc ARGUMENTS…: docker compose for this instance; needs MODE. Read-only uses take the mode that runs.
dc() {
  [ -n "${MODE:-}" ] || choose_mode "$(running_mode | grep -v base || :)"
  [ -n "${DC+x}" ] || compose_args
  "${DC[@]}" "$@"
}

# container_ids: all containers of this instance, stopped ones too, without "compose run" ones.
container_ids() {
  docker ps -aq --no-trunc --filter "label=$L_PROJECT=$PROJECT" --filter "label=com.docker.compose.oneoff=False"
}

# service_container SERVICE: its first running container; fails without one.
service_container() {
  local id
  id=$(docker ps -q --filter "label=$L_PROJECT=$PROJECT" --filter "label=$L_SERVICE=$1" | sed -n 1p)
  [ -n "$id" ] && printf '%s\n' "$id"
}
