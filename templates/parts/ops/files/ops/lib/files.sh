# shellcheck shell=bash
# Portable file facts (GNU and BSD), temporary files, locks.

file_mode() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1"; }
file_owner() { stat -c %u "$1" 2>/dev/null || stat -f %u "$1"; }
file_mtime() { stat -c %Y "$1" 2>/dev/null || stat -f %m "$1"; }

CLEANUP=()
at_exit() { # COMMAND…: run when the script ends, last one first
  CLEANUP+=("$(printf '%q ' "$@")")
  trap run_cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
run_cleanup() {
  local status=$? i
  for ((i = ${#CLEANUP[@]} - 1; i >= 0; i--)); do eval "${CLEANUP[i]}" || :; done
  return "$status"
}

# work_dir: sets WORK to a private directory that is gone when the script ends.
work_dir() {
  [ -z "${WORK:-}" ] || return 0
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/ops.XXXXXX")
  at_exit rm -rf -- "$WORK"
}

# private_dir DIR [MODE]: makes it, and keeps its contents out of git whatever the project's .gitignore says.
private_dir() {
  mkdir -p -- "$1"
  chmod "${2:-0700}" "$1"
  [ -e "$1/.gitignore" ] || printf '*\n' >"$1/.gitignore"
}

# take_lock FILE [SECONDS-TO-WAIT]: held until the script ends.
take_lock() {
  local file=$1 patience=${2:-0} waited=0 holder
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$file"
    flock -w "$patience" 9 || locked_out "$file"
    return 0
  fi
  until mkdir "$file.d" 2>/dev/null; do
    holder=$(cat "$file.d/pid" 2>/dev/null || :)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      rm -rf -- "$file.d"
      continue
    fi
    [ "$waited" -lt "$patience" ] || locked_out "$file"
    sleep 1
    waited=$((waited + 1))
  done
  echo $$ >"$file.d/pid"
  at_exit rm -rf -- "$file.d"
}
locked_out() {
  note "$ME: another run holds $1"
  note "  next: wait for it to end, then run $ME again"
  exit 75
}

# bounded SECONDS COMMAND…: 124 when it took longer; macOS has no timeout(1).
bounded() {
  local seconds=$1 pid watcher status=0
  shift
  if command -v timeout >/dev/null 2>&1; then
    timeout "$seconds" "$@"
    return
  fi
  "$@" <&0 &
  pid=$!
  (sleep "$seconds" && kill "$pid") >/dev/null 2>&1 &
  watcher=$!
  wait "$pid" || status=$?
  kill "$watcher" 2>/dev/null || status=124
  return "$status"
}

# tcp_open HOST PORT [SECONDS]
tcp_open() {
  # shellcheck disable=SC2016 # the inner shell expands them
  bounded "${3:-1}" bash -c ': <"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}
